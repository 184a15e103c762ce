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

/** Fraction bits of a place in the image: it has 32 with its sign, so that pictures may have sides below 2048 pixels. */
const PLACE_BITS = 20
const PLACE_ONE = 2 ** PLACE_BITS
const MAX_SIDE = 2 ** (31 - PLACE_BITS)
/** Bits of the weight of a column or a row: those of a pixel have twice as many, and 8 more for its value. */
const WEIGHT_BITS = 11
const WEIGHT_ONE = 1 << WEIGHT_BITS
const WEIGHT_SQUARE = 1 << (2 * WEIGHT_BITS)
/** How far from the last pixels whole numbers are counted in, pixels: more than a row of 4096 rounded steps goes astray. */
const INSET = 1 / 256
/** Half a step of the weights, in units of a place: it rounds them. */
const HALF_STEP = 1 << (PLACE_BITS - WEIGHT_BITS - 1)

/** A picture, and where and how its values are written. */
interface Reading {
  readonly source: Uint8Array
  /** Bytes of a row. */
  readonly stride: number
  /** The last column and row. */
  readonly maxX: number
  readonly maxY: number
  /** Steps from one column of the crop to the next, pixels. */
  readonly a: number
  readonly b: number
  readonly out: Float32Array
  /** Where the tensor's red, green and blue begin, what their bytes are multiplied with and what is added then. */
  readonly at: readonly [number, number, number]
  readonly factor: readonly [number, number, number]
  readonly offset: readonly [number, number, number]
  readonly black: boolean
}

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
  const maxX = image.width - 1
  const maxY = image.height - 1
  const { mean, factor, channels } = normalisation
  const area = width * height
  const reading: Reading = {
    source: image.data,
    stride: 3 * image.width,
    maxX,
    maxY,
    a,
    b,
    out,
    at: channels === 'BGR' ? [2 * area, area, 0] : [0, area, 2 * area],
    factor,
    offset: [-mean[0] * factor[0], -mean[1] * factor[1], -mean[2] * factor[2]],
    black: border === 'black',
  }
  const small = image.width < MAX_SIDE && image.height < MAX_SIDE
  for (let y = 0; y < height; y++) {
    const sx = a * 0.5 - b * (y + 0.5) + crop.tx * shrink - 0.5
    const sy = b * 0.5 + a * (y + 0.5) + crop.ty * shrink - 0.5
    const enter = Math.max(entry(sx, a, maxX), entry(sy, b, maxY), 0)
    const leave = Math.min(exit(sx, a, maxX), exit(sy, b, maxY), width)
    const inside = small && enter < leave
    const row = y * width
    readClamped(reading, sx, sy, row, 0, inside ? enter : width)
    if (!inside) continue
    readInside(reading, sx, sy, row, enter, leave)
    readClamped(reading, sx, sy, row, leave, width)
  }
  return out
}

/** The first whole x at which start + step · x lies between the first and the last pixel. */
function entry(start: number, step: number, last: number): number {
  if (step === 0) return start >= INSET && start <= last - INSET ? 0 : Number.POSITIVE_INFINITY
  return Math.ceil(((step > 0 ? INSET : last - INSET) - start) / step)
}

/** The first one after those. */
function exit(start: number, step: number, last: number): number {
  if (step === 0) return Number.POSITIVE_INFINITY
  return Math.floor(((step > 0 ? last - INSET : INSET) - start) / step) + 1
}

/** Columns of a row that have all four pixels: whole numbers, which are a third faster. */
function readInside(reading: Reading, sx: number, sy: number, row: number, from: number, to: number): void {
  const { source, stride, a, b, out, at, factor, offset } = reading
  const [at0, at1, at2] = at
  const [c0, c1, c2] = offset
  const f0 = factor[0] / WEIGHT_SQUARE
  const f1 = factor[1] / WEIGHT_SQUARE
  const f2 = factor[2] / WEIGHT_SQUARE
  const stepX = Math.round(a * PLACE_ONE) | 0
  const stepY = Math.round(b * PLACE_ONE) | 0
  let px = (Math.round((sx + a * from) * PLACE_ONE) + HALF_STEP) | 0
  let py = (Math.round((sy + b * from) * PLACE_ONE) + HALF_STEP) | 0
  const end = row + to
  for (let i = row + from; i < end; i++, px = (px + stepX) | 0, py = (py + stepY) | 0) {
    const wx = (px >> (PLACE_BITS - WEIGHT_BITS)) & (WEIGHT_ONE - 1)
    const wy = (py >> (PLACE_BITS - WEIGHT_BITS)) & (WEIGHT_ONE - 1)
    const p = (Math.imul(py >> PLACE_BITS, stride) + 3 * (px >> PLACE_BITS)) | 0
    const q = (p + stride) | 0
    const w11 = Math.imul(wx, wy)
    const w01 = ((wx << WEIGHT_BITS) - w11) | 0
    const w10 = ((wy << WEIGHT_BITS) - w11) | 0
    const w00 = (WEIGHT_SQUARE - (wx << WEIGHT_BITS) - w10) | 0
    const r =
      Math.imul(w00, source[p]!) +
      Math.imul(w01, source[p + 3]!) +
      Math.imul(w10, source[q]!) +
      Math.imul(w11, source[q + 3]!)
    const g =
      Math.imul(w00, source[p + 1]!) +
      Math.imul(w01, source[p + 4]!) +
      Math.imul(w10, source[q + 1]!) +
      Math.imul(w11, source[q + 4]!)
    const c =
      Math.imul(w00, source[p + 2]!) +
      Math.imul(w01, source[p + 5]!) +
      Math.imul(w10, source[q + 2]!) +
      Math.imul(w11, source[q + 5]!)
    out[at0 + i] = (r | 0) * f0 + c0
    out[at1 + i] = (g | 0) * f1 + c1
    out[at2 + i] = (c | 0) * f2 + c2
  }
}

/** Columns of a row that may lie outside. */
function readClamped(reading: Reading, sx: number, sy: number, row: number, from: number, to: number): void {
  const { source, stride, maxX, maxY, a, b, out, at, factor, offset, black } = reading
  const [at0, at1, at2] = at
  const [f0, f1, f2] = factor
  const [c0, c1, c2] = offset
  for (let x = from; x < to; x++) {
    const px = sx + a * x
    const py = sy + b * x
    const i = row + x
    if (black && (px < -0.5 || py < -0.5 || px > maxX + 0.5 || py > maxY + 0.5)) {
      out[at0 + i] = c0
      out[at1 + i] = c1
      out[at2 + i] = c2
      continue
    }
    const cx = px > 0 ? Math.min(px, maxX) : 0
    const cy = py > 0 ? Math.min(py, maxY) : 0
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
    out[at0 + i] = r * f0 + c0
    out[at1 + i] = g * f1 + c1
    out[at2 + i] = c * f2 + c2
  }
}
