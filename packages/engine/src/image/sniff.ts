/** Image formats by their first bytes. A file name or a declared type is never asked: the sender controls both. */

export type ImageFormat = 'jpeg' | 'png' | 'webp'

const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

function startsWith(data: Uint8Array, signature: readonly number[], at = 0): boolean {
  return data.length >= at + signature.length && signature.every((byte, index) => data[at + index] === byte)
}

/** The format of an encoded image, undefined when it is none of the three that are accepted. */
export function sniff(data: Uint8Array): ImageFormat | undefined {
  if (startsWith(data, [0xff, 0xd8, 0xff])) return 'jpeg'
  if (startsWith(data, PNG)) return 'png'
  const riff = startsWith(data, [0x52, 0x49, 0x46, 0x46])
  if (riff && startsWith(data, [0x57, 0x45, 0x42, 0x50], 8)) return 'webp'
  return undefined
}
