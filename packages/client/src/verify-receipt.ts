/**
 * The offline check of a receipt: signature, time, and that it answers the very question that was asked.
 * Stricter than a general JWT library: one algorithm, one type, no header member that could bring a key along, one
 * encoding of one document. Sources: RFC 8725 (JWT best practice), ASVS 5.0 9.1.2, 9.1.3, 9.2.2, 9.2.3.
 */
import {
  assertCompactJws,
  fromBase64url,
  fromUtf8,
  IpseError,
  type Purpose,
  RECEIPT_ALGORITHM,
  RECEIPT_TYPE,
  type ReceiptClaims,
} from '@ipse/protocol'
import { compactVerify, importJWK, type JWK } from 'jose'
import { isReceiptKey, type Jwks, parseJwks } from './jwks.ts'
import { parseReceiptClaims } from './receipt-claims.ts'

export type { Jwks } from './jwks.ts'

export interface ReceiptExpectations {
  /** The service's published keys, or a function that finds one; it sees well-formed key ids only. */
  readonly keys: Jwks | ((kid: string) => JWK | undefined | Promise<JWK | undefined>)
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
}

/** A valid receipt. It may say no: read `accepted` before anything else. */
export type VerifiedReceipt =
  | { readonly accepted: true; readonly claims: ReceiptClaims & { readonly decision: 'accept' } }
  | {
      readonly accepted: false
      readonly claims: ReceiptClaims & { readonly decision: Exclude<ReceiptClaims['decision'], 'accept'> }
    }

/** Difference between the clocks of service and relying party that is forgiven, seconds (RFC 7519 §4.1.4 "small leeway"). */
const CLOCK_LEEWAY_SECONDS = 60
/** Key ids are looked up, maybe in files: no dots, no slashes. */
const KEY_ID = /^[A-Za-z0-9_-]{1,128}$/

/**
 * Verifies a receipt offline.
 * @returns the claims with the answer as a union, so that a rejection cannot be taken for a pass
 * @throws IpseError `receipt_invalid` with the cause in words; `receipt_expired` when only its time has passed
 */
export async function verifyReceipt(
  receipt: string,
  expectations: ReceiptExpectations,
): Promise<VerifiedReceipt> {
  const { header, payload } = split(receipt)
  const kid = checkHeader(header)
  await checkSignature(receipt, await findKey(expectations.keys, kid))
  const claims = parseReceiptClaims(payload)
  checkContext(claims, expectations)
  checkTime(claims, expectations)
  // Decided on the parsed claim only, after every check.
  return claims.decision === 'accept'
    ? { accepted: true, claims: { ...claims, decision: 'accept' } }
    : { accepted: false, claims: { ...claims, decision: claims.decision } }
}

function refuse(what: string, cause?: unknown): IpseError {
  return new IpseError('receipt_invalid', what, { cause })
}

function split(receipt: string): { header: Record<string, unknown>; payload: Record<string, unknown> } {
  let segments: string[]
  try {
    segments = assertCompactJws(receipt).split('.')
  } catch (cause) {
    throw refuse('not a compact JWS', cause)
  }
  const [header = '', payload = ''] = segments
  return { header: readObject(header, 'header'), payload: readObject(payload, 'payload') }
}

/** One document, one text: JSON that does not print back the same has duplicate members or other spellings. */
function readObject(segment: string, what: string): Record<string, unknown> {
  let text: string
  let value: unknown
  try {
    text = fromUtf8(fromBase64url(segment))
    value = JSON.parse(text)
  } catch (cause) {
    throw refuse(`the ${what} is not JSON`, cause)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw refuse(`the ${what} is no object`)
  if (JSON.stringify(value) !== text) throw refuse(`the ${what} is not in its one spelling`)
  return value as Record<string, unknown>
}

function checkHeader(header: Record<string, unknown>): string {
  const { typ, alg, kid, ...rest } = header
  if (alg !== RECEIPT_ALGORITHM) throw refuse('the algorithm is not ES256')
  if (typ !== RECEIPT_TYPE) throw refuse('another type of token')
  if (typeof kid !== 'string' || !KEY_ID.test(kid)) throw refuse('no usable key id')
  if (Object.keys(rest).length > 0) throw refuse(`header member ${Object.keys(rest)[0]} is not allowed`)
  return kid
}

async function findKey(keys: ReceiptExpectations['keys'], kid: string): Promise<JWK> {
  const found =
    typeof keys === 'function' ? await keys(kid) : parseJwks(keys).keys.filter((key) => key.kid === kid)
  if (Array.isArray(found) && found.length > 1) throw refuse('two keys of one id')
  const key = Array.isArray(found) ? found[0] : found
  if (!key) throw refuse('signed by an unknown key')
  if (!isReceiptKey(key)) throw refuse('the key is not one for receipts')
  return key
}

async function checkSignature(receipt: string, key: JWK): Promise<void> {
  const { kty, crv, x, y } = key
  try {
    const imported = await importJWK({ kty, crv, x, y } as JWK, RECEIPT_ALGORITHM)
    await compactVerify(receipt, imported, { algorithms: [RECEIPT_ALGORITHM] })
  } catch (cause) {
    throw refuse('the signature does not fit', cause)
  }
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
