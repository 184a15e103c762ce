/** Keys ready for use: what the server can do with the keyring, without handing its secrets around. */
import { createHmac, createSecretKey, hkdfSync, type KeyObject, timingSafeEqual } from 'node:crypto'
import {
  canonicalJson,
  ERASURE_TYPE,
  type ErasureClaims,
  fromBase64url,
  IpseError,
  type Json,
  RECEIPT_TYPE,
  RELEASE_TYPE,
  type ReceiptClaims,
  type ReleaseClaims,
  toBase64url,
} from '@ipse/protocol'
import type { JWTPayload } from 'jose'
import { inForceAt } from './in-force.ts'
import type { EncryptionEntry, Keyring } from './keyring.ts'
import { type LogKeys, openLogKeys } from './log-keys.ts'
import { openSigning, type Signing } from './signing.ts'

export interface EncryptionKey extends Pick<EncryptionEntry, 'id' | 'wrapsFrom'> {
  readonly secret: Uint8Array
}

export interface Keys extends LogKeys {
  /** Public halves of the signing keys, for `/.well-known/jwks.json`; others after a rotation. */
  jwks(): Signing['jwks']
  /** At once: a receipt is signed within the transaction that stores it, after the audit log has its entry. */
  signReceipt(claims: ReceiptClaims): string
  signRelease(claims: ReleaseClaims): Promise<string>
  signErasure(claims: ErasureClaims): Promise<string>
  /** An access token of RFC 9068; its type keeps it from ever being taken for a receipt. */
  signAccessToken(claims: JWTPayload): Promise<string>
  /** The key-encryption keys of the keyring, newest first; others after a rotation. */
  encryptionKeys(): readonly EncryptionKey[]
  /** RFC 7638 thumbprint of the key that signs at a moment: what capture tokens of then name the service by. */
  readonly identityAt: Signing['identityAt']
  /**
   * Signs with one of the service's own keys, the present one or one from before a rotation.
   * @param statement begins with its context, so that it is never taken for a token
   * @throws IpseError `session_token_invalid` for a key that the keyring lacks
   */
  readonly vouch: Signing['vouch']
  /** Secret of the HMAC that signs capture tokens. */
  readonly captureTokenKey: Uint8Array
  /**
   * How a word of a capture stands in the replay index: HMAC-SHA256 of tenant and word, 96 bits, base64url. One for every
   * key-encryption key, the one in force first: after a rotation, older captures are still found.
   */
  traceMacs(tenant: string, word: string, now: number): readonly string[]
  /** HMAC-SHA256(pepper, JCS([context, value])), base64url: how secrets and pseudonyms are stored. */
  mac(
    context:
      | 'api-key'
      | 'data-key-owner'
      | 'subject'
      | 'device'
      | 'device-description'
      | 'device-key'
      | 'address'
      | 'dpop-nonce'
      | 'rollout'
      | 'installation'
      | 'passkey-user'
      | `person-${'challenge' | 'identity' | 'invitation' | 'nonce' | 'session' | 'verifier'}`,
    value: Json,
  ): string
  /**
   * Takes the keys of a keyring that was rotated: signing keys, those of the log, key-encryption keys.
   * @throws IpseError `settings_invalid` for the keyring of another installation; then nothing changes
   */
  take(rotated: Keyring): Promise<void>
}

/** Key of the replay index from a key-encryption key, HKDF-SHA256 (RFC 5869): neither tells the other. */
const TRACE_PURPOSE = 'ipse replay index 1'
/** 96 bits in base64url: among a hundred million traces, one in 10²⁰ looks like another one by chance. */
const TRACE_CHARACTERS = 16

/** RFC 9068 §2.1. */
export const ACCESS_TOKEN_TYPE = 'at+jwt'

function traceKey(secret: Uint8Array): KeyObject {
  return createSecretKey(new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(), TRACE_PURPOSE, 32)))
}

export async function openKeys(keyring: Keyring): Promise<Keys> {
  let signing = await openSigning(keyring.signing)
  let log = openLogKeys(keyring.log)
  let encryption = keyring.encryption.map(openEncryption)
  const pepper = createSecretKey(fromBase64url(keyring.pepper))
  return {
    jwks: () => signing.jwks,
    signReceipt: (claims) => signing.sign(RECEIPT_TYPE, { ...claims }),
    signRelease: async (claims) => signing.sign(RELEASE_TYPE, { ...claims }),
    signErasure: async (claims) => signing.sign(ERASURE_TYPE, { ...claims }),
    identityAt: (now) => signing.identityAt(now),
    vouch: (identity, statement) => signing.vouch(identity, statement),
    signAccessToken: async (claims) => signing.sign(ACCESS_TOKEN_TYPE, claims),
    async take(rotated) {
      if (unchanging(rotated) !== unchanging(keyring))
        throw new IpseError('settings_invalid', 'the keyring is that of another installation')
      signing = await openSigning(rotated.signing)
      log = openLogKeys(rotated.log)
      encryption = rotated.encryption.map(openEncryption)
    },
    logSigner: (origin, now) => log.logSigner(origin, now),
    logVerifiers: (origin) => log.logVerifiers(origin),
    encryptionKeys: () => encryption,
    traceMacs(tenant, word, now) {
      const first = inForceAt(encryption, ({ wrapsFrom }) => wrapsFrom, now)
      const [newest] = encryption
      const inOrder =
        newest === first
          ? encryption
          : encryption.toSorted((a, b) => Number(b === first) - Number(a === first))
      return inOrder.map(({ trace }) =>
        createHmac('sha256', trace)
          .update(`${tenant}\0${word}`)
          .digest('base64url')
          .slice(0, TRACE_CHARACTERS),
      )
    },
    captureTokenKey: fromBase64url(keyring.captureToken),
    mac: (context, value) =>
      toBase64url(
        createHmac('sha256', pepper)
          .update(canonicalJson([context, value]))
          .digest(),
      ),
  }
}

/** What a rotation leaves alone. */
function unchanging({ createdAt, pepper, captureToken }: Keyring): string {
  return JSON.stringify([createdAt, pepper, captureToken])
}

function openEncryption({ secret: text, ...entry }: EncryptionEntry) {
  const secret = fromBase64url(text)
  return { ...entry, secret, trace: traceKey(secret) }
}

/** Compares two MACs of {@link Keys.mac} without telling by time where they differ. */
export function equalMacs(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
