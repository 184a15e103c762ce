/**
 * Signed tokens of strangers, read strictly: RFC 7519 and RFC 8725, and stricter than both. One canonical form, three
 * header members, a closed list of algorithms, one audience, no claim twice. Keys come from where the caller says, never
 * from the token (`jku`, `x5u`, `jwk`, `x5c` are refused, not ignored).
 */
import { assertCompactJws, fromBase64url, fromUtf8, IpseError } from '@ipse/protocol'
import { decode as decodeJson } from 'cborg/json'
import { type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { soundKeys } from './rsa-keys.ts'

/** security.md §2.3: asymmetric only, so that no public key can be mistaken for a shared secret. */
export const TOKEN_ALGORITHMS = ['ES256', 'EdDSA', 'PS256'] as const

const HEADER_MEMBERS = ['alg', 'typ', 'kid']
/** A key id is compared, never used as a path, a query or an address; this keeps it out of other trouble too. */
const KID = /^[\w.~:=+-]{1,128}$/

export interface JwtRules {
  readonly keys: JWTVerifyGetKey
  readonly algorithms?: readonly string[]
  /** Values of `typ`, as they are written; `undefined` stands for a token without. */
  readonly types: readonly (string | undefined)[]
  readonly issuer: string
  /** `aud` is one of these, as one string. */
  readonly audiences: readonly string[]
  readonly required: readonly string[]
  /** Milliseconds since the epoch. */
  readonly now: number
  /** How far the issuer's clock may differ from ours, seconds. */
  readonly clockSkewS?: number
}

/** @throws an error for whatever is wrong; what it says is for the log alone */
export async function verifyJwt(token: unknown, rules: JwtRules): Promise<JWTPayload> {
  const compact = assertCompactJws(token)
  const [head = '', body = ''] = compact.split('.')
  const { typ, kid, ...rest } = strictObject(head)
  for (const name of Object.keys(rest)) if (!HEADER_MEMBERS.includes(name)) throw wrong(`header ${name}`)
  if (!rules.types.includes(typ as string | undefined)) throw wrong('typ')
  if (kid !== undefined && (typeof kid !== 'string' || !KID.test(kid))) throw wrong('kid')
  const { aud, iss } = strictObject(body)
  if (typeof aud !== 'string' || !rules.audiences.includes(aud)) throw wrong('aud')
  if (iss !== rules.issuer) throw wrong('iss')
  const { payload } = await jwtVerify(compact, soundKeys(rules.keys), {
    algorithms: [...(rules.algorithms ?? TOKEN_ALGORITHMS)],
    audience: aud,
    issuer: rules.issuer,
    requiredClaims: [...rules.required],
    currentDate: new Date(rules.now),
    clockTolerance: rules.clockSkewS ?? 0,
  })
  const { iat } = payload
  if (iat !== undefined && iat > rules.now / 1000 + (rules.clockSkewS ?? 0)) throw wrong('iat')
  return payload
}

/** The issuer a token names. Nothing is verified: it only chooses the keys that the token is then verified with. */
export function issuerOf(token: string): unknown {
  return strictObject(assertCompactJws(token).split('.')[1] ?? '').iss
}

/** A JSON object whose members all have different names: libraries differ in which of two they believe. */
function strictObject(segment: string): Record<string, unknown> {
  const bytes = fromBase64url(segment)
  fromUtf8(bytes)
  const value: unknown = parseJson(bytes)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong('not an object')
  return value as Record<string, unknown>
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return decodeJson(bytes, { rejectDuplicateMapKeys: true })
  } catch {
    throw wrong('not JSON, or a member twice')
  }
}

/** What was wrong, for the log: our own words, or the code of the library. Never a part of the token. */
export function reasonOf(error: unknown): string {
  if (error instanceof IpseError) return error.message
  const { code } = error as { readonly code?: unknown }
  return typeof code === 'string' && /^[A-Z_]{1,64}$/.test(code) ? code : 'unreadable'
}

function wrong(what: string): IpseError {
  return new IpseError('unauthenticated', `token: ${what}`)
}
