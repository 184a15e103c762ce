/**
 * Reads a square crop out of an image, straight into the tensor that a network takes: one pass, no intermediate
 * picture. Bilinear, from the pyramid level whose pixels are nearest in size to the crop's.
 */
import type { Pyramid } from './pyramid.ts'
import { type Similarity, scaleOf } from './similarity.ts'

/** Tensor value = (byte − mean) · factor, per channel in the order of the tensor. */
export interface Normalisation {
  readonly mean: readonly [number, number, number]
  readonly factor: readonly [number, number, number]
  /** Tensor channel order; default RGB. */
  readonly channels?: 'RGB' | 'BGR'
}

/** What lies outside the image: its nearest pixel, or black. */
export type Border = 'nearest' | 'black'

/**
 * @param crop crop → image, in pixels of the full image
 * @param out 3 · width · height floats, channels first; overwritten
 */
export function warp(
  pyramid: Pyramid,
  crop: Similarity,
  width: number,
  height: number,
  normalisation: Normalisation,
  out: Float32Array,
  border: Border = 'nearest',
): Float32Array {
  const { image, level } = pyramid.nearest(scaleOf(crop))
  const shrink = 1 / 2 ** level
  const a = crop.a * shrink
  const b = crop.b * shrink
  const source = image.data
  const stride = 3 * image.width
  const maxX = image.width - 1
  const maxY = image.height - 1
  const [m0, m1, m2] = normalisation.mean
  const [f0, f1, f2] = normalisation.factor
  const area = width * height
  const first = normalisation.channels === 'BGR' ? 2 * area : 0
  const last = 2 * area - first
  const black = border === 'black'
  for (let y = 0; y < height; y++) {
    let sx = a * 0.5 - b * (y + 0.5) + crop.tx * shrink - 0.5
    let sy = b * 0.5 + a * (y + 0.5) + crop.ty * shrink - 0.5
    let to = y * width
    for (let x = 0; x < width; x++, to++, sx += a, sy += b) {
      if (black && (sx < -0.5 || sy < -0.5 || sx > maxX + 0.5 || sy > maxY + 0.5)) {
        out[to + first] = -m0 * f0
        out[to + area] = -m1 * f1
        out[to + last] = -m2 * f2
        continue
      }
      const cx = sx > 0 ? Math.min(sx, maxX) : 0
      const cy = sy > 0 ? Math.min(sy, maxY) : 0
      const x0 = cx | 0
      const y0 = cy | 0
      const wx = cx - x0
      const wy = cy - y0
      const p = y0 * stride + 3 * x0
      const right = x0 < maxX ? 3 : 0
      const q = p + (y0 < maxY ? stride : 0)
      const w11 = wx * wy
      const w01 = wx - w11
      const w10 = wy - w11
      const w00 = 1 - wx - w10
      const r = w00 * source[p]! + w01 * source[p + right]! + w10 * source[q]! + w11 * source[q + right]!
      const g =
        w00 * source[p + 1]! +
        w01 * source[p + right + 1]! +
        w10 * source[q + 1]! +
        w11 * source[q + right + 1]!
      const c =
        w00 * source[p + 2]! +
        w01 * source[p + right + 2]! +
        w10 * source[q + 2]! +
        w11 * source[q + right + 2]!
      out[to + first] = (r - m0) * f0
      out[to + area] = (g - m1) * f1
      out[to + last] = (c - m2) * f2
    }
  }
  return out
}
