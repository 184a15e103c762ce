/**
 * What can be said of a picture before a decoder opens it: its format, that all of it is there, and that it carries little
 * beside its pixels. Decoders find the same out at length: a progressive JPEG that was cut off took 240 ms of CPU, six megabytes of
 * compressed text in a PNG 820, ten of empty chunks in a WebP 215, four of empty segments in a JPEG 60 (docs/evaluation.md).
 */
import { IpseError } from '@ipse/protocol'
import { hasEnd, type Segment, START_OF_SCAN, segments } from './jpeg.ts'
import { DECODE_LIMITS, PART_LIMITS } from './limits.ts'
import { type ImageFormat, sniff } from './sniff.ts'

/** Counts a part in. @param inflated bytes of it that are inflated when it is read */
type Count = (inflated?: number) => void
/** Counts the parts. @returns whether the pixels are among them, and the end */
type Walk = (picture: Buffer, count: Count) => boolean

/** Names of chunks as numbers. PNG parts that are inflated when they are read, its pixels and its end. Source: W3C PNG, 11. */
const INFLATED: ReadonlySet<number> = new Set(['zTXt', 'iTXt', 'iCCP'].map(nameOf))
const [PNG_PIXELS, PNG_END] = [nameOf('IDAT'), nameOf('IEND')]
/** A picture, or one of an animation. Source: RFC 9649, 2.5 to 2.7. */
const WEBP_PIXELS: ReadonlySet<number> = new Set(['VP8 ', 'VP8L', 'ANMF'].map(nameOf))
/** Place of a PNG's size and interlacing, whose header comes first, bytes. Source: W3C PNG, 11.2.1. */
const [WIDTH, HEIGHT, INTERLACING] = [16, 20, 28]

function nameOf(letters: string): number {
  return Buffer.from(letters, 'latin1').readUInt32BE()
}

const unreadable = (detail: string) => new IpseError('image_unreadable', detail)

/**
 * @param encoded bytes that a stranger chose
 * @throws IpseError `image_unreadable` for what is too large, of another format, cut off, or overloaded
 */
export function inspect(encoded: Uint8Array): ImageFormat {
  if (encoded.length > DECODE_LIMITS.maxBytes)
    throw unreadable(`The image has more than ${DECODE_LIMITS.maxBytes} bytes`)
  const format = sniff(encoded)
  if (!format) throw unreadable('The image is neither JPEG nor PNG nor WebP')
  let parts = 0
  let inflated = 0
  const count: Count = (more = 0) => {
    inflated += more
    if (++parts > PART_LIMITS.maxParts || inflated > PART_LIMITS.maxInflatedBytes)
      throw unreadable('The image carries too much beside its pixels')
  }
  const picture = Buffer.from(encoded.buffer, encoded.byteOffset, encoded.byteLength)
  if (!WALKS[format](picture, count)) throw unreadable('The image is not complete')
  return format
}

const WALKS: Readonly<Record<ImageFormat, Walk>> = {
  jpeg(picture, count) {
    let last: Segment | undefined
    for (const segment of segments(picture)) {
      count()
      last = segment
    }
    return last?.marker === START_OF_SCAN && hasEnd(picture, last.end)
  },
  /** Signature, then chunks of length, type, content and checksum. */
  png(picture, count) {
    assertPngSize(picture)
    let pixels = false
    for (let at = 8; at + 12 <= picture.length; ) {
      const length = picture.readUInt32BE(at)
      const name = picture.readUInt32BE(at + 4)
      count(INFLATED.has(name) ? length : 0)
      if (name === PNG_END) return pixels
      pixels ||= name === PNG_PIXELS
      at += 12 + length
    }
    return false
  },
  /** RIFF: chunks of type, length and content, each with an even number of bytes. */
  webp(picture, count) {
    let pixels = false
    for (let at = 12; at + 8 <= picture.length; ) {
      const length = picture.readUInt32LE(at + 4)
      count()
      const end = at + 8 + length
      pixels ||= end <= picture.length && WEBP_PIXELS.has(picture.readUInt32BE(at))
      at = end + (length % 2)
    }
    return pixels
  },
}

function assertPngSize(png: Buffer): void {
  if (png.length <= INTERLACING) return
  const limit = png[INTERLACING] === 0 ? PART_LIMITS.maxPngPixels : PART_LIMITS.maxInterlacedPixels
  if (png.readUInt32BE(WIDTH) * png.readUInt32BE(HEIGHT) > limit)
    throw unreadable(`The image is a PNG of more than ${limit} pixels`)
}
