/** The skirt: rings of vertices from the silhouette of the face to beyond the frame, with depth and weights. */
import { smoothstep } from './linear.ts'
import { bodyWeight, headOutline, lightWeight, type Outline, rotationWeight } from './outline.ts'
import { SILHOUETTE } from './topology.ts'

/** Rings as multiples of the silhouette; the last one is outside the frame. */
const RINGS = [1.08, 1.18, 1.3, 1.45, 1.65, 1.95, 2.4, 3.2, 6.5]
/** The jaw takes the skin of the neck with it up to this ring. */
const JAW_REACH = 1.7

export const SKIRT_POINTS = RINGS.length * SILHOUETTE.length

export interface SkirtPoint {
  /** The silhouette point that it belongs to. */
  readonly from: number
  /** Frame pixels and depth as photographed. */
  readonly place: readonly [number, number, number]
  /** How much it turns with the head, and how much it comes nearer with the body. */
  readonly rotation: number
  readonly body: number
  /** How much of a screen's light reaches it. */
  readonly lit: number
  /** How much of the jaw's motion it shares. */
  readonly jaw: number
}

/**
 * @param base 468 × (x, y, z) of the face mesh as photographed
 * @param pivotDepth depth of the neck pivot, which the head outline has
 */
export function createSkirt(base: ArrayLike<number>, outline: Outline, pivotDepth: number): SkirtPoint[] {
  return RINGS.flatMap((scale) =>
    SILHOUETTE.map((from): SkirtPoint => {
      const dx = base[3 * from] - outline.centreX
      const dy = base[3 * from + 1] - outline.centreY
      const z = base[3 * from + 2]
      const down = dy / Math.hypot(dx, dy)
      const t = Math.min(1, (scale - 1) / (headOutline(down) - 1))
      return {
        from,
        place: [
          outline.centreX + dx * scale,
          outline.centreY + dy * scale,
          z + (pivotDepth - z) * t * t * (2 - t),
        ],
        rotation: rotationWeight(scale, down),
        body: bodyWeight(scale, down),
        lit: lightWeight(scale, down),
        jaw: 1 - smoothstep(1, JAW_REACH, scale),
      }
    }),
  )
}

/** Triangles ring by ring from the silhouette outwards; the skirt's vertices begin at `first`. */
export function skirtTriangles(first: number): number[] {
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
