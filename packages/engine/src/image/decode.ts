/**
 * Encoded bytes → RGB pixels, for input that a stranger chose. Three formats by magic bytes, limits before pixels,
 * every other loader of libvips switched off for the process, metadata dropped, orientation applied.
 */
import { IpseError } from '@ipse/protocol'
import sharp from 'sharp'
import type { Image } from '../types.ts'
import { onlyOrientation } from './exif.ts'
import { inspect } from './inspect.ts'
import { type FrameSize, ordinaryFrame } from './jpeg.ts'
import { DECODE_LIMITS } from './limits.ts'
import { lumaSteps } from './quantisation.ts'
import type { ImageFormat } from './sniff.ts'

/** libvips is process-wide: after this import no loader but these three exists in this process. */
sharp.block({ operation: ['VipsForeignLoad'] })
sharp.unblock({
  operation: ['VipsForeignLoadJpeg', 'VipsForeignLoadPng', 'VipsForeignLoadWebp'],
})
/** Frames run side by side; one picture is not worth a second thread. The operation cache would hold faces. */
sharp.concurrency(1)
sharp.cache(false)

const unreadable = (detail: string, cause?: unknown): IpseError =>
  new IpseError('image_unreadable', detail, cause === undefined ? {} : { cause })

/**
 * Colour profiles are not applied: they cost three times the decoding of a photograph, change what the networks see
 * very little, and their parser is one more door for hostile bytes (measured, docs/evaluation.md).
 */
const INPUT = {
  ignoreIcc: true,
  failOn: 'error',
  limitInputPixels: DECODE_LIMITS.maxPixels,
  pages: 1,
  sequentialRead: true,
} as const

/** What a picture says of itself before its pixels are read. */
interface Header {
  readonly width: number
  readonly height: number
  /** EXIF orientation, 1: as it lies. */
  readonly orientation: number
  readonly hasAlpha: boolean
}

/**
 * Decodes one image; larger ones are shrunk while they are decoded, small ones stay as they are.
 * @throws IpseError `image_unreadable` for anything that is not a sound JPEG, PNG or WebP within the limits
 */
export async function decode(encoded: Uint8Array): Promise<Image> {
  const format = inspect(encoded)
  const frame = format === 'jpeg' ? ordinaryFrame(encoded) : undefined
  // An ordinary JPEG has no EXIF.
  const bytes = frame ? encoded : onlyOrientation(encoded, format)
  try {
    const header = await headerOf(bytes, format, frame)
    if (Math.min(header.width, header.height) < DECODE_LIMITS.minSide)
      throw unreadable(`The image has a side of less than ${DECODE_LIMITS.minSide} pixels`)
    const longSide = DECODE_LIMITS.maxLongSide
    const shrunk = Math.max(header.width, header.height) > longSide
    const turned = header.orientation !== 1
    const picture = sharp(bytes, INPUT).timeout({ seconds: DECODE_LIMITS.timeoutSeconds })
    // What is not needed is left out: on frames of a capture it costs a fifth of the decoding.
    if (turned) picture.autoOrient()
    if (shrunk)
      picture.resize(longSide, longSide, { fit: 'inside', withoutEnlargement: true, kernel: 'linear' })
    if (header.hasAlpha) picture.flatten({ background: '#808080' })
    const { data, info } = await picture
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true })
    const { width, height, channels } = info
    const asCoded = !shrunk && !turned
    if (asCoded && (width !== header.width || height !== header.height))
      throw unreadable('The image is not what its header says')
    const steps = asCoded && format === 'jpeg' ? lumaSteps(encoded) : undefined
    const coded = steps && { lumaSteps: steps }
    if (channels === 3) return { width, height, data, ...coded }
    if (channels === 1) return { width, height, data: threefold(data), ...coded }
    throw unreadable(`The image has ${info.channels} channels`)
  } catch (error) {
    if (error instanceof IpseError) throw error
    throw unreadable('The image is damaged', error)
  }
}

/**
 * Of an ordinary JPEG within the limits it is read here: libvips would open the frame a second time for it, which costs a
 * sixth of the decoding.
 */
async function headerOf(
  encoded: Uint8Array,
  format: ImageFormat,
  frame: FrameSize | undefined,
): Promise<Header> {
  if (frame && Math.max(frame.width, frame.height) <= DECODE_LIMITS.maxLongSide)
    return { ...frame, orientation: 1, hasAlpha: false }
  const { orientation = 1, pages = 1, ...header } = await sharp(encoded, INPUT).metadata()
  if (header.format !== format) throw unreadable('The image is not what its first bytes say')
  if (pages > 1) throw unreadable('The image has more than one page')
  return { width: header.width, height: header.height, orientation, hasAlpha: header.hasAlpha }
}

/** Grey as RGB. */
function threefold(grey: Uint8Array): Uint8Array {
  const out = new Uint8Array(3 * grey.length)
  for (let from = 0, to = 0; from < grey.length; from++) {
    out[to++] = grey[from]!
    out[to++] = grey[from]!
    out[to++] = grey[from]!
  }
  return out
}
