/** An image at full, half, quarter … size, so that strong reductions read averaged pixels and do not alias. */
import type { Image } from '../types.ts'
import { release } from './release.ts'

/** Means of 2 × 2 pixels; an odd last row or column is left out. */
function halve(from: Image): Image {
  const width = from.width >> 1
  const height = from.height >> 1
  const source = from.data
  const stride = 3 * from.width
  const data = new Uint8Array(3 * width * height)
  let to = 0
  for (let y = 0; y < height; y++) {
    let upper = 2 * y * stride
    let lower = upper + stride
    for (let x = 0; x < width; x++) {
      data[to] = (source[upper]! + source[upper + 3]! + source[lower]! + source[lower + 3]! + 2) >> 2
      data[to + 1] =
        (source[upper + 1]! + source[upper + 4]! + source[lower + 1]! + source[lower + 4]! + 2) >> 2
      data[to + 2] =
        (source[upper + 2]! + source[upper + 5]! + source[lower + 2]! + source[lower + 5]! + 2) >> 2
      to += 3
      upper += 6
      lower += 6
    }
  }
  return { width, height, data }
}

export class Pyramid {
  private readonly levels: Image[]

  constructor(base: Image) {
    this.levels = [base]
  }

  get width(): number {
    return this.levels[0]!.width
  }

  get height(): number {
    return this.levels[0]!.height
  }

  /** The image at 1 / 2^level of its size, or the smallest one that still has two pixels each way. */
  level(level: number): { readonly image: Image; readonly level: number } {
    while (this.levels.length <= level) {
      const last = this.levels[this.levels.length - 1]!
      if (last.width < 4 || last.height < 4) break
      this.levels.push(halve(last))
    }
    const reached = Math.min(level, this.levels.length - 1)
    return { image: this.levels[reached]!, level: reached }
  }

  /** Gives back the memory of the smaller sizes: nobody reads them any more. */
  release(): void {
    for (const level of this.levels.splice(1)) release(level)
  }

  /** The level at which reading with a step of `scale` base pixels is closest to one pixel per sample. */
  nearest(scale: number): { readonly image: Image; readonly level: number } {
    return this.level(Math.max(0, Math.round(Math.log2(Math.max(scale, 1e-6)))))
  }
}
