/**
 * One sheet of triangles over the whole picture: the face mesh, eyeballs, the inside of the mouth and a skirt of rings
 * from the silhouette to beyond the frame, so that nothing needs to be cut out or painted in.
 */
import { createEyeball, EYEBALL_POINTS, trianglesWithoutEyes } from './eyes.ts'
import type { LevelPhoto } from './level.ts'
import { type Matrix3, poseFrame, smoothstep, transpose } from './linear.ts'
import { CAVITY_HEIGHT, CAVITY_WIDTH, mouthMotion, mouthPoints, mouthTriangles } from './mouth.ts'
import { bodyWeight, headOutline, type Outline, rotationWeight } from './outline.ts'
import { EYES, MESH_POINTS, SILHOUETTE } from './topology.ts'

/** Depth of the mesh is taken a little flatter than facemesh says: with it a command of 20° measures 20°. */
const DEPTH_SCALE = 0.94
/** Distance of the camera in face widths (about 55 cm). */
const CAMERA_DISTANCE = 4
/** The neck pivot lies this far behind the ear plane and below the ears, in face widths. */
const PIVOT_BEHIND = 0.05
const PIVOT_BELOW = 0.22
/** Rings of the skirt as multiples of the silhouette; the last one is outside the frame. */
const RINGS = [1.08, 1.18, 1.3, 1.45, 1.65, 1.95, 2.4, 3.2, 6.5]
/** The jaw takes the skin of the neck with it up to this ring. */
const JAW_REACH = 1.7

export interface HeadMesh {
  readonly count: number
  readonly triangles: Uint16Array
  /** Texels. */
  readonly uv: Float32Array
  /** Head coordinates of every vertex: the photograph's own rotation undone, pivot at the origin. */
  readonly local: Float32Array
  /** Camera coordinates of every vertex as photographed: X, Y from the principal point, Z. */
  readonly still: Float32Array
  readonly rotation: Float32Array
  readonly body: Float32Array
  /** Displacement at mouth = 1 in head coordinates. */
  readonly mouth: Float32Array
  readonly eyeballs: readonly { readonly first: number; readonly eyeWidth: number }[]
  readonly pivot: readonly [number, number, number]
  readonly principal: readonly [number, number]
  readonly cameraDistancePx: number
  /** The rotation that the photograph itself shows. */
  readonly photoFrame: Matrix3
}

