/** Base64 with padding (RFC 4648 §4), which signed notes use: the one canonical encoding, over our strict base64url. */
import { type Bytes, fromBase64url, toBase64url } from '../encoding.ts'
import { IpseError } from '../errors.ts'

export function toBase64(bytes: Uint8Array): string {
  const text = toBase64url(bytes).replaceAll('-', '+').replaceAll('_', '/')
  return text.padEnd(Math.ceil(text.length / 4) * 4, '=')
}

/** @throws IpseError `log_invalid` for anything but canonical base64 */
export function fromBase64(text: string): Bytes {
  try {
    if (/[-_]/.test(text)) throw new TypeError('base64url')
    const bytes = fromBase64url(
      text
        .replace(/={1,2}$/, '')
        .replaceAll('+', '-')
        .replaceAll('/', '_'),
    )
    if (toBase64(bytes) === text) return bytes
    throw new TypeError('padding')
  } catch (cause) {
    throw new IpseError('log_invalid', 'not base64', { cause })
  }
}
