/**
 * One sheet of triangles over the whole picture: the face mesh, eyeballs, the inside of the mouth and a skirt of rings
 * from the silhouette to beyond the frame, so that nothing needs to be cut out or painted in.
 */
import { createEyeball, EYEBALL_POINTS, type Eyeball, trianglesWithoutEyes } from './eyes.ts'
import type { LevelPhoto } from './level.ts'
import { type Matrix3, poseFrame, transpose } from './linear.ts'
import {
  CAVITY_HEIGHT,
  CAVITY_WIDTH,
  closedMouthTriangles,
  type MouthPoint,
  mouthMotion,
  mouthPoints,
  openMouthTriangles,
} from './mouth.ts'
import type { Outline } from './outline.ts'
import { createSkirt, SKIRT_POINTS, type SkirtPoint, skirtTriangles } from './skirt.ts'
import { EYES, MESH_POINTS } from './topology.ts'

/** Depth of the mesh is taken a little flatter than facemesh says: with it a command of 20° measures 20°. */
const DEPTH_SCALE = 0.94
/** Distance of the camera in face widths (about 55 cm). */
const CAMERA_DISTANCE = 4
/** The neck pivot lies this far behind the ear plane and below the ears, in face widths. */
const PIVOT_BEHIND = 0.05
const PIVOT_BELOW = 0.22

/** First vertices of the parts, in the order in which they are stored. */
const FIRST_SKIRT = MESH_POINTS
const FIRST_MOUTH = FIRST_SKIRT + SKIRT_POINTS

/** Whether a vertex belongs to what surrounds the face. */
export function isSkirt(vertex: number): boolean {
  return vertex >= FIRST_SKIRT && vertex < FIRST_MOUTH
}

export interface HeadMesh {
  readonly count: number
  /** Everything but what is between the lips, near things first; then that, for closed and for open lips. */
  readonly triangles: Uint16Array
  readonly closedMouth: Uint16Array
  readonly openMouth: Uint16Array
  /** Texels. */
  readonly uv: Float32Array
  /** Head coordinates of every vertex: the photograph's own rotation undone, pivot at the origin. */
  readonly local: Float32Array
  /** Camera coordinates of every vertex as photographed: X, Y from the principal point, Z. */
  readonly still: Float32Array
  /** How much every vertex turns with the head, and how much it comes nearer with the body. */
  readonly rotation: Float32Array
  readonly body: Float32Array
  /** How much of a screen's light reaches every vertex, apart from its direction and distance. */
  readonly lit: Float32Array
  /** Displacement at mouth = 1 in head coordinates. */
  readonly mouth: Float32Array
  readonly eyeballs: readonly { readonly first: number; readonly eyeWidth: number }[]
  readonly pivot: readonly [number, number, number]
  readonly principal: readonly [number, number]
  readonly cameraDistancePx: number
  /** The rotation that the photograph itself shows. */
  readonly photoFrame: Matrix3
}

type Irises = readonly [readonly [number, number], readonly [number, number]]

/** @param irises where the irises are in frame pixels, the subject's right eye first */
export function createHeadMesh(level: LevelPhoto, outline: Outline, irises: Irises): HeadMesh {
  const { faceWidthPx } = level
  const cameraDistancePx = CAMERA_DISTANCE * faceWidthPx
  const principal = [outline.centreX, outline.centreY] as const
  const photoFrame = poseFrame(level.landmarks)
  const rows = mouthPoints(faceWidthPx)
  const firstEye = FIRST_MOUTH + rows.length
  const count = firstEye + 2 * EYEBALL_POINTS

  const face = level.landmarks.map((value, i) => (i % 3 === 2 ? value * DEPTH_SCALE : value))
  const pivotDepth = (face[3 * 234 + 2] + face[3 * 454 + 2]) / 2 + PIVOT_BEHIND * faceWidthPx
  const skirt = createSkirt(face, outline, pivotDepth)
  const eyeballs = EYES.map((eye, side) =>
    createEyeball(face, eye, irises[side], firstEye + side * EYEBALL_POINTS),
  )
  const base = placeVertices(count, face, skirt, rows, eyeballs)
  const still = unproject(base, principal, cameraDistancePx)
  const pivot = [
    (still[3 * 234] + still[3 * 454]) / 2,
    (still[3 * 234 + 1] + still[3 * 454 + 1]) / 2 + PIVOT_BELOW * faceWidthPx,
    pivotDepth,
  ] as const
  const local = toHead(still, pivot, transpose(photoFrame))
  return {
    count,
    triangles: Uint16Array.from([
      ...trianglesWithoutEyes(),
      ...eyeballs.flatMap((ball) => ball.triangles),
      ...skirtTriangles(FIRST_SKIRT),
    ]),
    closedMouth: Uint16Array.from(closedMouthTriangles(FIRST_MOUTH)),
    openMouth: Uint16Array.from(openMouthTriangles(FIRST_MOUTH)),
    uv: textureCoordinates(base, level, rows),
    local,
    still,
    rotation: weights(count, skirt, (point) => point.rotation),
    body: weights(count, skirt, (point) => point.body),
    lit: weights(count, skirt, (point) => point.lit),
    mouth: motionOfAll(count, mouthMotion(local, faceWidthPx), skirt, rows),
    eyeballs: eyeballs.map(({ eyeWidth }, side) => ({ first: firstEye + side * EYEBALL_POINTS, eyeWidth })),
    pivot,
    principal,
    cameraDistancePx,
    photoFrame,
  }
}

