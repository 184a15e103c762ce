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
  { sessionId, tokenId, issuedAt, expiresAt, service }: CaptureTokenClaims,
): string {
  const claims = {
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
): Promise<Pick<CaptureTokenClaims, 'sessionId' | 'tokenId' | 'service'>> {
  const compact = assertCompactJws(token)
  try {
    const { payload } = await jwtVerify(compact, key, {
      algorithms: [ALGORITHM],
      typ: TYPE,
      audience: AUDIENCE,
      issuer,
      currentDate: new Date(now),
      requiredClaims: ['sid', 'svc', 'jti', 'exp', 'iat'],
    })
    const { sid, svc, jti, iat = 0, exp = 0 } = payload
    if (typeof sid !== 'string' || typeof svc !== 'string' || typeof jti !== 'string')
      throw new IpseError('session_token_invalid', 'claims')
    if (!(exp - iat <= MAX_LIFETIME_S)) throw new IpseError('session_token_invalid', 'lifetime')
    return { sessionId: sid, tokenId: jti, service: svc }
  } catch (cause) {
    if (cause instanceof errors.JWTExpired) throw new IpseError('session_expired', undefined, { cause })
    throw new IpseError('session_token_invalid', undefined, { cause })
  }
}
