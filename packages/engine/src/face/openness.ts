/** Eye and mouth aspect ratios: opening divided by width, in three dimensions, so that a turn changes them little. */
import { LEFT_LIDS, POINT, RIGHT_LIDS } from './mesh-points.ts'

function distance(mesh: Float32Array, a: number, b: number): number {
  return Math.hypot(
    mesh[3 * a]! - mesh[3 * b]!,
    mesh[3 * a + 1]! - mesh[3 * b + 1]!,
    mesh[3 * a + 2]! - mesh[3 * b + 2]!,
  )
}

function eye(
  mesh: Float32Array,
  lids: readonly (readonly [number, number])[],
  inner: number,
  outer: number,
): number {
  const opening = lids.reduce((sum, [upper, lower]) => sum + distance(mesh, upper, lower), 0) / lids.length
  return opening / distance(mesh, inner, outer)
}

/** Mean of both eyes' aspect ratios (Soukupová and Čech, CVWW 2016, on mesh points). */
export function eyeOpenness(mesh: Float32Array): number {
  const right = eye(mesh, RIGHT_LIDS, POINT.rightEyeInner, POINT.rightEyeOuter)
  const left = eye(mesh, LEFT_LIDS, POINT.leftEyeInner, POINT.leftEyeOuter)
  return (right + left) / 2
}

/** Gap between the inner lips divided by the width of the mouth. */
export function mouthOpenness(mesh: Float32Array): number {
  return (
    distance(mesh, POINT.innerLipTop, POINT.innerLipBottom) /
    distance(mesh, POINT.mouthRight, POINT.mouthLeft)
  )
}
