/** A 32 × 32 grey miniature of a whole frame: enough to see repeats and loops, not enough to see a person. */
import type { Pyramid } from './pyramid.ts'

export const THUMBNAIL_SIDE = 32

/** ITU-R BT.601 luma, thousandths: whole numbers add up without rounding. */
const RED = 299
const GREEN = 587
const BLUE = 114
const THOUSAND = 1000

/** Mean luma over each cell of a 32 × 32 grid. */
export function thumbnail(pyramid: Pyramid): Uint8Array {
  const shortSide = Math.min(pyramid.width, pyramid.height)
  const level = Math.max(0, Math.floor(Math.log2(shortSide / (2 * THUMBNAIL_SIDE))))
  const { width, height, data } = pyramid.level(level).image
  const out = new Uint8Array(THUMBNAIL_SIDE ** 2)
  for (let cell = 0; cell < out.length; cell++) {
    const column = cell % THUMBNAIL_SIDE
    const row = (cell - column) / THUMBNAIL_SIDE
    const left = edge(column, width)
    const right = edge(column + 1, width)
    const top = edge(row, height)
    const bottom = edge(row + 1, height)
    let sum = 0
    for (let y = top; y < bottom; y++) sum += lumaOf(data, 3 * (y * width + left), 3 * (y * width + right))
    const pixels = (right - left) * (bottom - top)
    if (pixels > 0) out[cell] = Math.round(sum / (THOUSAND * pixels))
  }
  return out
}

/** Where a cell of a side begins, pixels; a short side has empty cells. */
function edge(cell: number, side: number): number {
  return Math.ceil((cell * side) / THUMBNAIL_SIDE)
}

/** Sum of some pixels beside each other, thousandths. */
function lumaOf(data: Uint8Array, from: number, end: number): number {
  let sum = 0
  for (let at = from; at < end; at += 3) sum += RED * data[at]! + GREEN * data[at + 1]! + BLUE * data[at + 2]!
  return sum
}
