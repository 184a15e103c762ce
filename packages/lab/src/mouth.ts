/**
 * The opening mouth: which points the jaw moves and how far, and what is seen between the lips. The teeth that the
 * photograph shows stay with the upper lip; the cavity below them is painted once.
 */
import { smoothstep } from './linear.ts'
import { INNER_LOWER_LIP, INNER_UPPER_LIP, LOWER_LIP, MESH_POINTS, UPPER_LIP } from './topology.ts'

/** Gap of the inner lips at mouth = 1, as a share of the mouth width (a real open mouth measures .43 at .6–.8). */
const GAP_AT_FULL = 0.82
/** The upper lip takes this share of the opening. */
const UPPER_SHARE = 0.1
/** How far the jaw moves back when it moves down. */
const JAW_BACK = 0.16
/** The strip behind the lips reaches this far under them, in face widths (about 1.5 px of 165). */
const UNDERLAP = 0.011
/** Inner lips further apart than this share of the mouth width show the photograph's own teeth. */
const TEETH_SHOW_AT = 0.07

export const CAVITY_WIDTH = 96
export const CAVITY_HEIGHT = 64

/** Displacement of every mesh point at mouth = 1, in head coordinates (x, y, z each). */
export function mouthMotion(local: ArrayLike<number>, faceWidthPx: number): Float32Array {
  const motion = new Float32Array(3 * MESH_POINTS)
  const width = lipDistance(local, 78, 308)
  const centreX = (local[3 * 78] + local[3 * 308]) / 2
  const mouthY = (local[3 * 78 + 1] + local[3 * 308 + 1]) / 2
  const chin = local[3 * 152 + 1] - mouthY
  const full = GAP_AT_FULL * width
  const lower = new Set(LOWER_LIP)
  const upper = new Set(UPPER_LIP)
  for (let i = 0; i < MESH_POINTS; i++) {
    const across = (local[3 * i] - centreX) / (width / 2)
    const lip = Math.max(0.05, 1 - 0.85 * Math.min(1, Math.abs(across)) ** 2.6)
    if (upper.has(i)) {
      motion[3 * i + 1] = -UPPER_SHARE * full * lip
      continue
    }
    let weight = lip
    if (!lower.has(i)) {
      const height = (local[3 * i + 1] - mouthY) / chin
      const aside = Math.abs(local[3 * i] - centreX) / faceWidthPx
      weight = smoothstep(-0.05, 0.5, height) * (1 - 0.8 * smoothstep(0.16, 0.5, aside))
    }
    motion[3 * i + 1] = (1 - UPPER_SHARE) * full * weight
    motion[3 * i + 2] = JAW_BACK * full * weight
  }
  return motion
}

/**
 * The strip in the mouth hole: four rows of 11 points, made from the lip rows. `from` is the mesh point whose place
 * and texture a row point has, `rises` whether it moves with that point's row or with the upper lip, `down` the
 * offset in pixels that hides its edge behind the lip, `cavity` its place in the painted cavity.
 */
export interface MouthPoint {
  readonly from: number
  readonly movesWith: number
  readonly down: number
  readonly cavity?: readonly [number, number]
}

export function mouthPoints(faceWidthPx: number): MouthPoint[] {
  const under = UNDERLAP * faceWidthPx
  const columns = INNER_UPPER_LIP.map((upper, i) => ({ upper, lower: INNER_LOWER_LIP[i], u: i / 10 }))
  return [
    ...columns.map(({ upper }) => ({ from: upper, movesWith: upper, down: -under })),
    ...columns.map(({ upper, lower }) => ({ from: lower, movesWith: upper, down: 0 })),
    ...columns.map(({ upper, lower, u }) => ({
      from: lower,
      movesWith: upper,
      down: -under / 2,
      cavity: [u, 0] as const,
    })),
    ...columns.map(({ lower, u }) => ({
      from: lower,
      movesWith: lower,
      down: under,
      cavity: [u, 1] as const,
    })),
  ]
}

/** The two strips of the mouth as triangles over four rows of 11 points that begin at vertex `first`. */
export function mouthTriangles(first: number): number[] {
  const triangles: number[] = []
  for (const row of [0, 2]) {
    for (let i = 0; i < 10; i++) {
      const a = first + row * 11 + i
      triangles.push(a, a + 1, a + 11, a + 1, a + 12, a + 11)
    }
  }
  return triangles
}

/** Whether the photograph itself shows what is between the lips. */
export function showsTeeth(local: ArrayLike<number>): boolean {
  return lipDistance(local, 13, 14) > TEETH_SHOW_AT * lipDistance(local, 78, 308)
}

/**
 * Paints the inside of a mouth: teeth at the top unless the photograph has its own, dark, then the tongue.
 * @param skin mean colour of the cheeks, which carries brightness and tint of the light
 */
export function paintCavity(skin: readonly [number, number, number], teeth: boolean): Uint32Array {
  const pixels = new Uint32Array(CAVITY_WIDTH * CAVITY_HEIGHT)
  const light = Math.max(...skin) / 225
  const tint = skin.map((value) => value / Math.max(...skin))
  for (let y = 0; y < CAVITY_HEIGHT; y++) {
    const v = (y + 0.5) / CAVITY_HEIGHT
    for (let x = 0; x < CAVITY_WIDTH; x++) {
      const aside = Math.abs((2 * (x + 0.5)) / CAVITY_WIDTH - 1)
      const edge = 1 - 0.75 * aside ** 2
      const tongue = 0.75 * smoothstep(0.5, 0.85, v - 0.25 * aside ** 2) * edge
      const tooth = teeth ? (1 - smoothstep(0.2, 0.3, v + 0.12 * aside ** 2)) * edge * toothGaps(aside) : 0
      const base = [52, 20, 20].map((dark, c) => dark + tongue * ([150, 72, 70][c] - dark))
      let packed = 255 << 24
      for (let c = 0; c < 3; c++) {
        const ivory = [206, 198, 184][c] * (0.6 + 0.4 * tint[c])
        const value = light * (base[c] + tooth * (ivory - base[c]))
        packed |= Math.max(0, Math.min(255, Math.round(value))) << (8 * c)
      }
      pixels[y * CAVITY_WIDTH + x] = packed
    }
  }
  return pixels
}

/** Slightly darker lines between the upper teeth; `aside` is 0 in the middle and 1 in the corner of the mouth. */
function toothGaps(aside: number): number {
  const phase = (aside * 4) % 1
  return 1 - 0.16 * (1 - smoothstep(0, 0.12, Math.min(phase, 1 - phase)))
}

function lipDistance(points: ArrayLike<number>, a: number, b: number): number {
  return Math.hypot(points[3 * a] - points[3 * b], points[3 * a + 1] - points[3 * b + 1])
}
