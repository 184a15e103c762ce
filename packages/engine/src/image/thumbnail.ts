/** A 32 × 32 grey miniature of a whole frame: enough to see repeats and loops, not enough to see a person. */
import type { Pyramid } from './pyramid.ts'

export const THUMBNAIL_SIDE = 32

/** ITU-R BT.601 luma, thousandths: whole numbers add up without rounding. */
const LUMA = { red: 299, green: 587, blue: 114, sum: 1000 } as const

/** Mean luma over each cell of a 32 × 32 grid. */
export function thumbnail(pyramid: Pyramid): Uint8Array {
  const shortSide = Math.min(pyramid.width, pyramid.height)
  const level = Math.max(0, Math.floor(Math.log2(shortSide / (2 * THUMBNAIL_SIDE))))
  const { image } = pyramid.level(level)
  const { width, height, data } = image
  const columns = edges(width)
  const rows = edges(height)
  const out = new Uint8Array(THUMBNAIL_SIDE ** 2)
  for (let row = 0; row < THUMBNAIL_SIDE; row++) {
    const top = rows[row]!
    const bottom = rows[row + 1]!
    for (let column = 0; column < THUMBNAIL_SIDE; column++) {
      const left = columns[column]!
      const right = columns[column + 1]!
      let sum = 0
      for (let y = top; y < bottom; y++) {
        const end = 3 * (y * width + right)
        for (let at = 3 * (y * width + left); at < end; at += 3)
          sum += LUMA.red * data[at]! + LUMA.green * data[at + 1]! + LUMA.blue * data[at + 2]!
      }
      const pixels = (right - left) * (bottom - top)
      if (pixels > 0) out[row * THUMBNAIL_SIDE + column] = Math.round(sum / (LUMA.sum * pixels))
    }
  }
  return out
}

/** Where the cells of a side begin, pixels, and the side itself; a short one has empty cells. */
function edges(side: number): Uint16Array {
  return Uint16Array.from({ length: THUMBNAIL_SIDE + 1 }, (_, cell) =>
    Math.ceil((cell * side) / THUMBNAIL_SIDE),
  )
}
