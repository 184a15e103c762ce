/**
 * In a clip, the face of the frame before tells where to look: one landmark pass around its mesh instead of a search of
 * the whole frame, as MediaPipe does. The box of the last search goes along with the mesh.
 */
import type { Pyramid } from '../image/pyramid.ts'
import { apply, invert, type Similarity, scaleOf } from '../image/similarity.ts'
import type { Network } from '../runtime/network.ts'
import type { Box, FaceMesh } from '../types.ts'
import { aroundMesh, better, fineLandmarks, type Landmarks, landmarksIn, MESH_SIDE } from './landmarks.ts'

/** A mesh below this may have lost its face: the frame is searched. Followed faces read .999 (docs/evaluation.md). */
const MIN_PRESENCE = 0.9
/**
 * A mesh whose own square lies farther from the one that was read is read again: shift as a share of the side, ratio of
 * the sides. How far the outcome is from that of a search: docs/evaluation.md.
 */
const NEAR = { shift: 0.05, ratio: 1.1 } as const

/** The frame before and its main face. */
export interface Before {
  readonly image: { readonly width: number; readonly height: number }
  readonly mesh: FaceMesh
}

export interface FollowedFace {
  /** The mesh to go on with. */
  readonly best: Landmarks
  /** The pass whose crop the network's input holds. */
  readonly last: Landmarks
  readonly box: Box
}

/** Undefined when the face is not there any more, or pictures have another size: then the frame has to be searched. */
export async function followFace(
  network: Network,
  pyramid: Pyramid,
  { image, mesh }: Before,
): Promise<FollowedFace | undefined> {
  if (pyramid.width !== image.width || pyramid.height !== image.height) return undefined
  const square = aroundMesh(mesh.landmarks)
  const first = await landmarksIn(network, pyramid, square)
  const last = isNear(first.crop, aroundMesh(first.points))
    ? first
    : await fineLandmarks(network, pyramid, first)
  const best = better(first, last)
  if (!(best.presence >= MIN_PRESENCE)) return undefined
  return { best, last, box: carried(mesh.face.box, square, aroundMesh(best.points)) }
}

function isNear(read: Similarity, own: Similarity): boolean {
  const middle = MESH_SIDE / 2
  const from = apply(read, middle, middle)
  const to = apply(own, middle, middle)
  const ratio = scaleOf(own) / scaleOf(read)
  const shift = Math.hypot(to.x - from.x, to.y - from.y) / (MESH_SIDE * scaleOf(read))
  return shift <= NEAR.shift && Math.max(ratio, 1 / ratio) <= NEAR.ratio
}

/** The box at the place and in the size that it had beside the mesh. */
function carried(box: Box, from: Similarity, now: Similarity): Box {
  const scale = scaleOf(now) / scaleOf(from)
  const before = apply(invert(from), box.x + box.width / 2, box.y + box.height / 2)
  const centre = apply(now, before.x, before.y)
  const [width, height] = [scale * box.width, scale * box.height]
  return { x: centre.x - width / 2, y: centre.y - height / 2, width, height }
}
