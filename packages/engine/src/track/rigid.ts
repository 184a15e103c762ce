/**
 * How far points are from moving like any one rigid body seen from afar: affine epipolar geometry says that
 * (x, y, x', y') then lies in one hyperplane. What is left is tracking noise and the softness of a face.
 * Source: R. Hartley, A. Zisserman, Multiple View Geometry, §14.3 (the affine fundamental matrix).
 */
import { smallestEigenvector } from './eigen.ts'
import { fitTrimmed } from './trim.ts'

/** n · (x, y, x', y') = offset, with a unit normal n. */
interface Hyperplane {
  readonly normal: Float64Array
  readonly offset: number
}

/** RMS distance from the hyperplane over the 90 % that fit best, in the unit of the points; undefined below 5 points. */
export function rigidResidual(from: Float64Array, to: Float64Array): number | undefined {
  return fitTrimmed(
    from.length / 2,
    (indices) => fitHyperplane(from, to, indices),
    (plane, out) => {
      for (let i = 0; i < out.length; i++) out[i] = distance(plane, from, to, i) ** 2
    },
  )?.rms
}

function fitHyperplane(from: Float64Array, to: Float64Array, indices: Uint32Array): Hyperplane | undefined {
  if (indices.length < 5) return undefined
  const mean = new Float64Array(4)
  for (const index of indices) {
    for (let k = 0; k < 4; k++) mean[k] += coordinate(from, to, index, k) / indices.length
  }
  const covariance = new Float64Array(16)
  for (const index of indices) {
    for (let r = 0; r < 4; r++) {
      const value = coordinate(from, to, index, r) - mean[r]
      for (let c = 0; c < 4; c++) covariance[4 * r + c] += value * (coordinate(from, to, index, c) - mean[c])
    }
  }
  const normal = smallestEigenvector(covariance, 4).vector
  let offset = 0
  for (let k = 0; k < 4; k++) offset += normal[k] * mean[k]
  return { normal, offset }
}

function distance(
  { normal, offset }: Hyperplane,
  from: Float64Array,
  to: Float64Array,
  index: number,
): number {
  let sum = -offset
  for (let k = 0; k < 4; k++) sum += normal[k] * coordinate(from, to, index, k)
  return sum
}

function coordinate(from: Float64Array, to: Float64Array, index: number, k: number): number {
  return k < 2 ? from[2 * index + k] : to[2 * index + k - 2]
}
