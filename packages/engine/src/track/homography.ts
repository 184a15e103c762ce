/**
 * The motion of a plane between two views: a 3 × 3 homography by the normalised direct linear transform.
 * Source: R. Hartley, A. Zisserman, Multiple View Geometry, algorithm 4.2.
 */
import { smallestEigenvector } from './eigen.ts'
import { fitTrimmed, type TrimmedFit } from './trim.ts'

/** Row-major 3 × 3: (x', y', 1) ~ H · (x, y, 1). */
export type Homography = Float64Array

/** Points are moved to their mean and scaled to a mean distance of √2: x → (x − cx) · s. */
interface Normaliser {
  readonly cx: number
  readonly cy: number
  readonly s: number
}

/**
 * The homography that carries `from` to `to`, refitted three times to the 90 % that fit best.
 * @param from x, y pairs; `to` the same number of them
 * @returns undefined when fewer than four points, or points on one line or in one place, leave it open;
 * `rms` is the distance at the target in the unit of the points
 */
export function fitHomography(from: Float64Array, to: Float64Array): TrimmedFit<Homography> | undefined {
  return fitTrimmed(
    from.length / 2,
    (indices) => solveHomography(from, to, indices),
    (model, out) => transferErrors(model, from, to, out),
  )
}

/** The homography of some of the points by the direct linear transform. */
export function solveHomography(
  from: Float64Array,
  to: Float64Array,
  indices: Uint32Array,
): Homography | undefined {
  if (indices.length < 4) return undefined
  const source = normaliser(from, indices)
  const target = normaliser(to, indices)
  if (!source || !target) return undefined
  const normal = new Float64Array(81)
  const first = new Float64Array(9)
  const second = new Float64Array(9)
  for (const index of indices) {
    const x = (from[2 * index] - source.cx) * source.s
    const y = (from[2 * index + 1] - source.cy) * source.s
    const u = (to[2 * index] - target.cx) * target.s
    const v = (to[2 * index + 1] - target.cy) * target.s
    first.set([-x, -y, -1, 0, 0, 0, u * x, u * y, u])
    second.set([0, 0, 0, -x, -y, -1, v * x, v * y, v])
    for (let r = 0; r < 9; r++) {
      for (let c = r; c < 9; c++) normal[9 * r + c] += first[r] * first[c] + second[r] * second[c]
    }
  }
  for (let r = 1; r < 9; r++) for (let c = 0; c < r; c++) normal[9 * r + c] = normal[9 * c + r]
  return denormalise(smallestEigenvector(normal, 9).vector, source, target)
}

/** Where a point goes; not finite when it goes beyond the horizon. */
export function applyHomography(h: Homography, x: number, y: number): [x: number, y: number] {
  const w = h[6] * x + h[7] * y + h[8]
  return [(h[0] * x + h[1] * y + h[2]) / w, (h[3] * x + h[4] * y + h[5]) / w]
}

/** Squared distance at the target of every point; infinite for points that the plane does not carry there. */
export function transferErrors(h: Homography, from: Float64Array, to: Float64Array, out: Float64Array): void {
  for (let i = 0; i < out.length; i++) {
    const [x, y] = applyHomography(h, from[2 * i], from[2 * i + 1])
    const error = (x - to[2 * i]) ** 2 + (y - to[2 * i + 1]) ** 2
    out[i] = Number.isFinite(error) ? error : Number.POSITIVE_INFINITY
  }
}

function normaliser(points: Float64Array, indices: Uint32Array): Normaliser | undefined {
  let [cx, cy] = [0, 0]
  for (const index of indices) {
    cx += points[2 * index] / indices.length
    cy += points[2 * index + 1] / indices.length
  }
  let distance = 0
  let [xx, xy, yy] = [0, 0, 0]
  for (const index of indices) {
    const x = points[2 * index] - cx
    const y = points[2 * index + 1] - cy
    distance += Math.hypot(x, y) / indices.length
    xx += x * x
    xy += x * y
    yy += y * y
  }
  /** Points on one line: the smaller spread is nothing but rounding. */
  const smaller = (xx + yy) / 2 - Math.sqrt(((xx - yy) / 2) ** 2 + xy * xy)
  if (!(distance > 0 && smaller > 1e-9 * (xx + yy))) return undefined
  return { cx, cy, s: Math.SQRT2 / distance }
}

/** T'⁻¹ · H · T. */
function denormalise(h: Float64Array, source: Normaliser, target: Normaliser): Homography | undefined {
  const out = new Float64Array(9)
  for (let r = 0; r < 3; r++) {
    out[3 * r] = h[3 * r] * source.s
    out[3 * r + 1] = h[3 * r + 1] * source.s
    out[3 * r + 2] = h[3 * r + 2] - source.s * (h[3 * r] * source.cx + h[3 * r + 1] * source.cy)
  }
  for (let c = 0; c < 3; c++) {
    out[c] = out[c] / target.s + target.cx * out[6 + c]
    out[3 + c] = out[3 + c] / target.s + target.cy * out[6 + c]
  }
  return out.every(Number.isFinite) ? out : undefined
}
