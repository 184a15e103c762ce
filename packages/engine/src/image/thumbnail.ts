/** A 32 × 32 grey miniature of a whole frame: enough to see repeats and loops, not enough to see a person. */
import type { Pyramid } from './pyramid.ts'

export const THUMBNAIL_SIDE = 32

/** Mean luma (ITU-R BT.601) over each cell of a 32 × 32 grid. */
export function thumbnail(pyramid: Pyramid): Uint8Array {
  const shortSide = Math.min(pyramid.width, pyramid.height)
  const level = Math.max(0, Math.floor(Math.log2(shortSide / (2 * THUMBNAIL_SIDE))))
  const { image } = pyramid.level(level)
  const { width, height, data } = image
  const columns = Uint8Array.from({ length: width }, (_, x) => Math.floor((x * THUMBNAIL_SIDE) / width))
  const sums = new Float64Array(THUMBNAIL_SIDE ** 2)
  const counts = new Uint32Array(THUMBNAIL_SIDE ** 2)
  let at = 0
  for (let y = 0; y < height; y++) {
    const row = THUMBNAIL_SIDE * Math.floor((y * THUMBNAIL_SIDE) / height)
    for (let x = 0; x < width; x++, at += 3) {
      const cell = row + columns[x]!
      sums[cell]! += 0.299 * data[at]! + 0.587 * data[at + 1]! + 0.114 * data[at + 2]!
      counts[cell]!++
    }
  }
  return Uint8Array.from(sums, (sum, cell) => (counts[cell] ? Math.round(sum / counts[cell]!) : 0))
}
