/**
 * Grey pyramids for tracking: each level is the one before, smoothed by five taps, every second pixel kept.
 * Source: P. Burt, E. Adelson, IEEE Trans. Communications 31(4), 1983.
 */
import type { Image } from '../types.ts'
import { type Crop, LEVELS } from './crop.ts'
import { type Grey, readGrey } from './grey.ts'

/** A crop at full, half, quarter … size. Pixel (x, y) of level n is pixel (2ⁿ·x, 2ⁿ·y) of the crop. */
export interface Pyramid {
  readonly crop: Crop
  readonly levels: readonly Grey[]
}

/** Smallest side of a level in pixels: below, a window sees nothing but borders. */
const MIN_SIDE_PX = 8

/** Reads a crop of a picture (RGB or grey) and builds its pyramid; about 1 ms for 320 × 320 pixels. */
export function buildPyramid(image: Image, crop: Crop, levels: number = LEVELS): Pyramid {
  return pyramidOf(readGrey(image, crop), crop, levels)
}

/** The pyramid of grey pixels that are at hand. */
export function pyramidOf(base: Grey, crop: Crop, levels: number = LEVELS): Pyramid {
  const all = [base]
  while (all.length < levels) {
    const last = all[all.length - 1]
    if (Math.min(last.width, last.height) < 2 * MIN_SIDE_PX) break
    all.push(reduce(last))
  }
  return { crop, levels: all }
}

/** Half the size: (1 4 6 4 1) / 16 both ways, mirrored at the borders. */
function reduce(from: Grey): Grey {
  const { width: sourceWidth, height: sourceHeight, data: source } = from
  const width = (sourceWidth + 1) >> 1
  const height = (sourceHeight + 1) >> 1
  const data = new Float32Array(width * height)
  const column = new Float32Array(sourceWidth + 4)
  for (let y = 0; y < height; y++) {
    const r0 = mirror(2 * y - 2, sourceHeight) * sourceWidth
    const r1 = mirror(2 * y - 1, sourceHeight) * sourceWidth
    const r2 = 2 * y * sourceWidth
    const r3 = mirror(2 * y + 1, sourceHeight) * sourceWidth
    const r4 = mirror(2 * y + 2, sourceHeight) * sourceWidth
    for (let x = 0; x < sourceWidth; x++) {
      column[x + 2] =
        source[r0 + x] + source[r4 + x] + 4 * (source[r1 + x] + source[r3 + x]) + 6 * source[r2 + x]
    }
    column[1] = column[3]
    column[0] = column[4]
    column[sourceWidth + 2] = column[sourceWidth]
    column[sourceWidth + 3] = column[sourceWidth - 1]
    for (let x = 0, at = 0, to = y * width; x < width; x++, at += 2, to++) {
      data[to] =
        (column[at] + column[at + 4] + 4 * (column[at + 1] + column[at + 3]) + 6 * column[at + 2]) / 256
    }
  }
  return { width, height, data }
}

function mirror(at: number, length: number): number {
  if (at < 0) return -at
  return at < length ? at : 2 * (length - 1) - at
}
