/**
 * Do the irises move in the head while it turns? Somebody who looks at something turns his eyes against his head; the
 * eyes of a warped photograph stay where they were. Two estimates per frame: centre of the dark between the lids, and
 * where the neutral eye is found again. Method and constants: docs/evaluation.md.
 */
import { assessed, failed, type Measurement } from '@ipse/protocol'
import type { FaceMesh, Image } from '../types.ts'
import { EYE_WIDTH, type EyePatch, eyePatches, PATCH_HEIGHT, PATCH_WIDTH } from './eye-patch.ts'

/** Narrower eyes carry too few pixels of iris. */
const MIN_EYE_PX = 20
/** Frames whose eyes are less open than this share of the median are blinks. */
const OPEN_SHARE = 0.8
/** Yaw change beyond which eyes are not seen well, and the least span and number of frames, degrees. */
const MAX_YAW_DEG = 30
const MIN_SPAN_DEG = 10
const MIN_FRAMES = 5
/** What perspective alone does to the two estimates, eye widths per 10° (docs/evaluation.md). */
const BIAS = { dark: 0.008, match: 0.01 }
/** Share of the darkest pixels between the lids that vote. */
const DARK_SHARE = 0.45
/** The part of the neutral eye that is found again, patch pixels, and how far it is sought. */
const STRIP = { width: 36, height: 16, reach: 12 }
/** Coupling at which the score is one half, eye widths per 10° (docs/evaluation.md). */
const HALF = 0.02

interface Look {
  readonly yawDeg: number
  readonly openness: number
  /** Eye widths to the image's right, from the middle of the eye and from the neutral eye. */
  readonly dark: number
  readonly match: number
}

/** Collects the frames of a turn. */
export class GazeTrack {
  private readonly reference: readonly [EyePatch, EyePatch]
  private readonly neutralYaw: number
  private readonly looks: Look[] = []

  constructor(image: Image, { landmarks, pose }: Pick<FaceMesh, 'landmarks' | 'pose'>) {
    this.reference = eyePatches(image, landmarks)
    this.neutralYaw = pose.yawDeg
  }

  follow(image: Image, mesh: Pick<FaceMesh, 'landmarks' | 'pose' | 'eyeOpenness'>): void {
    const yawDeg = mesh.pose.yawDeg - this.neutralYaw
    if (!(Math.abs(yawDeg) <= MAX_YAW_DEG)) return
    const eyes = eyePatches(image, mesh.landmarks)
    if (eyes.some(({ widthPx }) => !(widthPx >= MIN_EYE_PX))) return
    const dark = mean(eyes.map(darkCentre))
    const match = mean(eyes.map((eye, i) => shiftOf(this.reference[i], eye)))
    if (Number.isFinite(dark) && Number.isFinite(match))
      this.looks.push({ yawDeg, openness: mesh.eyeOpenness, dark, match })
  }

  /** Mean of the two |slope − bias|, eye widths per 10° of yaw. High: the eyes move in the head. */
  coupling(): Measurement {
    const open = median(this.looks.map(({ openness }) => openness))
    const seen = this.looks.filter(({ openness }) => openness >= OPEN_SHARE * open)
    const yaws = seen.map(({ yawDeg }) => yawDeg)
    if (this.reference.some(({ widthPx }) => !(widthPx >= MIN_EYE_PX))) return failed('face-too-small')
    if (seen.length < MIN_FRAMES) return failed('too-few-frames')
    if (Math.max(...yaws) - Math.min(...yaws) < MIN_SPAN_DEG) return failed('pose-out-of-range')
    const dark = Math.abs(
      slopePer10(
        yaws,
        seen.map((look) => look.dark),
      ) - BIAS.dark,
    )
    const match = Math.abs(
      slopePer10(
        yaws,
        seen.map((look) => look.match),
      ) - BIAS.match,
    )
    const native = (dark + match) / 2
    return assessed(native, native / (native + HALF))
  }
}

/** Where the dark lies between the lids, eye widths to the right of the middle; NaN for a closed eye. */
function darkCentre({ grey, open }: EyePatch): number {
  const values = between(grey, open).sort()
  const limit = values[Math.floor(DARK_SHARE * values.length)]
  let [sum, weights] = [0, 0]
  for (let i = 0; i < grey.length; i++) {
    if (open[i] === 0 || !(grey[i] < limit)) continue
    sum += (limit - grey[i]) * ((i % PATCH_WIDTH) - PATCH_WIDTH / 2)
    weights += limit - grey[i]
  }
  return sum / weights / EYE_WIDTH
}

function between(grey: Float32Array, open: Uint8Array): Float32Array {
  const values = new Float32Array(grey.length)
  let count = 0
  for (let i = 0; i < grey.length; i++) if (open[i] === 1) values[count++] = grey[i]
  return values.subarray(0, count)
}

/** By how much the middle of the neutral eye lies further right in this one, eye widths. */
function shiftOf(reference: EyePatch, eye: EyePatch): number {
  const { width, height, reach } = STRIP
  const left = (PATCH_WIDTH - width) / 2
  const scores = Float64Array.from({ length: 2 * reach + 1 }, (_, k) =>
    correlation(reference.grey, left, eye.grey, left + k - reach, width, height),
  )
  let best = 1
  for (let k = 1; k < 2 * reach; k++) if (scores[k] > scores[best]) best = k
  const [before, at, after] = [scores[best - 1], scores[best], scores[best + 1]]
  const curve = before - 2 * at + after
  return (best - reach + (curve < 0 ? (before - after) / (2 * curve) : 0)) / EYE_WIDTH
}

/** Normalised cross-correlation of two strips on the middle rows. */
function correlation(
  a: Float32Array,
  aLeft: number,
  b: Float32Array,
  bLeft: number,
  width: number,
  height: number,
): number {
  let [sa, sb, aa, bb, ab] = [0, 0, 0, 0, 0]
  const top = (PATCH_HEIGHT - height) / 2
  for (let v = top; v < top + height; v++) {
    for (let u = 0; u < width; u++) {
      const p = a[v * PATCH_WIDTH + aLeft + u]
      const q = b[v * PATCH_WIDTH + bLeft + u]
      sa += p
      sb += q
      aa += p * p
      bb += q * q
      ab += p * q
    }
  }
  const n = width * height
  return (ab - (sa * sb) / n) / Math.sqrt((aa - (sa * sa) / n) * (bb - (sb * sb) / n))
}

function slopePer10(x: readonly number[], y: readonly number[]): number {
  const [mx, my] = [mean(x), mean(y)]
  let [xy, xx] = [0, 0]
  for (let i = 0; i < x.length; i++) {
    xy += (x[i] - mx) * (y[i] - my)
    xx += (x[i] - mx) ** 2
  }
  return (10 * xy) / xx
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}
