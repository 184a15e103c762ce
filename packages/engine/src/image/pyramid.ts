/** An image at full, half, quarter … size, so that strong reductions read averaged pixels and do not alias. */
import type { Image } from '../types.ts'
import { release } from './release.ts'

/** Every other byte of a word: two sums of bytes fit into it side by side. */
const BYTES = 0x00ff00ff

/** Means of 2 × 2 pixels; an odd last row or column is left out. */
function halve(from: Image): Image {
  const width = from.width >> 1
  const height = from.height >> 1
  const { buffer, byteOffset, length } = from.data
  const stride = 3 * from.width
  const row = 3 * width
  const data = new Uint8Array(row * height)
  const words = stride % 4 === 0 && byteOffset % 4 === 0 && new Int32Array(buffer, byteOffset, length >> 2)
  for (let y = 0; y < height; y++) {
    if (words) meansOfWords(words, (y * stride) >> 1, stride >> 2, data, y * row, (y + 1) * row)
    else meansOfBytes(from.data, 2 * y * stride, stride, data, y * row, (y + 1) * row)
  }
  return { width, height, data }
}

function meansOfBytes(
  source: Uint8Array,
  from: number,
  stride: number,
  out: Uint8Array,
  to: number,
  end: number,
): void {
  for (let upper = from, lower = from + stride, at = to; at < end; upper += 6, lower += 6, at += 3)
    for (let c = 0; c < 3; c++)
      out[at + c] =
        (source[upper + c]! + source[upper + c + 3]! + source[lower + c]! + source[lower + c + 3]! + 2) >> 2
}

/**
 * The same with a third less work: the words of two rows are added, their even and their odd bytes each for themselves. Four
 * pixels are three words, RGBR GBRG BRGB, their first byte the lowest.
 */
function meansOfWords(
  source: Int32Array,
  from: number,
  stride: number,
  out: Uint8Array,
  to: number,
  end: number,
): void {
  for (let upper = from, at = to; at < end; upper = (upper + 3) | 0, at = (at + 6) | 0) {
    const lower = (upper + stride) | 0
    const u0 = source[upper]!
    const l0 = source[lower]!
    const u1 = source[upper + 1]!
    const l1 = source[lower + 1]!
    const u2 = source[upper + 2]!
    const l2 = source[lower + 2]!
    const even0 = ((u0 & BYTES) + (l0 & BYTES)) | 0
    const odd0 = (((u0 >>> 8) & BYTES) + ((l0 >>> 8) & BYTES)) | 0
    const even1 = ((u1 & BYTES) + (l1 & BYTES)) | 0
    const odd1 = (((u1 >>> 8) & BYTES) + ((l1 >>> 8) & BYTES)) | 0
    const even2 = ((u2 & BYTES) + (l2 & BYTES)) | 0
    const odd2 = (((u2 >>> 8) & BYTES) + ((l2 >>> 8) & BYTES)) | 0
    out[at] = ((even0 & 0xffff) + (odd0 >>> 16) + 2) >> 2
    out[at + 1] = ((odd0 & 0xffff) + (even1 & 0xffff) + 2) >> 2
    out[at + 2] = ((even0 >>> 16) + (odd1 & 0xffff) + 2) >> 2
    out[at + 3] = ((even1 >>> 16) + (odd2 & 0xffff) + 2) >> 2
    out[at + 4] = ((odd1 >>> 16) + (even2 >>> 16) + 2) >> 2
    out[at + 5] = ((even2 & 0xffff) + (odd2 >>> 16) + 2) >> 2
  }
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
