/** A part of a frame as floating-point grey at any scale: triangle filter, so that reductions do not alias. */
import type { Image } from '../types.ts'
import type { Crop } from './crop.ts'

/** Grey, row-major, 0 … 255. */
export interface Grey {
  readonly width: number
  readonly height: number
  readonly data: Float32Array
}

/** Luma weights of ITU-R BT.601. */
const RED = 0.299
const GREEN = 0.587
const BLUE = 0.114

interface Taps {
  /** First source index and weights of each target index; every target has `count` taps. */
  readonly first: Int32Array
  readonly weights: Float32Array
  readonly count: number
}

/**
 * Reads a crop of a picture; the channels are told by the length of the data.
 * @param image RGB (3 bytes a pixel) or grey (1 byte a pixel), row-major
 * @throws TypeError when the data are neither
 */
export function readGrey(image: Image, crop: Crop): Grey {
  const channels = image.data.length / (image.width * image.height)
  if (channels !== 1 && channels !== 3) throw new TypeError('The picture is neither RGB nor grey.')
  const { width, height } = crop
  const across = tapsOf(crop.left, width, image.width, crop.scale)
  const down = tapsOf(crop.top, height, image.height, crop.scale)
  const data = new Float32Array(width * height)
  if (data.length === 0) return { width, height, data }
  const firstRow = down.first[0]
  const rows = down.first[height - 1] + down.count - firstRow
  const narrow = new Float32Array(width * rows)
  const firstColumn = across.first[0]
  const luma = new Float32Array(across.first[width - 1] + across.count - firstColumn)
  for (let row = 0; row < rows; row++) {
    readLuma(image.data, channels, (firstRow + row) * image.width + firstColumn, luma)
    shrinkRow(luma, firstColumn, across, narrow, row * width)
  }
  for (let y = 0; y < height; y++) {
    for (let tap = 0; tap < down.count; tap++) {
      const weight = down.weights[y * down.count + tap]
      if (weight === 0) continue
      let from = (down.first[y] - firstRow + tap) * width
      for (let to = y * width, end = to + width; to < end; to++, from++) data[to] += weight * narrow[from]
    }
  }
  return { width, height, data }
}

function readLuma(data: Uint8Array, channels: 1 | 3, at: number, luma: Float32Array): void {
  if (channels === 1) {
    for (let i = 0; i < luma.length; i++) luma[i] = data[at + i]
    return
  }
  for (let i = 0, from = 3 * at; i < luma.length; i++, from += 3) {
    luma[i] = RED * data[from] + GREEN * data[from + 1] + BLUE * data[from + 2]
  }
}

function shrinkRow(luma: Float32Array, origin: number, taps: Taps, out: Float32Array, at: number): void {
  const { first, weights, count } = taps
  for (let x = 0, w = 0; x < first.length; x++) {
    const from = first[x] - origin
    let sum = 0
    for (let tap = 0; tap < count; tap++) sum += weights[w++] * luma[from + tap]
    out[at + x] = sum
  }
}

/** Triangle of one source pixel's half width, wider when the picture is reduced; weights add up to 1 at the borders. */
function tapsOf(origin: number, length: number, sourceLength: number, scale: number): Taps {
  const reach = Math.max(1, 1 / scale)
  const count = Math.min(sourceLength, Math.ceil(2 * reach))
  const first = new Int32Array(length)
  const weights = new Float32Array(length * count)
  for (let i = 0; i < length; i++) {
    const centre = (origin + i + 0.5) / scale - 0.5
    const start = Math.min(Math.max(0, Math.floor(centre - reach) + 1), sourceLength - count)
    first[i] = start
    let sum = 0
    for (let tap = 0; tap < count; tap++) {
      const weight = Math.max(0, 1 - Math.abs(start + tap - centre) / reach)
      weights[i * count + tap] = weight
      sum += weight
    }
    for (let tap = 0; tap < count; tap++) weights[i * count + tap] /= sum
  }
  return { first, weights, count }
}
