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
/** Depth of the photograph's teeth and of the cavity behind the lips, in face widths. */
const TEETH_BEHIND = 0.008
const CAVITY_BEHIND = 0.02
/** Inner lips further apart than this share of the mouth width show the photograph's own teeth. */
const TEETH_SHOW_AT = 0.07

/** A mouth less open than this shows no cavity; idle lips move by less. */
export const CAVITY_SHOWS_AT = 0.03
/** Texels of the painted cavity. */
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

/** A point of the strips that fill the mouth hole. */
export interface MouthPoint {
  /** The mesh point whose place it has, and the one whose motion it follows. */
  readonly from: number
  readonly movesWith: number
  /** Offsets in pixels that hide its edge under the lip and behind it. */
  readonly aside: number
  readonly down: number
  readonly behind: number
  /** Its place in the painted cavity, 0 to 1 each; the photograph's own texture when absent. */
  readonly cavity?: readonly [number, number]
}

/**
 * Five rows of 11 points, made from the lip rows. Closed lips: row 0 to row 4 is the photograph between them. Open lips:
 * row 0 to row 1 is what the photograph shows between them (teeth, as a rule) and moves with the upper lip; row 2 to
 * row 3 is the cavity from there down to the lower lip.
 */
export function mouthPoints(faceWidthPx: number): MouthPoint[] {
  const under = UNDERLAP * faceWidthPx
  const [behind, deep] = [TEETH_BEHIND * faceWidthPx, CAVITY_BEHIND * faceWidthPx]
  const teeth = { aside: 0, behind }
  const wide = (u: number) => ({ aside: 2 * under * (2 * u - 1), behind: deep })
  return [
    ...row(({ upper, u }) => ({ from: upper, movesWith: upper, ...wide(u), behind, down: -under })),
    ...row(({ upper, lower }) => ({ from: lower, movesWith: upper, ...teeth, down: 0 })),
    ...row(({ upper, lower, u }) => {
      return { from: lower, movesWith: upper, ...wide(u), down: -2 * under, cavity: [u, 0] }
    }),
    ...row(({ lower, u }) => {
      return { from: lower, movesWith: lower, ...wide(u), down: 1.5 * under, cavity: [u, 1] }
    }),
    ...row(({ lower, u }) => ({ from: lower, movesWith: lower, ...wide(u), behind, down: 2 * under })),
  ]
}

type Column = { readonly upper: number; readonly lower: number; readonly u: number }

function row(point: (column: Column) => MouthPoint): MouthPoint[] {
  return INNER_UPPER_LIP.map((upper, i) => point({ upper, lower: INNER_LOWER_LIP[i], u: i / 10 }))
}

/** What fills closed and open lips, as triangles over the rows of mouth points that begin at vertex `first`. */
export function closedMouthTriangles(first: number): number[] {
  return strip(first, 0, 4)
}
export function openMouthTriangles(first: number): number[] {
  return [...strip(first, 0, 1), ...strip(first, 2, 3)]
}

function strip(first: number, upperRow: number, lowerRow: number): number[] {
  const triangles: number[] = []
  for (let i = 0; i < 10; i++) {
    const a = first + upperRow * 11 + i
    const b = first + lowerRow * 11 + i
    triangles.push(a, a + 1, b, a + 1, b + 1, b)
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
