/**
 * The offline check of an erasure's receipt: that the service says this of this subject, and of no other, and that it is in the
 * audit log. `verifyAudit` shows later that the log still holds it.
 */
import { ERASED_KIND_NAMES, ERASURE_TYPE, type ErasureClaims, isId } from '@ipse/protocol'
import { auditClaim, checkMembers, count, object, text } from './shape.ts'
import { CLOCK_LEEWAY_SECONDS, type PublishedKeys, readSigned, refuse } from './signed.ts'
import { checkAuditClaim } from './verify-audit.ts'

export interface ErasureExpectations {
  readonly keys: PublishedKeys
  /** Public URL of the Ipse service. */
  readonly issuer: string
  /** The tenant that the receipt must be made out to; not checked when absent. */
  readonly audience?: string
  /** The subject that was to be erased, from your own records. */
  readonly expectedSubject: string
  /** Time of the check; now when absent. */
  readonly now?: Date
}

const REQUIRED = {
  iss: text,
  aud: text,
  iat: count,
  jti: (value: unknown) => typeof value === 'string' && isId('erasure', value),
  sub: text,
  erased: object(Object.fromEntries(ERASED_KIND_NAMES.map((kind) => [kind, count]))),
  proofsKept: count,
  audit: auditClaim,
}
const OPTIONAL = { backupsUntil: count }

/**
 * Verifies the receipt of an erasure. It has no end: keep it as long as somebody may ask.
 * @throws IpseError `receipt_invalid` with the cause in words
 */
export async function verifyErasure(
  receipt: string,
  { keys, issuer, audience, expectedSubject, now = new Date() }: ErasureExpectations,
): Promise<ErasureClaims> {
  const seconds = now.getTime() / 1000
  if (!issuer || !expectedSubject || !Number.isFinite(seconds))
    throw new TypeError('verifyErasure needs issuer and expectedSubject, and now as a time')
  const payload = await readSigned(receipt, ERASURE_TYPE, keys)
  checkMembers(payload, REQUIRED, OPTIONAL)
  const claims = payload as unknown as ErasureClaims
  if (claims.iss !== issuer) throw refuse('another issuer')
  if (audience !== undefined && claims.aud !== audience) throw refuse('another audience')
  if (claims.sub !== expectedSubject) throw refuse('a receipt of another subject')
  if (claims.iat > seconds + CLOCK_LEEWAY_SECONDS) throw refuse('signed in the future')
  await checkAuditClaim(claims.audit)
  return claims
}
