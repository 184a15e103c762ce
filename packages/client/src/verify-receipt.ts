/** The offline check of a receipt: signature, time, its place in the audit log, and that it answers the very question asked. */
import { IpseError, type Purpose, RECEIPT_TYPE, type ReceiptClaims } from '@ipse/protocol'
import { parseReceiptClaims } from './receipt-claims.ts'
import { CLOCK_LEEWAY_SECONDS, type PublishedKeys, readSigned, refuse } from './signed.ts'
import { checkAuditClaim } from './verify-audit.ts'

export interface ReceiptExpectations {
  readonly keys: PublishedKeys
  /** Public URL of the Ipse service. */
  readonly issuer: string
  /** The tenant that the receipt must be made out to; not checked when absent. */
  readonly audience?: string
  /** Id of the session that this browser was given, from your own records: never from the receipt or the browser. */
  readonly expectedSession: string
  readonly expectedPurpose: Purpose
  /** Time of the check; now when absent. */
  readonly now?: Date
  /** Oldest receipt that is taken, seconds since it was signed; until its own expiry when absent. */
  readonly maxAgeSeconds?: number
  /** Refuses receipts that do not prove that the audit log holds their decision; those from before there was one do not. */
  readonly requireAudit?: boolean
}

/** A valid receipt. It may say no: read `accepted` before anything else. */
export type VerifiedReceipt =
  | { readonly accepted: true; readonly claims: ReceiptClaims & { readonly decision: 'accept' } }
  | {
      readonly accepted: false
      readonly claims: ReceiptClaims & { readonly decision: Exclude<ReceiptClaims['decision'], 'accept'> }
    }

/**
 * Verifies a receipt offline.
 * @returns the claims with the answer as a union, so that a rejection cannot be taken for a pass
 * @throws IpseError `receipt_invalid` with the cause in words; `receipt_expired` when only its time has passed
 */
export async function verifyReceipt(
  receipt: string,
  expectations: ReceiptExpectations,
): Promise<VerifiedReceipt> {
  const claims = parseReceiptClaims(await readSigned(receipt, RECEIPT_TYPE, expectations.keys))
  checkContext(claims, expectations)
  checkTime(claims, expectations)
  if (claims.audit) await checkAuditClaim(claims.audit)
  else if (expectations.requireAudit) throw refuse('no proof of a place in the audit log')
  // Decided on the parsed claim only, after every check.
  return claims.decision === 'accept'
    ? { accepted: true, claims: { ...claims, decision: 'accept' } }
    : { accepted: false, claims: { ...claims, decision: claims.decision } }
}

function checkContext(claims: ReceiptClaims, expected: ReceiptExpectations): void {
  if (!expected.issuer || !expected.expectedSession || !expected.expectedPurpose)
    throw new TypeError('verifyReceipt needs issuer, expectedSession and expectedPurpose')
  if (claims.iss !== expected.issuer) throw refuse('another issuer')
  if (expected.audience !== undefined && claims.aud !== expected.audience) throw refuse('another audience')
  if (claims.sid !== expected.expectedSession) throw refuse('a receipt of another session')
  if (claims.purpose !== expected.expectedPurpose) throw refuse('a receipt for another purpose')
}

function checkTime(claims: ReceiptClaims, { now = new Date(), maxAgeSeconds }: ReceiptExpectations): void {
  const seconds = now.getTime() / 1000
  if (!Number.isFinite(seconds)) throw new TypeError('verifyReceipt: now is not a time')
  if (claims.exp <= claims.iat) throw refuse('it ends before it begins')
  if (claims.iat > seconds + CLOCK_LEEWAY_SECONDS) throw refuse('signed in the future')
  if (claims.exp + CLOCK_LEEWAY_SECONDS <= seconds) throw new IpseError('receipt_expired')
  if (maxAgeSeconds !== undefined && !(seconds - claims.iat <= maxAgeSeconds + CLOCK_LEEWAY_SECONDS))
    throw new IpseError('receipt_expired', 'the receipt is older than asked for')
}