/** @param irises where the irises are in frame pixels, the subject's right eye first */
export function createHeadMesh(
  level: LevelPhoto,
  outline: Outline,
  irises: readonly [readonly [number, number], readonly [number, number]],
): HeadMesh {
  const { landmarks, faceWidthPx } = level
  const cameraDistancePx = CAMERA_DISTANCE * faceWidthPx
  const principal = [outline.centreX, outline.centreY] as const
  const photoFrame = poseFrame(landmarks)
  const toHead = transpose(photoFrame)
  const rows = mouthPoints(faceWidthPx)
  const firstSkirt = MESH_POINTS
  const firstMouth = firstSkirt + RINGS.length * SILHOUETTE.length
  const firstEye = firstMouth + rows.length
  const count = firstEye + 2 * EYEBALL_POINTS

  /** Frame pixels and depth of every vertex as photographed. */
  const base = new Float32Array(3 * count)
  const rotation = new Float32Array(count).fill(1)
  const body = new Float32Array(count).fill(1)
  for (let i = 0; i < MESH_POINTS; i++) {
    base[3 * i] = landmarks[3 * i]
    base[3 * i + 1] = landmarks[3 * i + 1]
    base[3 * i + 2] = landmarks[3 * i + 2] * DEPTH_SCALE
  }
  const earDepth = (base[3 * 234 + 2] + base[3 * 454 + 2]) / 2
  const pivotDepth = earDepth + PIVOT_BEHIND * faceWidthPx

  RINGS.forEach((scale, ring) => {
    SILHOUETTE.forEach((point, k) => {
      const vertex = firstSkirt + ring * SILHOUETTE.length + k
      const dx = base[3 * point] - outline.centreX
      const dy = base[3 * point + 1] - outline.centreY
      const down = dy / Math.hypot(dx, dy)
      const t = Math.min(1, (scale - 1) / (headOutline(down) - 1))
      const z = base[3 * point + 2]
      base[3 * vertex] = outline.centreX + dx * scale
      base[3 * vertex + 1] = outline.centreY + dy * scale
      base[3 * vertex + 2] = z + (pivotDepth - z) * t * t * (2 - t)
      rotation[vertex] = rotationWeight(scale, down)
      body[vertex] = bodyWeight(scale, down)
    })
  })
  rows.forEach((row, i) => {
    const vertex = firstMouth + i
    base.set(base.subarray(3 * row.from, 3 * row.from + 3), 3 * vertex)
    base[3 * vertex + 1] += row.down
    base[3 * vertex + 2] += (row.cavity ? 0.05 : 0.02) * faceWidthPx
  })
  const eyeballs = EYES.map((eye, side) => {
    const first = firstEye + side * EYEBALL_POINTS
    const ball = createEyeball(base, eye, irises[side], first)
    base.set(ball.points, 3 * first)
    return { first, eyeWidth: ball.eyeWidth, triangles: ball.triangles }
  })

  const uv = new Float32Array(2 * count)
  for (let i = 0; i < count; i++) {
    uv[2 * i] = base[3 * i] + level.offsetX
    uv[2 * i + 1] = base[3 * i + 1] + level.offsetY
  }
  rows.forEach((row, i) => {
    if (!row.cavity) return
    uv[2 * (firstMouth + i)] = 1 + row.cavity[0] * (CAVITY_WIDTH - 2)
    uv[2 * (firstMouth + i) + 1] =
      level.texture.height - CAVITY_HEIGHT + 1 + row.cavity[1] * (CAVITY_HEIGHT - 2)
  })

  const still = new Float32Array(3 * count)
  for (let i = 0; i < count; i++) {
    const z = base[3 * i + 2]
    const spread = (cameraDistancePx + z) / cameraDistancePx
    still[3 * i] = (base[3 * i] - principal[0]) * spread
    still[3 * i + 1] = (base[3 * i + 1] - principal[1]) * spread
    still[3 * i + 2] = z
  }
  const pivot = [
    (still[3 * 234] + still[3 * 454]) / 2,
    (still[3 * 234 + 1] + still[3 * 454 + 1]) / 2 + PIVOT_BELOW * faceWidthPx,
    pivotDepth,
  ] as const
  const local = new Float32Array(3 * count)
  for (let i = 0; i < count; i++) {
    const x = still[3 * i] - pivot[0]
    const y = still[3 * i + 1] - pivot[1]
    const z = still[3 * i + 2] - pivot[2]
    for (let k = 0; k < 3; k++)
      local[3 * i + k] = toHead[3 * k] * x + toHead[3 * k + 1] * y + toHead[3 * k + 2] * z
  }

  const mouth = new Float32Array(3 * count)
  mouth.set(mouthMotion(local, faceWidthPx))
  RINGS.forEach((scale, ring) => {
    const share = 1 - smoothstep(1, JAW_REACH, scale)
    SILHOUETTE.forEach((point, k) => {
      const vertex = firstSkirt + ring * SILHOUETTE.length + k
      for (let c = 0; c < 3; c++) mouth[3 * vertex + c] = share * mouth[3 * point + c]
    })
  })
  rows.forEach((row, i) => {
    mouth.set(mouth.subarray(3 * row.movesWith, 3 * row.movesWith + 3), 3 * (firstMouth + i))
  })

  const triangles = Uint16Array.from([
    ...trianglesWithoutEyes(),
    ...eyeballs.flatMap((ball) => ball.triangles),
    ...mouthTriangles(firstMouth),
    ...skirtTriangles(firstSkirt),
  ])
  return {
    count,
    triangles,
    uv,
    local,
    still,
    rotation,
    body,
    mouth,
    eyeballs,
    pivot,
    principal,
    cameraDistancePx,
    photoFrame,
  }
}

/** Ring by ring from the silhouette outwards. */
function skirtTriangles(first: number): number[] {
  const triangles: number[] = []
  const n = SILHOUETTE.length
  for (let ring = 0; ring < RINGS.length; ring++) {
    for (let k = 0; k < n; k++) {
      const next = (k + 1) % n
      const inner = ring === 0 ? SILHOUETTE[k] : first + (ring - 1) * n + k
      const innerNext = ring === 0 ? SILHOUETTE[next] : first + (ring - 1) * n + next
      const outer = first + ring * n + k
      const outerNext = first + ring * n + next
      triangles.push(inner, innerNext, outer, innerNext, outerNext, outer)
    }
  }
  return triangles
}
