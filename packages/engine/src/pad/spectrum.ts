/**
 * Lines in the spectrum of a face: the beat of a display's pixels with the sensor's, and the dots of a print. Above 6 a
 * display close to the camera is likely, below nothing is known: none of four real replays showed (docs/evaluation.md).
 */
import { assessed, failed, type Measurement } from '@ipse/protocol'
import type { Box, Image } from '../types.ts'
import { type Spectrum, transform } from './fourier.ts'

/** Side of a patch, pixels. */
const SIDE = 128
/** Radii that are searched, cycles per patch: below is the shape of things, above the corners of the square. */
const INNER = 12
const OUTER = 62
/** Bands of "middle" and "finest" detail, cycles per patch. */
const MIDDLE = [14, 26] as const
const FINEST = [48, 62] as const
/** Prominence at which the scores are one half: what speaks for a display (docs/evaluation.md). */
const HALF = 6
/** Where the patches' centres lie in the face box. */
const CENTRES = [
  [0.5, 0.5],
  [0.2, 0.2],
  [0.8, 0.2],
  [0.2, 0.8],
  [0.8, 0.8],
] as const

export interface SpectralSigns {
  readonly spectralPeak: Measurement
  readonly halftonePeak: Measurement
  readonly fineDetail: Measurement
}

export function spectralSigns(image: Image, box: Box): SpectralSigns {
  if (Math.min(image.width, image.height) < SIDE) {
    const small = failed('face-too-small')
    return { spectralPeak: small, halftonePeak: small, fineDetail: small }
  }
  const patches = CENTRES.map(([x, y]) => look(cut(image, box.x + x * box.width, box.y + y * box.height)))
  const middle = (pick: (patch: Lines) => number): number =>
    patches.map(pick).sort((a, b) => a - b)[patches.length >> 1]
  const [peak, halftone, detail] = [middle((p) => p.peak), middle((p) => p.halftone), middle((p) => p.detail)]
  return {
    spectralPeak: assessed(peak, peak / (peak + HALF)),
    halftonePeak: assessed(halftone, halftone / (halftone + HALF)),
    fineDetail: assessed(detail, Math.max(0, Math.min(1, 1 + detail / 4))),
  }
}

const WINDOW = Float64Array.from(
  { length: SIDE },
  (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / SIDE),
)

/** A square of green around a place, without its mean, windowed (Hann). */
function cut({ width, height, data }: Image, centreX: number, centreY: number): Spectrum {
  const place = (centre: number, length: number): number =>
    Math.max(0, Math.min(length - SIDE, Math.round(centre - SIDE / 2)))
  const [left, top] = [place(centreX, width), place(centreY, height)]
  const re = new Float64Array(SIDE * SIDE)
  let mean = 0
  for (let y = 0, i = 0; y < SIDE; y++)
    for (let x = 0, at = 3 * ((top + y) * width + left) + 1; x < SIDE; x++, i++, at += 3) {
      re[i] = data[at]
      mean += data[at] / (SIDE * SIDE)
    }
  for (let y = 0, i = 0; y < SIDE; y++)
    for (let x = 0; x < SIDE; x++, i++) re[i] = (re[i] - mean) * WINDOW[x] * WINDOW[y]
  return { side: SIDE, re, im: new Float64Array(SIDE * SIDE) }
}

/** Half of the plane, by rings: the spectrum of real values is symmetric. */
const RINGS: readonly Int32Array[] = (() => {
  const rings: number[][] = Array.from({ length: OUTER + 1 }, () => [])
  for (let v = 0; v <= SIDE / 2; v++)
    for (let u = -SIDE / 2 + 1; u <= SIDE / 2; u++) {
      if (v === 0 && u <= 0) continue
      const radius = Math.round(Math.hypot(u, v))
      // The axes carry the 8 × 8 blocks of JPEG.
      if (radius >= INNER && radius <= OUTER && u !== 0 && v !== 0) rings[radius].push(indexOf(u, v))
    }
  return rings.map((ring) => Int32Array.from(ring))
})()

function indexOf(u: number, v: number): number {
  return ((v + SIDE) % SIDE) * SIDE + ((u + SIDE) % SIDE)
}

interface Lines {
  readonly peak: number
  readonly halftone: number
  readonly detail: number
}

function look(patch: Spectrum): Lines {
  transform(patch)
  const prominence = new Float32Array(SIDE * SIDE)
  const medians = new Float64Array(OUTER + 1)
  let peak = 0
  for (let radius = INNER; radius <= OUTER; radius++) {
    const ring = RINGS[radius]
    const levels = levelsOf(patch, ring)
    const median = middleOf(levels.slice())
    const spread = Math.max(1e-3, middleOf(distances(levels, median)))
    medians[radius] = median
    for (let k = 0; k < ring.length; k++) {
      const above = (levels[k] - median) / spread
      prominence[ring[k]] = above
      if (above > peak) peak = above
    }
  }
  let halftone = 0
  for (let radius = INNER; radius <= OUTER; radius++)
    for (const i of RINGS[radius])
      halftone = Math.max(halftone, Math.min(prominence[i], prominence[turned(i)]))
  return { peak, halftone, detail: meanOf(medians, FINEST) - meanOf(medians, MIDDLE) }
}

/** Logarithms of the magnitudes of a ring. */
function levelsOf({ re, im }: Spectrum, ring: Int32Array): Float64Array {
  const levels = new Float64Array(ring.length)
  for (let k = 0; k < ring.length; k++) {
    const i = ring[k]
    levels[k] = Math.log(re[i] * re[i] + im[i] * im[i] + 1e-6) / 2
  }
  return levels
}

function distances(values: Float64Array, from: number): Float64Array {
  const out = new Float64Array(values.length)
  for (let k = 0; k < values.length; k++) out[k] = Math.abs(values[k] - from)
  return out
}

/** The place at a right angle to another, in the half that is kept. */
function turned(index: number): number {
  const signed = (k: number): number => (k > SIDE / 2 ? k - SIDE : k)
  const u = signed(index % SIDE)
  const v = signed(Math.floor(index / SIDE))
  return u > 0 ? indexOf(-v, u) : indexOf(v, -u)
}

function middleOf(values: Float64Array): number {
  return values.sort()[values.length >> 1]
}

function meanOf(values: Float64Array, [from, to]: readonly [number, number]): number {
  let sum = 0
  for (let i = from; i <= to; i++) sum += values[i]
  return sum / (to - from + 1)
}
