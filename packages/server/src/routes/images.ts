/** Photographs that a relying party sends: decoded, measured, and only the template kept. */
import type { FrameMeasurement, Template } from '@ipse/engine'
import { IpseError } from '@ipse/protocol'
import type { EngineQueue } from '../work/engine-queue.ts'
import { MAX_IMAGE_BYTES } from './schemas.ts'

/** @throws IpseError `image_unreadable` for anything but canonical base64, `payload_too_large` */
export function decodeImage(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64')
  if (bytes.toString('base64') !== text) throw new IpseError('image_unreadable', 'the image is not base64')
  if (bytes.length > MAX_IMAGE_BYTES) throw new IpseError('payload_too_large')
  return bytes
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
