/** AES-256-GCM with a fresh nonce, as one piece: nonce ‖ ciphertext ‖ tag. Every key here seals one message. */
import { createCipheriv } from 'node:crypto'
import { concat, IpseError } from '@ipse/protocol'
import { openAes256Gcm } from '../node-crypto.ts'

export const KEY_BYTES = 32
/** NIST SP 800-38D: 96-bit random nonce. */
const NONCE_BYTES = 12

/** @param bytes returns that many bytes from a CSPRNG */
export function seal(
  key: Uint8Array,
  plain: Uint8Array,
  aad: Uint8Array,
  bytes: (length: number) => Uint8Array,
): Uint8Array {
  const nonce = bytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(aad)
  return concat(nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag())
}

/** @throws IpseError `internal` when it was altered, moved, or sealed with another key */
export function open(key: Uint8Array, sealed: Uint8Array, aad: Uint8Array): Uint8Array {
  try {
    const plain = openAes256Gcm(key, sealed.subarray(0, NONCE_BYTES), aad, sealed.subarray(NONCE_BYTES))
    return new Uint8Array(plain.buffer, plain.byteOffset, plain.byteLength)
  } catch (cause) {
    throw new IpseError('internal', 'something sealed does not open', { cause })
  }
}
