/**
 * How well the depth of the face mesh explains what the corners did in a turn. A photograph that was warped over such a
 * mesh is explained too well; real skin, lit and soft, is not (docs/evaluation.md). A hint, never a proof: it depends
 * on the mesh network, and somebody with a better model of the head passes.
 */
import { assessed, failed, type Measurement } from '@ipse/protocol'
import { type Crop, toTrack } from './crop.ts'
import { MIN_SURVIVORS } from './planarity.ts'
import type { TrackPairs } from './tracker.ts'
import { fitTrimmed } from './trim.ts'

export interface Structure {
  /** What an affine map of (x, y, depth) leaves over, RMS of the best 90 %, outer-eye distances. High: real skin. */
  readonly residual: Measurement
  /** Share of the parallax that the mesh's depth explains, 1 − (residual / residual without depth)², at most 1. */
  readonly explained: Measurement
}

/** Native values at which the scores are one half (docs/evaluation.md). */
const HALF = { residual: 0.018, explained: 0.6 }
/** Mesh vertices whose depth a corner takes on, the nearer the more. */
const NEIGHBOURS = 3

/**
 * @param pairs corners at the neutral and at the turned frame, track pixels
 * @param landmarks 468 × (x, y, z) of the neutral frame, image pixels
 * @param scale track pixels per image pixel
 * @param outerEyeDistancePx of the neutral face in track pixels
 */
export function structure(
  { from, to }: TrackPairs,
  landmarks: Float32Array,
  scale: Crop['scale'],
  outerEyeDistancePx: number,
): Structure {
  const count = from.length / 2
  const unknown = failed('too-few-points')
  if (count < MIN_SURVIVORS) return { residual: unknown, explained: unknown }
  const depths = Float64Array.from(
    { length: count },
    (_, i) => scale * depthAt(landmarks, from[2 * i], from[2 * i + 1], scale),
  )
  const deep = affineRms(from, to, depths)
  const flat = affineRms(from, to, undefined)
  if (deep === undefined || flat === undefined || !(flat > 0))
    return { residual: unknown, explained: unknown }
  const residual = deep / outerEyeDistancePx
  const explained = 1 - (deep / flat) ** 2
  return {
    residual: assessed(residual, residual / (residual + HALF.residual)),
    explained: assessed(explained, Math.max(0, Math.min(1, explained))),
  }
}

/** Depth of the mesh under a track pixel, image pixels: mean of the nearest vertices by inverse distance. */
function depthAt(landmarks: Float32Array, x: number, y: number, scale: number): number {
  const distances = new Float64Array(NEIGHBOURS).fill(Number.POSITIVE_INFINITY)
  const depths = new Float64Array(NEIGHBOURS)
  for (let i = 0; i < landmarks.length; i += 3) {
    const squared = (toTrack(landmarks[i], scale) - x) ** 2 + (toTrack(landmarks[i + 1], scale) - y) ** 2
    if (!(squared < distances[NEIGHBOURS - 1])) continue
    let at = NEIGHBOURS - 1
    for (; at > 0 && distances[at - 1] > squared; at--) {
      distances[at] = distances[at - 1]
      depths[at] = depths[at - 1]
    }
    distances[at] = squared
    depths[at] = landmarks[i + 2]
  }
  let [sum, weights] = [0, 0]
  for (let k = 0; k < NEIGHBOURS; k++) {
    const weight = 1 / (Math.sqrt(distances[k]) + 1)
    sum += weight * depths[k]
    weights += weight
  }
  return sum / weights
}

interface Affine {
  readonly x: Float64Array
  readonly y: Float64Array
}

/** RMS of the best 90 % under (x, y, depth, 1) → (x', y'); without depths under (x, y, 1). */
function affineRms(
  from: Float64Array,
  to: Float64Array,
  depths: Float64Array | undefined,
): number | undefined {
  const terms = depths ? 4 : 3
  const row = new Float64Array(terms)
  const fill = (i: number): void => {
    row[0] = 1
    row[1] = from[2 * i] - from[0]
    row[2] = from[2 * i + 1] - from[1]
    if (depths) row[3] = depths[i] - depths[0]
  }
  const predict = (weights: Float64Array): number =>
    weights.reduce((sum, weight, k) => sum + weight * row[k], 0)
  const fitted = fitTrimmed<Affine>(
    from.length / 2,
    (indices) => {
      const normal = new Float64Array(terms * terms)
      const right = [new Float64Array(terms), new Float64Array(terms)]
      for (const i of indices) {
        fill(i)
        for (let r = 0; r < terms; r++) {
          for (let c = 0; c < terms; c++) normal[r * terms + c] += row[r] * row[c]
          right[0][r] += row[r] * to[2 * i]
          right[1][r] += row[r] * to[2 * i + 1]
        }
      }
      const [x, y] = [solve(normal, right[0]), solve(normal, right[1])]
      return x && y ? { x, y } : undefined
    },
    (model, out) => {
      for (let i = 0; i < out.length; i++) {
        fill(i)
        out[i] = (predict(model.x) - to[2 * i]) ** 2 + (predict(model.y) - to[2 * i + 1]) ** 2
      }
    },
  )
  return fitted?.rms
}

/** Gaussian elimination with column pivots; undefined when the system does not determine an answer. */
function solve(matrix: Float64Array, right: Float64Array): Float64Array | undefined {
  const n = right.length
  const a = matrix.slice()
  const b = right.slice()
  for (let k = 0; k < n; k++) {
    let pivot = k
    for (let r = k + 1; r < n; r++) if (Math.abs(a[r * n + k]) > Math.abs(a[pivot * n + k])) pivot = r
    if (!(Math.abs(a[pivot * n + k]) > 1e-9)) return undefined
    for (let c = 0; c < n; c++) {
      const held = a[k * n + c]
      a[k * n + c] = a[pivot * n + c]
      a[pivot * n + c] = held
    }
    const held = b[k]
    b[k] = b[pivot]
    b[pivot] = held
    for (let r = 0; r < n; r++) {
      if (r === k) continue
      const factor = a[r * n + k] / a[k * n + k]
      for (let c = k; c < n; c++) a[r * n + c] -= factor * a[k * n + c]
      b[r] -= factor * b[k]
    }
  }
  return b.map((value, k) => value / a[k * n + k])
}
