/**
 * Dense landmarks, by FaceMesh. The first pass reads a square around the detected box, turned so that the eyes are
 * level; the second reads a square around the mesh that the first one gave.
 */
import type { Pyramid } from '../image/pyramid.ts'
import { apply, type Similarity, scaleOf, squareCrop } from '../image/similarity.ts'
import { warp } from '../image/warp.ts'
import type { Network } from '../runtime/network.ts'
import type { Detection } from './detect.ts'
import { MESH_POINTS } from './mesh-points.ts'
import { meshSquare } from './mesh-square.ts'

export const MESH_SIDE = 192
/** Side of the crop as a multiple of the face's longer side (google/mediapipe, face_landmark_front). */
const MARGIN = 1.5
/** x / 255 (@vladmandic/human src/face/facemeshutil.ts). */
const NORMALISATION = { mean: [0, 0, 0], factor: [1 / 255, 1 / 255, 1 / 255] } as const

export interface Landmarks {
  /** 468 × (x, y, z) in image pixels. */
  readonly points: Float32Array
  /** Probability that the mesh sits on a face, [0, 1]. */
  readonly presence: number
  /** The crop that was read: crop → image. */
  readonly crop: Similarity
}

/** A mesh below this is on no face (measured: docs/evaluation.md). */
export const MIN_PRESENCE = 0.5

/** One pass over a square of the image. */
export async function landmarksIn(network: Network, pyramid: Pyramid, crop: Similarity): Promise<Landmarks> {
  warp(pyramid, crop, MESH_SIDE, MESH_SIDE, NORMALISATION, network.input)
  const outputs = Object.values(await network.run())
  const raw = outputs.find((values) => values.length === 3 * MESH_POINTS)
  const presence = outputs.find((values) => values.length === 1)
  if (!raw || !presence) throw new Error('the landmark network has other outputs than FaceMesh')
  const points = new Float32Array(raw.length)
  const scale = scaleOf(crop)
  for (let i = 0; i < raw.length; i += 3) {
    const point = apply(crop, raw[i]!, raw[i + 1]!)
    points[i] = point.x
    points[i + 1] = point.y
    points[i + 2] = raw[i + 2]! * scale
  }
  return { points, presence: presence[0]!, crop }
}

function aroundDetection({ values }: Detection): Similarity {
  const [x, y, width, height, rightEyeX, rightEyeY, leftEyeX, leftEyeY] = values as unknown as number[]
  const angle = Math.atan2(leftEyeY! - rightEyeY!, leftEyeX! - rightEyeX!)
  const centre = { x: x! + width! / 2, y: y! + height! / 2 }
  return squareCrop(centre, MARGIN * Math.max(width!, height!), angle, MESH_SIDE)
}

/** The square to read around a mesh. */
export function aroundMesh(points: Float32Array): Similarity {
  return meshSquare(points, MARGIN, MESH_SIDE)
}

/** The first pass, around a detected box. */
export function roughLandmarks(network: Network, pyramid: Pyramid, face: Detection): Promise<Landmarks> {
  return landmarksIn(network, pyramid, aroundDetection(face))
}

/** The second pass, around the mesh of the first. */
export function fineLandmarks(network: Network, pyramid: Pyramid, rough: Landmarks): Promise<Landmarks> {
  return landmarksIn(network, pyramid, aroundMesh(rough.points))
}

/** The second pass, unless it lost the face. Which of two good meshes is more certain of itself says nothing. */
export function better(rough: Landmarks, fine: Landmarks): Landmarks {
  return fine.presence >= MIN_PRESENCE || fine.presence >= rough.presence ? fine : rough
}
