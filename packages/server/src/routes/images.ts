/** Photographs that a relying party sends: decoded, measured, and only the template kept. */
import type { FrameMeasurement, Template } from '@ipse/engine'
import { IpseError } from '@ipse/protocol'
import type { EngineQueue } from '../work/engine-queue.ts'
import { MAX_IMAGE_BYTES } from './schemas.ts'

/** @throws IpseError `image_unreadable` for anything but canonical base64, `payload_too_large` */
export function decodeImage(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64')
  if (!isCanonical(text, bytes)) throw new IpseError('image_unreadable', 'the image is not base64')
  if (bytes.length > MAX_IMAGE_BYTES) throw new IpseError('payload_too_large')
  return bytes
}

/**
 * Whether the bytes are encoded as the text, without encoding 10 MB for it. Node's decoder skips what is no letter of
 * base64 or base64url, takes the low byte of what is not ASCII, and ends at padding: of ASCII that gave as many bytes as it
 * has room for, it skipped nothing.
 */
function isCanonical(text: string, bytes: Buffer): boolean {
  if (4 * Math.ceil(bytes.length / 3) !== text.length || Buffer.byteLength(text) !== text.length) return false
  if (text.includes('-') || text.includes('_')) return false
  // Padding, and the bits beside the last byte.
  const tail = bytes.length % 3 || 3
  return bytes.subarray(-tail).toString('base64') === text.slice(-4)
}

export function measureImage(
  queue: EngineQueue,
  image: string,
  template: boolean,
): Promise<FrameMeasurement> {
  return queue.measure(decodeImage(image), { template })
}

/** @throws IpseError `reference_unusable` unless exactly one face gives a template */
export async function referenceTemplate(queue: EngineQueue, image: string): Promise<Template> {
  const { faces, template } = await measureImage(queue, image, true)
  if (faces.length !== 1)
    throw new IpseError(
      'reference_unusable',
      `the photograph shows ${faces.length === 0 ? 'no face' : 'several faces'}`,
    )
  if (!template) throw new IpseError('reference_unusable')
  return template
}
