/**
 * End-to-end sealing of a capture inside TLS: HPKE base mode, DHKEM(P-256, HKDF-SHA256) / HKDF-SHA256 / AES-256-GCM
 * (RFC 9180), one context a capture, to a key that the server makes for this capture and forgets at its end. Proxies that
 * terminate TLS see ciphertext only; records cannot be dropped, repeated or reordered.
 */
import {
  AEAD_AES_256_GCM,
  CipherSuite,
  KDF_HKDF_SHA256,
  KEM_DHKEM_P256_HKDF_SHA256,
  type KeyPair,
} from 'hpke'
import { type Bytes, utf8 } from './encoding.ts'
import { IpseError } from './errors.ts'
import { type SealingPrimitives, suiteOf } from './sealing-suite.ts'

const suite = new CipherSuite(KEM_DHKEM_P256_HKDF_SHA256, KDF_HKDF_SHA256, AEAD_AES_256_GCM)

export const SEALING_SUITE = 'HPKE-P256-HKDF-SHA256-AES-256-GCM'

/** What a sealed capture is bound to; both sides must agree on every part or nothing opens. */
export interface SealingScope {
  readonly sessionId: string
  readonly challengeId: string
  readonly kid: string
  /** Thumbprint of the device key. */
  readonly jkt: string
}

function info(scope: SealingScope): Bytes {
  return utf8(['ipse-capture/1', scope.sessionId, scope.challengeId, scope.kid, scope.jkt].join('|'))
}

export interface SealingKey {
  readonly pair: KeyPair
  /** Uncompressed point, 65 bytes. */
  readonly publicKey: Bytes
}

export async function createSealingKey(): Promise<SealingKey> {
  const pair = await suite.GenerateKeyPair(false)
  return { pair, publicKey: (await suite.SerializePublicKey(pair.publicKey)) as Bytes }
}

export interface Sealer {
  /** The encapsulated secret that the other side needs, 65 bytes. */
  readonly enc: Bytes
  /** Seals the next record. Records must be sent in the order in which they were sealed. */
  seal(plaintext: Uint8Array): Promise<Bytes>
}

export async function createSealer(publicKey: Uint8Array, scope: SealingScope): Promise<Sealer> {
  const key = await suite.DeserializePublicKey(publicKey)
  const { encapsulatedSecret, ctx } = await suite.SetupSender(key, { info: info(scope) })
  return {
    enc: encapsulatedSecret as Bytes,
    seal: async (plaintext) => (await ctx.Seal(plaintext)) as Bytes,
  }
}

export interface Opener {
  /** Opens the next record. @throws IpseError `challenge_mismatch` for anything that was not sealed as the next one */
  open(ciphertext: Uint8Array): Promise<Bytes>
}

/**
 * @param primitives of a runtime that has them without WebCrypto's detour over other threads; the scheme stays here
 * @throws IpseError `challenge_mismatch` when the encapsulated secret is not usable
 */
export async function createOpener(
  key: SealingKey,
  enc: Uint8Array,
  scope: SealingScope,
  primitives?: SealingPrimitives,
): Promise<Opener> {
  const refuse = (cause: unknown) => new IpseError('challenge_mismatch', undefined, { cause })
  const recipient = primitives ? suiteOf(primitives, key.publicKey) : suite
  const ctx = await recipient.SetupRecipient(key.pair, enc, { info: info(scope) }).catch((cause) => {
    throw refuse(cause)
  })
  return {
    open: async (ciphertext) => {
      try {
        return (await ctx.Open(ciphertext)) as Bytes
      } catch (cause) {
        throw refuse(cause)
      }
    },
  }
}
