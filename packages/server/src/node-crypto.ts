/**
 * What every record goes through, by node:crypto: at once and on this thread. WebCrypto would hand each record to another
 * thread and wait for it, which costs more than opening and hashing its 45 kB.
 */
import { createDecipheriv, createSecretKey, hash, type KeyObject } from 'node:crypto'
import type { Bytes, OpenAead } from '@ipse/protocol'

/** NIST SP 800-38D: no shorter tag is taken. */
const TAG_BYTES = 16

/** One for all records of a capture: Node 24 takes 15 µs to find out that bytes are no key object. */
const keyObjects = new WeakMap<Uint8Array, KeyObject>()

function keyObjectOf(key: Uint8Array): KeyObject {
  const known = keyObjects.get(key) ?? createSecretKey(key)
  keyObjects.set(key, known)
  return known
}

export const openAes256Gcm: OpenAead = (key, nonce, aad, sealed) => {
  const tagAt = sealed.length - TAG_BYTES
  if (tagAt < 0) throw new RangeError('shorter than a tag')
  const decipher = createDecipheriv('aes-256-gcm', keyObjectOf(key), nonce, { authTagLength: TAG_BYTES })
    .setAAD(aad)
    .setAuthTag(sealed.subarray(tagAt))
  const plaintext = decipher.update(sealed.subarray(0, tagAt))
  // Throws when the tag does not fit: until then nobody has seen the plaintext.
  decipher.final()
  return plaintext
}

export function sha256(bytes: Uint8Array): Bytes {
  return hash('sha256', bytes, 'buffer')
}
