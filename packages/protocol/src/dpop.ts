/**
 * Proof of possession for the capture device: RFC 9449 proofs (ES256) and RFC 7638 thumbprints over WebCrypto.
 * Only the making lives here; the server verifies with its own strict rules.
 */
import { canonicalJson, sha256, toBase64url, utf8 } from './encoding.ts'

export const DPOP_TYPE = 'dpop+jwt'

export interface PublicJwk {
  readonly kty: 'EC'
  readonly crv: 'P-256'
  readonly x: string
  readonly y: string
}

/** A non-extractable P-256 signing key: code on the page can use it, nobody can copy it. */
export async function createDeviceKey(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify'])
}

export async function publicJwk(key: CryptoKey): Promise<PublicJwk> {
  const { x, y } = await crypto.subtle.exportKey('jwk', key)
  if (!x || !y) throw new TypeError('not a public P-256 key')
  return { kty: 'EC', crv: 'P-256', x, y }
}

/** RFC 7638 thumbprint, base64url. */
export async function thumbprint({ crv, kty, x, y }: PublicJwk): Promise<string> {
  return toBase64url(await sha256(utf8(canonicalJson({ crv, kty, x, y }))))
}

/** ECDSA P-256 / SHA-256, raw r‖s (64 bytes). */
export async function signBytes(key: CryptoKey, bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(
    await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key, bytes as Uint8Array<ArrayBuffer>),
  )
}

export async function verifyBytes(
  jwk: PublicJwk,
  signature: Uint8Array,
  bytes: Uint8Array,
): Promise<boolean> {
  const { kty, crv, x, y } = jwk
  const key = await crypto.subtle.importKey(
    'jwk',
    { kty, crv, x, y },
    { name: 'ECDSA', namedCurve: 'P-256' },
    false,
    ['verify'],
  )
  return crypto.subtle.verify(
    { name: 'ECDSA', hash: 'SHA-256' },
    key,
    signature as Uint8Array<ArrayBuffer>,
    bytes as Uint8Array<ArrayBuffer>,
  )
}

export interface ProofClaims {
  /** HTTP method, `GET` for the WebSocket handshake. */
  readonly htm: string
  /** HTTP(S) form of the capture URL, without query. */
  readonly htu: string
  /** The server's nonce from `welcome`. */
  readonly nonce: string
  /** The capture token that the proof accompanies. */
  readonly token: string
  /** Seconds since the epoch. */
  readonly iat: number
}

export async function createProof(pair: CryptoKeyPair, claims: ProofClaims): Promise<string> {
  const header = { typ: DPOP_TYPE, alg: 'ES256', jwk: { ...(await publicJwk(pair.publicKey)) } }
  const payload = {
    htm: claims.htm,
    htu: claims.htu,
    iat: claims.iat,
    nonce: claims.nonce,
    jti: toBase64url(crypto.getRandomValues(new Uint8Array(16))),
    ath: toBase64url(await sha256(utf8(claims.token))),
  }
  const input = [header, payload].map((part) => toBase64url(utf8(JSON.stringify(part)))).join('.')
  return `${input}.${toBase64url(await signBytes(pair.privateKey, utf8(input)))}`
}
