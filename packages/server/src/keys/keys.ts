/** Keys ready for use: what the server can do with the keyring, without handing its secrets around. */
import {
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  timingSafeEqual,
  type webcrypto,
} from 'node:crypto'
import {
  canonicalJson,
  fromBase64url,
  IpseError,
  type Json,
  type PublicJwk,
  RECEIPT_ALGORITHM,
  RECEIPT_TYPE,
  type ReceiptClaims,
  signBytes,
  thumbprint,
  toBase64url,
} from '@ipse/protocol'
import { importJWK, type JWK, type JWTPayload, SignJWT } from 'jose'
import type { Keyring } from './keyring.ts'

export interface Keys {
  /** Public halves of the signing keys, for `/.well-known/jwks.json`. */
  readonly jwks: { readonly keys: readonly JWK[] }
  signReceipt(claims: ReceiptClaims): Promise<string>
  /** An access token of RFC 9068; its type keeps it from ever being taken for a receipt. */
  signAccessToken(claims: JWTPayload): Promise<string>
  /** Key-encryption key by id; the present one without. @throws IpseError `internal` for an unknown id */
  encryptionKey(id?: string): { readonly id: string; readonly secret: Uint8Array }
  /** RFC 7638 thumbprint of the signing key: what capture tokens name the service by. */
  readonly identity: string
  /**
   * Signs with one of the service's own keys, the present one or one from before a rotation.
   * @param statement begins with its context, so that it is never taken for a token
   * @throws IpseError `session_token_invalid` for a key that the keyring lacks
   */
  vouch(
    identity: string,
    statement: Uint8Array,
  ): Promise<{ readonly identity: PublicJwk; readonly signature: string }>
  /** Secret of the HMAC that signs capture tokens. */
  readonly captureTokenKey: Uint8Array
  /**
   * How a word of a capture stands in the replay index: HMAC-SHA256 of tenant and word, 96 bits, base64url. One for every
   * key-encryption key, the present one first: after a rotation, older captures are still found.
   */
  traceMacs(tenant: string, word: string): readonly string[]
  /** HMAC-SHA256(pepper, JCS([context, value])), base64url: how secrets and pseudonyms are stored. */
  mac(
    context:
      | 'api-key'
      | 'subject'
      | 'device'
      | 'device-description'
      | 'device-key'
      | 'address'
      | 'dpop-nonce'
      | `person-${'challenge' | 'identity' | 'invitation' | 'nonce' | 'session' | 'verifier'}`,
    value: Json,
  ): string
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

interface Identity {
  readonly key: webcrypto.CryptoKey
  readonly jwk: PublicJwk
  readonly thumbprint: string
}

async function openIdentity(privateJwk: JWK): Promise<Identity> {
  const key = (await importJWK(privateJwk, RECEIPT_ALGORITHM)) as webcrypto.CryptoKey
  const { x = '', y = '' } = privateJwk
  const jwk: PublicJwk = { kty: 'EC', crv: 'P-256', x, y }
  return { key, jwk, thumbprint: await thumbprint(jwk) }
}

export async function openKeys(keyring: Keyring): Promise<Keys> {
  const [current] = keyring.signing
  if (!current) throw new IpseError('settings_invalid', 'the keyring has no signing key')
  const identities = await Promise.all(keyring.signing.map(({ privateJwk }) => openIdentity(privateJwk)))
  const [{ key: signingKey, thumbprint: identity }] = identities as [Identity]
  const encryption = keyring.encryption.map(({ id, secret }) => ({ id, secret: fromBase64url(secret) }))
  const pepper = fromBase64url(keyring.pepper)
  const traceKeys = encryption.map(({ secret }) => traceKey(secret))
  const jwks = keyring.signing.map(({ kid, privateJwk: { kty, crv, x, y } }) => ({
    kty,
    crv,
    x,
    y,
    kid,
    use: 'sig',
    alg: RECEIPT_ALGORITHM,
  })) as JWK[]
  const sign = (typ: string, claims: JWTPayload) =>
    new SignJWT(claims).setProtectedHeader({ alg: RECEIPT_ALGORITHM, typ, kid: current.kid }).sign(signingKey)
  return {
    jwks: { keys: jwks },
    signReceipt: (claims) => sign(RECEIPT_TYPE, { ...claims }),
    identity,
    async vouch(named, statement) {
      const found = identities.find(({ thumbprint }) => thumbprint === named)
      if (!found) throw new IpseError('session_token_invalid', 'a key that the keyring lacks')
      return { identity: found.jwk, signature: toBase64url(await signBytes(found.key, statement)) }
    },
    signAccessToken: (claims) => sign(ACCESS_TOKEN_TYPE, claims),
    encryptionKey(id = encryption[0]?.id) {
      const key = encryption.find((candidate) => candidate.id === id)
      if (!key) throw new IpseError('internal', 'a template is sealed with a key that the keyring lacks')
      return key
    },
    traceMacs: (tenant, word) =>
      traceKeys.map((key) =>
        createHmac('sha256', key).update(`${tenant}\0${word}`).digest('base64url').slice(0, TRACE_CHARACTERS),
      ),
    captureTokenKey: fromBase64url(keyring.captureToken),
    mac: (context, value) =>
      toBase64url(
        createHmac('sha256', pepper)
          .update(canonicalJson([context, value]))
          .digest(),
      ),
  }
}

/** Compares two MACs of {@link Keys.mac} without telling by time where they differ. */
export function equalMacs(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
