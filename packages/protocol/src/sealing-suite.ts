/**
 * The recipient's half of the sealing suite over primitives that a runtime computes at once: every step through WebCrypto is
 * handed to another thread and waited for, which costs more than the step itself.
 */
import {
  AEAD_AES_256_GCM,
  CipherSuite,
  type KDF,
  KDF_HKDF_SHA256,
  KEM_DHKEM_P256_HKDF_SHA256,
  type Key,
  LabeledExpand,
  LabeledExtract,
} from 'hpke'
import { type Bytes, concat, utf8 } from './encoding.ts'

/**
 * AES-256-GCM backwards.
 * @param sealed ciphertext, then the tag of 16 bytes
 * @throws when the tag does not fit; nothing of the plaintext is given out then
 */
export type OpenAead = (key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array) => Bytes

export interface SealingPrimitives {
  readonly openAead: OpenAead
  /** HMAC-SHA256, 32 bytes. */
  hmac(key: Uint8Array, bytes: Uint8Array): Bytes
  /**
   * ECDH over P-256: the shared point's x, 32 bytes.
   * @param privateKey of the pair that the runtime itself made
   * @param peer uncompressed point
   * @throws when the peer's is no point of the curve
   */
  agree(privateKey: Key, peer: Uint8Array): Bytes
}

/** @param publicKey the recipient's own, uncompressed point */
export function suiteOf({ openAead, hmac, agree }: SealingPrimitives, publicKey: Uint8Array): CipherSuite {
  const kdf: KDF = {
    ...KDF_HKDF_SHA256(),
    Extract: async (salt, ikm) => hmac(salt, ikm),
    Expand: async (prk, info, length) => expand(hmac, prk, info, length),
  }
  const kem = KEM_DHKEM_P256_HKDF_SHA256()
  const kemId = concat(utf8('KEM'), new Uint8Array([kem.id >> 8, kem.id & 255]))
  return new CipherSuite(
    () => ({
      ...kem,
      // RFC 9180 §4.1
      async Decap(enc, privateKey) {
        const secret = agree(privateKey, enc)
        const extracted = await LabeledExtract(kdf, kemId, new Uint8Array(), utf8('eae_prk'), secret)
        const context = concat(enc, publicKey)
        return LabeledExpand(kdf, kemId, extracted, utf8('shared_secret'), context, kem.Nsecret)
      },
    }),
    () => kdf,
    () => ({ ...AEAD_AES_256_GCM(), Open: async (...sealed) => openAead(...sealed) }),
  )
}

/** RFC 5869 §2.3. */
function expand(hmac: SealingPrimitives['hmac'], prk: Uint8Array, info: Uint8Array, length: number): Bytes {
  let out = new Uint8Array()
  let block = out
  for (let n = 1; out.length < length; n++) {
    block = hmac(prk, concat(block, info, new Uint8Array([n])))
    out = concat(out, block)
  }
  return out.slice(0, length)
}
