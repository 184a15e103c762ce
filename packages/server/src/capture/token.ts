/**
 * Capture tokens: short-lived JWS that let one page run one session's capture. Made and checked by this service only,
 * hence HMAC. The same session always gets the same token, so that a repeated creation request can be answered again.
 */
import { createHmac } from 'node:crypto'
import { assertCompactJws, IpseError } from '@ipse/protocol'
import { errors, jwtVerify } from 'jose'
import { compactJws } from '../keys/compact-jws.ts'
import { secretKeyOf } from '../node-crypto.ts'

const TYPE = 'ipse-capture+jwt'
const AUDIENCE = 'ipse-capture'
const ALGORITHM = 'HS256'

export interface CaptureTokenClaims {
  /** Where the session is looked for: sessions are spread over shards by their tenant. */
  readonly tenant: string
  readonly sessionId: string
  readonly tokenId: string
  /** Milliseconds since the epoch. */
  readonly issuedAt: number
  readonly expiresAt: number
  /** Thumbprint of the key by which the service is known: the device checks what it seals to against it. */
  readonly service: string
}

/** No token is honoured for longer, seconds; sessions live no longer. */
const MAX_LIFETIME_S = 600

export function issueCaptureToken(
  key: Uint8Array,
  issuer: string,
  { tenant, sessionId, tokenId, issuedAt, expiresAt, service }: CaptureTokenClaims,
): string {
  const claims = {
    tenant,
    sid: sessionId,
    svc: service,
    iss: issuer,
    aud: AUDIENCE,
    jti: tokenId,
    iat: Math.floor(issuedAt / 1000),
    exp: Math.floor(expiresAt / 1000),
  }
  return compactJws({ alg: ALGORITHM, typ: TYPE }, claims, (input) =>
    createHmac('sha256', secretKeyOf(key)).update(input).digest(),
  )
}

/** @throws IpseError `session_token_invalid`; `session_expired` for a sound token whose time is over */
export async function verifyCaptureToken(
  key: Uint8Array,
  issuer: string,
  token: unknown,
  now: number,
): Promise<Pick<CaptureTokenClaims, 'tenant' | 'sessionId' | 'tokenId' | 'service'>> {
  const compact = assertCompactJws(token)
  try {
    const { payload } = await jwtVerify(compact, key, {
      algorithms: [ALGORITHM],
      typ: TYPE,
      audience: AUDIENCE,
      issuer,
      currentDate: new Date(now),
      requiredClaims: ['tenant', 'sid', 'svc', 'jti', 'exp', 'iat'],
    })
    const { iat = 0, exp = 0 } = payload
    const [tenant, sessionId, service, tokenId] = ['tenant', 'sid', 'svc', 'jti'].map((name) => payload[name])
    if (
      typeof tenant !== 'string' ||
      typeof sessionId !== 'string' ||
      typeof service !== 'string' ||
      typeof tokenId !== 'string'
    )
      throw new IpseError('session_token_invalid', 'claims')
    if (!(exp - iat <= MAX_LIFETIME_S)) throw new IpseError('session_token_invalid', 'lifetime')
    return { tenant, sessionId, tokenId, service }
  } catch (cause) {
    if (cause instanceof errors.JWTExpired) throw new IpseError('session_expired', undefined, { cause })
    throw new IpseError('session_token_invalid', undefined, { cause })
  }
}
