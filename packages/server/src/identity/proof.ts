/** Checks a proof of possession, of a capture device or a relying party: RFC 9449, stricter than it asks for. Attack stopped: a stolen token. */
import {
  assertCompactJws,
  DPOP_TYPE,
  fromBase64url,
  fromUtf8,
  IpseError,
  type PublicJwk,
  toBase64url,
  utf8,
} from '@ipse/protocol'
import { sha256, thumbprintOf, verifyP256 } from '../node-crypto.ts'
import { parseStrictJson } from '../strict-json.ts'

/** Largest difference between a relying party's clock and ours, seconds (security.md §2.5). */
export const MAX_CLOCK_SKEW_S = 30
/**
 * Of a capture device, seconds: people's clocks are wrong by minutes, and the nonce of the one connection says already that the
 * proof is new (RFC 9449 §11.1).
 */
export const MAX_DEVICE_SKEW_S = 86_400

export interface ProofExpectation {
  readonly htm: string
  /** http(s) form of the URL that is asked, without query. */
  readonly htu: string
  /** Absent where the server gives none: a proof that brings one then is refused. */
  readonly nonce?: string
  /** Absent where a token is only asked for. */
  readonly token?: string
  /** Milliseconds since the epoch. */
  readonly now: number
  /** Default: `MAX_CLOCK_SKEW_S`. */
  readonly maxSkewS?: number
}

export interface VerifiedProof {
  readonly jwk: PublicJwk
  readonly jkt: string
  readonly jti: string
}

/** @throws IpseError `session_token_invalid`, whatever is wrong: a finer answer would be an oracle */
export async function verifyProof(proof: unknown, expected: ProofExpectation): Promise<VerifiedProof> {
  try {
    const compact = assertCompactJws(proof)
    const [head = '', body = '', signature = ''] = compact.split('.')
    const { alg, typ, jwk: embedded, ...rest } = objectOf(head)
    if (alg !== 'ES256' || typ !== DPOP_TYPE || Object.keys(rest).length > 0) throw new Error('header')
    const jwk = parsePublicJwk(embedded)
    if (!verifyP256(jwk, fromBase64url(signature), utf8(`${head}.${body}`))) throw new Error('signature')
    const payload = objectOf(body)
    // Its time is `iat`; one that names others means something else by them than we would.
    if ('exp' in payload || 'nbf' in payload) throw new Error('times')
    const { htm, htu, iat, jti, nonce, ath } = payload
    if (htm !== expected.htm || htu !== expected.htu) throw new Error('target')
    if (nonce !== expected.nonce) throw new Error('nonce')
    const { token } = expected
    if (ath !== (token === undefined ? undefined : toBase64url(sha256(utf8(token))))) throw new Error('ath')
    if (typeof jti !== 'string' || !/^[A-Za-z0-9_-]{16,64}$/.test(jti)) throw new Error('jti')
    const { maxSkewS = MAX_CLOCK_SKEW_S } = expected
    if (typeof iat !== 'number' || !(Math.abs(iat - expected.now / 1000) <= maxSkewS)) throw new Error('iat')
    return { jwk, jkt: thumbprintOf(jwk), jti }
  } catch (cause) {
    throw new IpseError('session_token_invalid', undefined, { cause })
  }
}

function objectOf(segment: string): Record<string, unknown> {
  const value = parseStrictJson(fromUtf8(fromBase64url(segment)))
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('not an object')
  return value as Record<string, unknown>
}

/** Exactly a public P-256 key: no private part, no members that another library might read differently. */
function parsePublicJwk(value: unknown): PublicJwk {
  if (typeof value !== 'object' || value === null) throw new Error('jwk')
  const { kty, crv, x, y, ...rest } = value as Record<string, unknown>
  if (kty !== 'EC' || crv !== 'P-256' || Object.keys(rest).length > 0) throw new Error('jwk')
  if (typeof x !== 'string' || typeof y !== 'string') throw new Error('jwk')
  if (!/^[A-Za-z0-9_-]{43}$/.test(x) || !/^[A-Za-z0-9_-]{43}$/.test(y)) throw new Error('jwk')
  return { kty, crv, x, y }
}
