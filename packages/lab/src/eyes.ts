/**
 * Blinking and looking: lids that slide over eyeballs of their own, and irises that can move. The part of the mesh
 * between the lids is replaced by a fan around the iris that lies a little deeper.
 */
import { mix } from './linear.ts'
import { EYES, type EyeRows, eyeRing, TRIANGLES } from './topology.ts'

/** How far the lids go at blink = 1, as shares of the open gap; the crease follows the upper lid. */
const UPPER_LID = 0.9
const LOWER_LID = 0.1
const CREASE = 0.3
/** How far the texture of the upper lid is pulled to the crease, so that no iris is drawn out. */
const LID_TEXTURE = 0.35
/** Radius of the iris as a share of the eye width (11.7 mm of about 30 mm between the corners, a little more). */
const IRIS_RADIUS = 0.21
const IRIS_POINTS = 8
/** The eyeball reaches under the lids by this share of the eye width. */
const UNDERLAP = 0.12
/** Depth of the eyeball behind the lids, as a share of the eye width. */
const BEHIND = 0.06
/** Points of one eyeball: lid ring, iris ring, centre. */
export const EYEBALL_POINTS = 16 + IRIS_POINTS + 1

/** Triangles of the mesh without those that span the open eyes. */
export function trianglesWithoutEyes(): number[] {
  const rings = EYES.map((eye) => new Set(eyeRing(eye)))
  const kept: number[] = []
  for (let i = 0; i < TRIANGLES.length; i += 3) {
    const triangle = [TRIANGLES[i], TRIANGLES[i + 1], TRIANGLES[i + 2]]
    if (!rings.some((ring) => triangle.every((vertex) => ring.has(vertex)))) kept.push(...triangle)
  }
  return kept
}

export interface Eyeball {
  /** 25 × (x, y, z) in the coordinates of `points`. */
  readonly points: Float32Array
  readonly triangles: readonly number[]
  /** Distance of the eye corners, in the unit of `points`. */
  readonly eyeWidth: number
}

/**
 * Builds the eyeball behind one pair of lids; its triangles begin at vertex `first`.
 * @param iris where the iris is, in the coordinates of `points`
 */
export function createEyeball(
  points: ArrayLike<number>,
  eye: EyeRows,
  iris: readonly [number, number],
  first: number,
): Eyeball {
  const at = (i: number): [number, number, number] => [points[3 * i], points[3 * i + 1], points[3 * i + 2]]
  const [outer, inner] = eye.corners.map(at)
  const eyeWidth = Math.hypot(...outer.map((value, k) => value - inner[k]))
  const centre = outer.map((value, k) => (value + inner[k]) / 2)
  const gap = (points[3 * eye.lower[3] + 1] - points[3 * eye.upper[3] + 1]) / 2
  const ball = new Float32Array(3 * EYEBALL_POINTS)
  const depth = centre[2] + BEHIND * eyeWidth
  const place = (slot: number, x: number, y: number, z: number) => ball.set([x, y, z], 3 * slot)
  eyeRing(eye).forEach((vertex, slot) => {
    const [x, y, z] = at(vertex)
    const [dx, dy] = [x - centre[0], y - centre[1]]
    const reach = 1 + (UNDERLAP * eyeWidth) / Math.max(1e-6, Math.hypot(dx, dy))
    place(slot, centre[0] + dx * reach, centre[1] + dy * reach, z + BEHIND * eyeWidth)
  })
  for (let k = 0; k < IRIS_POINTS; k++) {
    const angle = (2 * Math.PI * (k + 0.5)) / IRIS_POINTS
    const radiusY = Math.min(IRIS_RADIUS * eyeWidth, 0.8 * gap)
    place(
      16 + k,
      iris[0] + IRIS_RADIUS * eyeWidth * Math.cos(angle),
      iris[1] + radiusY * Math.sin(angle),
      depth,
    )
  }
  place(16 + IRIS_POINTS, iris[0], iris[1], depth)
  return { points: ball, triangles: fan(ball, first), eyeWidth }
}

/** Joins the iris ring to the centre and to the lid ring, going round both by angle. */
function fan(ball: Float32Array, first: number): number[] {
  const centre = 16 + IRIS_POINTS
  const angleOf = (slot: number): number =>
    Math.atan2(ball[3 * slot + 1] - ball[3 * centre + 1], ball[3 * slot] - ball[3 * centre])
  const byAngle = (slots: number[]): number[] => slots.sort((a, b) => angleOf(a) - angleOf(b))
  const lids = byAngle(Array.from({ length: 16 }, (_, i) => i))
  const iris = byAngle(Array.from({ length: IRIS_POINTS }, (_, i) => 16 + i))
  const triangles: number[] = []
  let [l, i] = [0, 0]
  while (l < lids.length || i < iris.length) {
    const nextLid = l < lids.length ? angleOf(lids[l]) : Number.POSITIVE_INFINITY
    const nextIris = i < iris.length ? angleOf(iris[i]) : Number.POSITIVE_INFINITY
    const lid = lids[(l + 15) % 16]
    const rim = iris[(i + IRIS_POINTS - 1) % IRIS_POINTS]
    if (nextLid <= nextIris) triangles.push(lid, lids[l++], rim)
    else {
      triangles.push(rim, iris[i], lid, rim, iris[i], centre)
      i++
    }
  }
  return triangles.map((slot) => slot + first)
}

/** Moves the gaze: the iris ring and centre of an eyeball, by shares of the eye width to image right and down. */
export function lookAside(
  local: Float32Array,
  first: number,
  eyeWidth: number,
  gaze: { readonly x: number; readonly y: number },
): void {
  for (let slot = 16; slot < EYEBALL_POINTS; slot++) {
    local[3 * (first + slot)] += gaze.x * eyeWidth
    local[3 * (first + slot) + 1] += gaze.y * eyeWidth
  }
}

/** Closes the lids by `blink` in [0, 1]: points in place, the texture of the upper lid with them. */
export function closeLids(local: Float32Array, uv: Float32Array, blink: number): void {
  for (const eye of EYES) {
    eye.upper.forEach((upper, i) => {
      const lower = eye.lower[i]
      const crease = eye.crease[i]
      for (let k = 0; k < 3; k++) {
        const gap = local[3 * lower + k] - local[3 * upper + k]
        local[3 * upper + k] += UPPER_LID * blink * gap
        local[3 * lower + k] -= LOWER_LID * blink * gap
        local[3 * crease + k] += CREASE * blink * gap
      }
      for (let k = 0; k < 2; k++) {
        uv[2 * upper + k] = mix(uv[2 * upper + k], uv[2 * crease + k], LID_TEXTURE * blink)
      }
    })
  }
}
