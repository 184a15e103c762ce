/** Where corners are looked for: the face inside its mesh outline, and the ring of surround outside of it. */
import { FACE_OVAL } from '../face/mesh-points.ts'
import type { Box, Point } from '../types.ts'
import { type Crop, pointToTrack, toTrack } from './crop.ts'

/** The face begins so far inside the outline: its border moves with the turn (docs/evaluation.md). */
export const FACE_SHARE = 0.95
/** The surround begins so far outside the outline, and ends half a box width beyond the box. */
export const SURROUND_SHARE = 1.12
export const SURROUND_REACH = 0.5

/** The outline of a mesh in image pixels, scaled about its middle. `landmarks`: 468 × (x, y, z). */
export function faceOutline(landmarks: Float32Array, share: number = FACE_SHARE): Point[] {
  const points = FACE_OVAL.map((index) => ({ x: landmarks[3 * index], y: landmarks[3 * index + 1] }))
  const x = points.reduce((sum, point) => sum + point.x, 0) / points.length
  const y = points.reduce((sum, point) => sum + point.y, 0) / points.length
  return points.map((point) => ({ x: x + share * (point.x - x), y: y + share * (point.y - y) }))
}

/** 1 where a crop's pixel is inside the polygon (image pixels, even-odd rule), 0 elsewhere. */
export function polygonMask(crop: Crop, polygon: readonly Point[]): Uint8Array {
  const mask = new Uint8Array(crop.width * crop.height)
  const points = polygon.map((point) => {
    const { x, y } = pointToTrack(point, crop.scale)
    return { x: x - crop.left, y: y - crop.top }
  })
  for (let y = 0; y < crop.height; y++) {
    const crossings: number[] = []
    for (let i = 0; i < points.length; i++) {
      const a = points[i]
      const b = points[(i + 1) % points.length]
      if (a.y <= y !== b.y <= y) crossings.push(a.x + ((y - a.y) * (b.x - a.x)) / (b.y - a.y))
    }
    crossings.sort((a, b) => a - b)
    for (let i = 0; i + 1 < crossings.length; i += 2) {
      const from = Math.max(0, Math.ceil(crossings[i]))
      const to = Math.min(crop.width, Math.ceil(crossings[i + 1]))
      if (to > from) mask.fill(1, y * crop.width + from, y * crop.width + to)
    }
  }
  return mask
}

/** 1 in the ring between the widened outline and the widened box, 0 elsewhere. */
export function surroundMask(crop: Crop, box: Box, landmarks: Float32Array): Uint8Array {
  const face = polygonMask(crop, faceOutline(landmarks, SURROUND_SHARE))
  const reach = SURROUND_REACH * box.width
  const x0 = toTrack(box.x - reach, crop.scale) - crop.left
  const x1 = toTrack(box.x + box.width + reach, crop.scale) - crop.left
  const y0 = toTrack(box.y - reach, crop.scale) - crop.top
  const y1 = toTrack(box.y + box.height + reach, crop.scale) - crop.top
  const mask = new Uint8Array(face.length)
  for (let y = Math.max(0, Math.ceil(y0)); y < Math.min(crop.height, y1); y++) {
    for (let x = Math.max(0, Math.ceil(x0)); x < Math.min(crop.width, x1); x++) {
      const at = y * crop.width + x
      mask[at] = 1 - face[at]
    }
  }
  return mask
}
