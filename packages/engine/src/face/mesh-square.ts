/** The square around a whole mesh, turned so that the eyes are level. */
import { type Similarity, squareCrop } from '../image/similarity.ts'
import { POINT } from './mesh-points.ts'

/** @param scale side of the square as a multiple of the mesh's longer side */
export function meshSquare(mesh: Float32Array, scale: number, size: number): Similarity {
  const eyeX = mesh[3 * POINT.leftEyeOuter]! - mesh[3 * POINT.rightEyeOuter]!
  const eyeY = mesh[3 * POINT.leftEyeOuter + 1]! - mesh[3 * POINT.rightEyeOuter + 1]!
  const angle = Math.atan2(eyeY, eyeX)
  const cos = Math.cos(angle)
  const sin = Math.sin(angle)
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity]
  for (let i = 0; i < mesh.length; i += 3) {
    const x = cos * mesh[i]! + sin * mesh[i + 1]!
    const y = cos * mesh[i + 1]! - sin * mesh[i]!
    left = Math.min(left, x)
    right = Math.max(right, x)
    top = Math.min(top, y)
    bottom = Math.max(bottom, y)
  }
  const x = (left + right) / 2
  const y = (top + bottom) / 2
  const centre = { x: cos * x - sin * y, y: sin * x + cos * y }
  return squareCrop(centre, scale * Math.max(right - left, bottom - top), angle, size)
}
