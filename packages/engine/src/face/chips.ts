/** Where each comparison network wants its face: crop transforms from mesh points. */
import { fitSimilarity, type Similarity, squareCrop } from '../image/similarity.ts'
import type { Box, Point } from '../types.ts'
import { POINT } from './mesh-points.ts'
import { meshSquare } from './mesh-square.ts'

export function meshPoint(mesh: Float32Array, index: number): Point {
  return { x: mesh[3 * index]!, y: mesh[3 * index + 1]! }
}

/** Share of the chip that is left free on every side (dlib, face_recognition_model_v1 examples). */
const DLIB_PADDING = 0.25
/** Mean places of the left eye's corners, the right eye's corners and the nose base (dlib, image_transforms/interpolation.h). */
const DLIB_POINTS: readonly (readonly [mesh: number, x: number, y: number])[] = [
  [POINT.leftEyeOuter, 0.8595674595992, 0.2134981538014],
  [POINT.leftEyeInner, 0.6460604764104, 0.2289674387677],
  [POINT.rightEyeOuter, 0.1205750620789, 0.2137274526848],
  [POINT.rightEyeInner, 0.3340850613712, 0.2290642403242],
  [POINT.noseBase, 0.4901123135679, 0.6277975316475],
]

/** The chip that dlib's network was trained on, read as `side` × `side` pixels. */
export function dlibChip(mesh: Float32Array, side: number): Similarity {
  const place = (value: number): number => (side * (value + DLIB_PADDING)) / (1 + 2 * DLIB_PADDING)
  const template = DLIB_POINTS.map(([, x, y]) => ({ x: place(x), y: place(y) }))
  return fitSimilarity(
    template,
    DLIB_POINTS.map(([index]) => meshPoint(mesh, index)),
  )
}

/** The crop as a multiple of the mesh's longer side; 1.2 to 1.4 are alike (measured, docs/evaluation.md). */
const FACERES_SCALE = 1.35

/** The square for the 1024-d network, read as `side` × `side` pixels. */
export function faceresCrop(mesh: Float32Array, side: number): Similarity {
  return meshSquare(mesh, FACERES_SCALE, side)
}

/** Both eyes' centres, nose tip and mouth corners in a 112-pixel chip (deepinsight/insightface, face_align.py). */
const ARCFACE_SIDE = 112
const ARCFACE_POINTS: readonly Point[] = [
  { x: 38.2946, y: 51.6963 },
  { x: 73.5318, y: 51.5014 },
  { x: 56.0252, y: 71.7366 },
  { x: 41.5493, y: 92.3655 },
  { x: 70.7299, y: 92.2041 },
]

/** The chip of ArcFace-style networks, read as `side` × `side` pixels. */
export function arcfaceChip(mesh: Float32Array, side: number): Similarity {
  const template = ARCFACE_POINTS.map(({ x, y }) => ({
    x: (x * side) / ARCFACE_SIDE,
    y: (y * side) / ARCFACE_SIDE,
  }))
  return fitSimilarity(template, fivePoints(mesh))
}

function middle(a: Point, b: Point): Point {
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 }
}

/** Subject's right eye, left eye, nose tip, right and left mouth corner. */
export function fivePoints(mesh: Float32Array): [Point, Point, Point, Point, Point] {
  return [
    middle(meshPoint(mesh, POINT.rightEyeOuter), meshPoint(mesh, POINT.rightEyeInner)),
    middle(meshPoint(mesh, POINT.leftEyeOuter), meshPoint(mesh, POINT.leftEyeInner)),
    meshPoint(mesh, POINT.noseTip),
    meshPoint(mesh, POINT.mouthRight),
    meshPoint(mesh, POINT.mouthLeft),
  ]
}

/** The upright square around a box, `scale` times its longer side, read as `size` × `size` pixels. */
export function boxCrop(box: Box, scale: number, size: number): Similarity {
  const centre = { x: box.x + box.width / 2, y: box.y + box.height / 2 }
  return squareCrop(centre, scale * Math.max(box.width, box.height), 0, size)
}
