/** A picture drawn anew from its pixels: a plain JPEG in which nothing else of the original is left. */
import sharp from 'sharp'
import { decode } from './decode.ts'

/** Good enough for a person to judge by; no measurement is made of it. */
const QUALITY = 85

/** @throws IpseError `image_unreadable` as `decode` */
export async function redraw(encoded: Uint8Array): Promise<Uint8Array> {
  const { data, width, height } = await decode(encoded)
  const drawn = await sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: QUALITY })
    .toBuffer()
  return new Uint8Array(drawn.buffer, drawn.byteOffset, drawn.byteLength)
}
