/** What hostile pictures are put together from: segments, chunks, and pieces of sound pictures. */
import { Buffer } from 'node:buffer'
import { crc32, deflateSync } from 'node:zlib'

export interface Hostile {
  readonly name: string
  readonly data: Uint8Array
}

export const ascii = (text: string): Buffer => Buffer.from(text, 'latin1')

/** Deterministic bytes. */
export function noise(length: number, seed = 7): Buffer {
  let state = seed
  return Buffer.from(
    Uint8Array.from({ length }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return state >>> 24
    }),
  )
}

export const PNG_MAGIC: Buffer = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

export function chunk(type: string, data: Uint8Array, checksum?: number): Buffer {
  const body = Buffer.concat([ascii(type), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const crc = Buffer.alloc(4)
  crc.writeUInt32BE(checksum ?? crc32(body))
  return Buffer.concat([length, body, crc])
}

/** IHDR of a PNG. */
export function header(width: number, height: number, depth = 8, colour = 2): Buffer {
  const data = Buffer.alloc(13)
  data.writeUInt32BE(width >>> 0)
  data.writeUInt32BE(height >>> 0, 4)
  data.set([depth, colour, 0, 0, 0], 8)
  return data
}

export function png(ihdr: Buffer, idat: Uint8Array, ...before: Buffer[]): Buffer {
  return Buffer.concat([
    PNG_MAGIC,
    chunk('IHDR', ihdr),
    ...before,
    chunk('IDAT', idat),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

/** Black rows of three bytes a pixel. */
export const rows = (width: number, height: number): Buffer =>
  deflateSync(Buffer.alloc((3 * width + 1) * height))

/** A JPEG segment with its length. */
export function segment(marker: number, data: Uint8Array): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0])
  head.writeUInt16BE(data.length + 2, 2)
  return Buffer.concat([head, data])
}

/** Where a JPEG's first segment of that kind begins. */
export function placeOf(jpeg: Buffer, ...markers: readonly number[]): number {
  for (let at = 2; at + 4 <= jpeg.length; at += 2 + jpeg.readUInt16BE(at + 2))
    if (markers.includes(jpeg[at + 1]!)) return at
  throw new RangeError('no such segment')
}

/** Height and width in the frame header of a JPEG, replaced. */
export function resized(jpeg: Buffer, width: number, height: number): Buffer {
  const out = Buffer.from(jpeg)
  const at = placeOf(jpeg, 0xc0, 0xc2)
  out.writeUInt16BE(height, at + 5)
  out.writeUInt16BE(width, at + 7)
  return out
}

/** A copy with one byte changed. */
export function changed(bytes: Buffer, at: number, value: number): Buffer {
  const out = Buffer.from(bytes)
  out[at] = value
  return out
}

/** A RIFF chunk with its padding. */
export function riffChunk(type: string, data: Uint8Array): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32LE(data.length)
  return Buffer.concat([ascii(type), length, data, Buffer.alloc(data.length % 2)])
}

export function webpOf(...chunks: readonly Buffer[]): Buffer {
  const body = Buffer.concat([ascii('WEBP'), ...chunks])
  const length = Buffer.alloc(4)
  length.writeUInt32LE(body.length)
  return Buffer.concat([ascii('RIFF'), length, body])
}
