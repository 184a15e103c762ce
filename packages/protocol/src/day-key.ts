/**
 * Whose sealing key it is: the service signs the key of each capture with a key of the day, and that one with the key that
 * signs its receipts. A capture token names the latter, so a device that has its token from the relying party's page knows
 * the service behind any proxy. Attack stopped: a man in the middle who puts his own sealing key in place of the service's.
 */
import { type PublicJwk, thumbprint, verifyBytes } from './dpop.ts'
import { type Bytes, canonicalJson, concat, fromBase64url, fromUtf8, type Json, utf8 } from './encoding.ts'
import { IpseError } from './errors.ts'
import type { SealingScope } from './sealing.ts'

/** A signing key that lives for a day, as its service makes it known. Signatures are base64url ECDSA, r‖s. */
export interface DayKey {
  readonly key: PublicJwk
  /** Seconds since the epoch. */
  readonly from: number
  readonly until: number
  /** The service's own key, one of `/.well-known/jwks.json`. */
  readonly identity: PublicJwk
  /** By `identity` over {@link dayKeyStatement}. */
  readonly signature: string
}

/** The key that one capture is sealed to, with what shows whose it is. */
export interface SealingOffer {
  readonly kid: string
  /** base64url, uncompressed point. */
  readonly publicKey: string
  readonly day: DayKey
  /** By the key of the day over {@link sealingKeyStatement}. */
  readonly signature: string
}

function statement(context: string, value: Json): Bytes {
  return concat(utf8(context), new Uint8Array(1), utf8(canonicalJson(value)))
}

export function dayKeyStatement({ key, from, until }: Pick<DayKey, 'key' | 'from' | 'until'>): Bytes {
  const { kty, crv, x, y } = key
  return statement('ipse-day-key/1', { key: { kty, crv, x, y }, from, until })
}

/** @param publicKey base64url, as it is offered */
export function sealingKeyStatement(scope: SealingScope, publicKey: string): Bytes {
  const { sessionId, challengeId, kid, jkt } = scope
  return statement('ipse-sealing-key/1', { sessionId, challengeId, kid, jkt, publicKey })
}

/** Clocks of devices and of the service may differ by so much, seconds; proofs allow less. */
const CLOCK_SKEW_S = 60

/**
 * Checks that a sealing key was made for this capture by the service that the token names.
 * @param scope of the capture; the id of the key comes from the offer
 * @param token capture token as the page gave it
 * @param now seconds since the epoch
 * @returns the public key, 65 bytes
 * @throws IpseError `service_unproven`
 */
export async function acceptOffer(
  { kid, publicKey, day, signature }: SealingOffer,
  scope: Omit<SealingScope, 'kid'>,
  token: string,
  now: number,
): Promise<Bytes> {
  const refuse = (what: string, cause?: unknown) => new IpseError('service_unproven', what, { cause })
  const holds = (key: PublicJwk, by: string, over: Bytes) => verifyBytes(key, fromBase64url(by), over)
  try {
    if ((await thumbprint(day.identity)) !== serviceOf(token)) throw refuse('another service')
    if (!(await holds(day.identity, day.signature, dayKeyStatement(day)))) throw refuse('key of the day')
    if (!(now >= day.from - CLOCK_SKEW_S && now <= day.until + CLOCK_SKEW_S)) throw refuse('another day')
    if (!(await holds(day.key, signature, sealingKeyStatement({ ...scope, kid }, publicKey))))
      throw refuse('sealing key')
    return fromBase64url(publicKey)
  } catch (cause) {
    throw cause instanceof IpseError && cause.code === 'service_unproven'
      ? cause
      : refuse('unreadable', cause)
  }
}

/** The thumbprint by which a capture token names its service. The token is not verified: only the service can. */
function serviceOf(token: string): string {
  const claims: unknown = JSON.parse(fromUtf8(fromBase64url(token.split('.')[1] ?? '')))
  const named = typeof claims === 'object' && claims !== null && 'svc' in claims ? claims.svc : undefined
  if (typeof named !== 'string') throw new TypeError('the token names no service')
  return named
}
