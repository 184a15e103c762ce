/** A sealer that tells the secrets it seals with, for tests that look for them elsewhere. Otherwise as protocol/src/sealing.ts. */
import { AEAD_AES_256_GCM, CipherSuite, KDF_HKDF_SHA256, KEM_DHKEM_P256_HKDF_SHA256 } from 'hpke'
import { type Bytes, type Sealer, type SealingScope, utf8 } from '../src/index.ts'

/** What opens one record. */
export interface RecordSecret {
  readonly key: Uint8Array
  readonly nonce: Uint8Array
}

export async function createTellingSealer(
  publicKey: Uint8Array,
  { sessionId, challengeId, kid, jkt }: SealingScope,
  tell: (secret: RecordSecret) => void,
): Promise<Sealer> {
  const aead = AEAD_AES_256_GCM()
  const suite = new CipherSuite(KEM_DHKEM_P256_HKDF_SHA256, KDF_HKDF_SHA256, () => ({
    ...aead,
    async Seal(key, nonce, aad, plaintext) {
      tell({ key: Uint8Array.from(key), nonce: Uint8Array.from(nonce) })
      return aead.Seal(key, nonce, aad, plaintext)
    },
  }))
  const recipient = await suite.DeserializePublicKey(publicKey)
  const info = utf8(['ipse-capture/1', sessionId, challengeId, kid, jkt].join('|'))
  const { encapsulatedSecret, ctx } = await suite.SetupSender(recipient, { info })
  return {
    enc: encapsulatedSecret as Bytes,
    seal: async (plaintext) => (await ctx.Seal(plaintext)) as Bytes,
  }
}