/** Frame pixels and depth of every vertex as photographed. */
function placeVertices(
  count: number,
  face: Float32Array,
  skirt: readonly SkirtPoint[],
  rows: readonly MouthPoint[],
  eyeballs: readonly Eyeball[],
): Float32Array {
  const base = new Float32Array(3 * count)
  base.set(face)
  for (const [i, point] of skirt.entries()) base.set(point.place, 3 * (FIRST_SKIRT + i))
  for (const [i, row] of rows.entries()) {
    const [x, y, z] = face.subarray(3 * row.from, 3 * row.from + 3)
    base.set([x + row.aside, y + row.down, z + row.behind], 3 * (FIRST_MOUTH + i))
  }
  for (const [side, ball] of eyeballs.entries()) {
    base.set(ball.points, 3 * (FIRST_MOUTH + rows.length + side * EYEBALL_POINTS))
  }
  return base
}

/** From frame pixels and depth to camera coordinates. */
function unproject(base: Float32Array, principal: readonly [number, number], distance: number): Float32Array {
  const still = new Float32Array(base.length)
  for (let at = 0; at < base.length; at += 3) {
    const spread = (distance + base[at + 2]) / distance
    still[at] = (base[at] - principal[0]) * spread
    still[at + 1] = (base[at + 1] - principal[1]) * spread
    still[at + 2] = base[at + 2]
  }
  return still
}

/** From camera coordinates to head coordinates: the pivot becomes the origin, the rotation is undone. */
export function toHead(
  still: Float32Array,
  pivot: readonly [number, number, number],
  turn: Matrix3,
): Float32Array {
  const local = new Float32Array(still.length)
  for (let at = 0; at < still.length; at += 3) {
    const [x, y, z] = [still[at] - pivot[0], still[at + 1] - pivot[1], still[at + 2] - pivot[2]]
    for (let k = 0; k < 3; k++) local[at + k] = turn[3 * k] * x + turn[3 * k + 1] * y + turn[3 * k + 2] * z
  }
  return local
}

/** Every vertex shows the texture of its place, but the cavity shows its painting below the photograph. */
function textureCoordinates(
  base: Float32Array,
  level: LevelPhoto,
  rows: readonly MouthPoint[],
): Float32Array {
  const uv = new Float32Array((base.length / 3) * 2)
  for (let i = 0; i < uv.length / 2; i++) {
    uv[2 * i] = base[3 * i] + level.offsetX
    uv[2 * i + 1] = base[3 * i + 1] + level.offsetY
  }
  for (const [i, { cavity }] of rows.entries()) {
    if (cavity === undefined) continue
    uv[2 * (FIRST_MOUTH + i)] = 1 + cavity[0] * (CAVITY_WIDTH - 2)
    uv[2 * (FIRST_MOUTH + i) + 1] = level.texture.height - CAVITY_HEIGHT + 1 + cavity[1] * (CAVITY_HEIGHT - 2)
  }
  return uv
}

/** A weight of every vertex: 1 but on the skirt. */
function weights(
  count: number,
  skirt: readonly SkirtPoint[],
  of: (point: SkirtPoint) => number,
): Float32Array {
  const all = new Float32Array(count).fill(1)
  for (const [i, point] of skirt.entries()) all[FIRST_SKIRT + i] = of(point)
  return all
}

/** The motion of the opening mouth, carried over to the skin of the neck and to what is between the lips. */
function motionOfAll(
  count: number,
  face: Float32Array,
  skirt: readonly SkirtPoint[],
  rows: readonly MouthPoint[],
): Float32Array {
  const motion = new Float32Array(3 * count)
  motion.set(face)
  for (const [i, { from, jaw }] of skirt.entries()) {
    for (let k = 0; k < 3; k++) motion[3 * (FIRST_SKIRT + i) + k] = jaw * face[3 * from + k]
  }
  for (const [i, { movesWith }] of rows.entries()) {
    motion.set(face.subarray(3 * movesWith, 3 * movesWith + 3), 3 * (FIRST_MOUTH + i))
  }
  return motion
}
