/** Finds the iris in a level photograph: the centroid of what is dark between the lids. */
import type { LevelPhoto } from './level.ts'
import type { EyeRows } from './topology.ts'

/** The darkest share of the pixels between the lids that counts as iris and pupil. */
const DARK_SHARE = 0.4

/** Frame pixels of the iris centre; the middle of the eye when the lids are too close to tell. */
export function findIris(level: LevelPhoto, eye: EyeRows): [number, number] {
  const { landmarks } = level
  const middle: [number, number] = [0, 1].map(
    (k) => (landmarks[3 * eye.upper[3] + k] + landmarks[3 * eye.lower[3] + k]) / 2,
  ) as [number, number]
  const candidates = pixelsBetweenLids(level, eye)
  if (candidates.length < 12) return middle
  const limit = candidates.map((c) => c.luma).sort((a, b) => a - b)[
    Math.floor(candidates.length * DARK_SHARE)
  ]
  let [weight, x, y] = [0, 0, 0]
  for (const candidate of candidates) {
    const w = Math.max(0, limit - candidate.luma)
    weight += w
    x += w * candidate.x
    y += w * candidate.y
  }
  if (weight === 0) return middle
  return [x / weight, y / weight]
}

interface Candidate {
  readonly x: number
  readonly y: number
  readonly luma: number
}

function pixelsBetweenLids(level: LevelPhoto, eye: EyeRows): Candidate[] {
  const { landmarks, texture } = level
  const found: Candidate[] = []
  const point = (i: number): [number, number] => [landmarks[3 * i], landmarks[3 * i + 1]]
  for (let column = 0; column < 6; column++) {
    const [ux, uy] = point(eye.upper[column])
    const [vx, vy] = point(eye.upper[column + 1])
    const [, ly] = point(eye.lower[column])
    const [, my] = point(eye.lower[column + 1])
    const [from, to] = [Math.min(ux, vx), Math.max(ux, vx)]
    for (let x = Math.ceil(from); x < to; x++) {
      for (let y = Math.ceil(Math.min(uy, vy)) + 1; y < Math.max(ly, my) - 1; y++) {
        const texel = texture.pixels[(y + level.offsetY) * texture.width + x + level.offsetX]
        const luma = 0.3 * (texel & 255) + 0.6 * ((texel >>> 8) & 255) + 0.1 * ((texel >>> 16) & 255)
        found.push({ x: x + 0.5, y: y + 0.5, luma })
      }
    }
  }
  return found
}
