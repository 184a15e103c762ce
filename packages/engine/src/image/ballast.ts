/**
 * What a picture carries beside its pixels: parts that libvips reads or inflates although nobody asks for them. Six
 * megabytes of compressed text in a PNG took 820 ms of CPU, ten of empty chunks in a WebP 215, four of empty segments in a
 * JPEG 60 (docs/evaluation.md).
 */
import { segments } from './jpeg.ts'
import { BALLAST_LIMITS } from './limits.ts'
import type { ImageFormat } from './sniff.ts'

/** PNG parts that are inflated when they are read: `zTXt`, `iTXt`, `iCCP`. Source: W3C PNG, 11.3. */
const INFLATED: ReadonlySet<number> = new Set([0x7a545874, 0x69545874, 0x69434350])

interface Part {
  /** Bytes that are inflated when it is read. */
  readonly inflated: number
}

const PARTS: Readonly<Record<ImageFormat, (picture: DataView, bytes: Uint8Array) => Generator<Part>>> = {
  *jpeg(_, bytes) {
    for (const _segment of segments(bytes)) yield { inflated: 0 }
  },
  /** Signature, then chunks of length, type, content and checksum. */
  *png(picture) {
    for (let at = 8; at + 12 <= picture.byteLength; ) {
      const length = picture.getUint32(at)
      yield { inflated: INFLATED.has(picture.getUint32(at + 4)) ? length : 0 }
      at += 12 + length
    }
  },
  /** RIFF: chunks of type, length and content, each with an even number of bytes. */
  *webp(picture) {
    for (let at = 12; at + 8 <= picture.byteLength; ) {
      const length = picture.getUint32(at + 4, true)
      yield { inflated: 0 }
      at += 8 + length + (length % 2)
    }
  },
}

/** Place of a PNG's size and interlacing, whose header comes first, bytes. Source: W3C PNG, 11.2.1. */
const [WIDTH, HEIGHT, INTERLACING] = [16, 20, 28]

/** Seven passes over the whole picture, kept in memory as a whole: at the pixel limit 284 ms of CPU for 73 kB. */
function isInterlacedFlood(png: DataView): boolean {
  if (png.byteLength <= INTERLACING || png.getUint8(INTERLACING) === 0) return false
  return png.getUint32(WIDTH) * png.getUint32(HEIGHT) > BALLAST_LIMITS.maxInterlacedPixels
}

/** @param encoded bytes that a stranger chose */
export function isOverloaded(encoded: Uint8Array, format: ImageFormat): boolean {
  const view = new DataView(encoded.buffer, encoded.byteOffset, encoded.byteLength)
  if (format === 'png' && isInterlacedFlood(view)) return true
  let parts = 0
  let inflated = 0
  for (const part of PARTS[format](view, encoded)) {
    inflated += part.inflated
    if (++parts > BALLAST_LIMITS.maxParts || inflated > BALLAST_LIMITS.maxInflatedBytes) return true
  }
  return false
}
