/** What the engine reads from strangers: the heads of pictures, and pictures. */
import { IpseError } from '@ipse/protocol'
import sharp from 'sharp'
import type { Parser } from '../../protocol/test/fuzz.ts'
import { decode } from '../src/image/decode.ts'
import { onlyOrientation } from '../src/image/exif.ts'
import { inspect } from '../src/image/inspect.ts'
import { ordinaryFrame } from '../src/image/jpeg.ts'
import { DECODE_LIMITS } from '../src/image/limits.ts'
import { lumaSteps } from '../src/image/quantisation.ts'
import { sniff } from '../src/image/sniff.ts'
import type { Image } from '../src/types.ts'

/** They return what they found or nothing; they have nothing to throw. */
const never = () => false
const isUnreadable = (error: unknown) => error instanceof IpseError && error.code === 'image_unreadable'

export async function engineParsers(): Promise<Parser[]> {
  const raw = { width: 32, height: 24, channels: 3 as const }
  const pixels = Uint8Array.from({ length: 3 * 32 * 24 }, (_, i) => (i * 7919) % 251)
  const picture = sharp(pixels, { raw })
  const jpeg = await picture.clone().jpeg().toBuffer()
  const turned = await picture.clone().withMetadata({ orientation: 6 }).jpeg().toBuffer()
  const samples = [
    jpeg,
    turned,
    await picture.clone().jpeg({ progressive: true }).toBuffer(),
    await picture.clone().png().toBuffer(),
    await picture.clone().withMetadata({ orientation: 6 }).webp().toBuffer(),
  ]
  return [
    { name: 'JPEG frame', samples: [jpeg, turned], parse: ordinaryFrame, refuses: never },
    { name: 'JPEG quantisation', samples: [jpeg, turned], parse: lumaSteps, refuses: never },
    {
      name: 'parts of a picture',
      samples,
      parse: inspect,
      refuses: isUnreadable,
    },
    {
      name: 'EXIF',
      samples,
      parse: (bytes) => onlyOrientation(bytes, sniff(bytes) ?? 'webp'),
      refuses: never,
      holds: (input, read) => (read as Uint8Array).length === input.length,
    },
    {
      name: 'picture',
      samples,
      parse: decode,
      refuses: isUnreadable,
      holds: (_, read) =>
        Math.max((read as Image).width, (read as Image).height) <= DECODE_LIMITS.maxLongSide,
      share: 0.1,
    },
  ]
}
