/**
 * Photographs of older research sets come as portable grey or colour maps (PGM, PPM). For measuring they are packed into
 * PNG without a change of any pixel; the service does not take them. Formats: netpbm(5) P5 and P6; PNG, ISO/IEC 15948.
 */
import { crc32, deflateSync } from 'node:zlib'

/** The maps' pixels as PNG, or nothing when the bytes are no binary 8-bit map. */
export function netpbmToPng(bytes: Buffer): Buffer | undefined {
  const header = /^P([56])(?:\s+|#[^\n]*\n)+(\d{1,5})\s+(\d{1,5})\s+(\d{1,3})\s/.exec(
    bytes.toString('latin1', 0, 512),
  )
  if (!header) return undefined
  const [text, kind, width, height, maximum] = header
  const channels = kind === '5' ? 1 : 3
  const rowBytes = Number(width) * channels
  const pixels = bytes.subarray(text.length)
  if (Number(maximum) !== 255 || rowBytes === 0 || pixels.length < rowBytes * Number(height)) return undefined
  const rows = Buffer.alloc((rowBytes + 1) * Number(height))
  for (let y = 0; y < Number(height); y++)
    pixels.copy(rows, y * (rowBytes + 1) + 1, y * rowBytes, (y + 1) * rowBytes)
  const size = Buffer.alloc(13)
  size.writeUInt32BE(Number(width), 0)
  size.writeUInt32BE(Number(height), 4)
  size[8] = 8
  size[9] = channels === 1 ? 0 : 2
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([signature, chunk('IHDR', size), chunk('IDAT', deflateSync(rows)), chunk('IEND')])
}

function chunk(type: string, data = Buffer.alloc(0)): Buffer {
  const out = Buffer.alloc(12 + data.length)
  out.writeUInt32BE(data.length, 0)
  out.write(type, 4, 'latin1')
  data.copy(out, 8)
  out.writeUInt32BE(crc32(out.subarray(4, 8 + data.length)), 8 + data.length)
  return out
}
