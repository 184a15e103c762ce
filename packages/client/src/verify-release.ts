/** The offline check of a release: that the service itself names these files and digests, and lately. */
import { IpseError, RELEASE_TYPE, type ReleaseClaims } from '@ipse/protocol'
import { type Check, checkMembers, count, list, object, text } from './shape.ts'
import { CLOCK_LEEWAY_SECONDS, type PublishedKeys, readSigned } from './signed.ts'

export interface ReleaseExpectations {
  readonly keys: PublishedKeys
  /** Public URL of the Ipse service. */
  readonly issuer: string
  /** Time of the check; now when absent. */
  readonly now?: Date
}

const version: Check = (value) => typeof value === 'string' && /^\d{1,4}\.\d{1,4}\.\d{1,4}$/.test(value)
const url: Check = (value) => typeof value === 'string' && URL.canParse(value) && /^https?:/.test(value)
const integrity: Check = (value) => typeof value === 'string' && /^sha384-[A-Za-z0-9+/]{64}$/.test(value)
const file = object({ url, integrity })

const REQUIRED = {
  iss: text,
  iat: count,
  exp: count,
  version,
  captureProtocols: list(text),
  minimumSdk: version,
  currentSdk: version,
  files: list(file),
}
const OPTIONAL = { element: file }

/**
 * Verifies `release` of `/.well-known/ipse.json`.
 * @throws IpseError `release_invalid` with the cause in words
 */
export async function verifyRelease(
  release: string,
  { keys, issuer, now = new Date() }: ReleaseExpectations,
): Promise<ReleaseClaims> {
  const seconds = now.getTime() / 1000
  if (!issuer || !Number.isFinite(seconds))
    throw new TypeError('verifyRelease needs issuer, and now as a time')
  try {
    const payload = await readSigned(release, RELEASE_TYPE, keys)
    checkMembers(payload, REQUIRED, OPTIONAL)
    const claims = payload as unknown as ReleaseClaims
    checkContext(claims, issuer, seconds)
    return claims
  } catch (cause) {
    if (!(cause instanceof IpseError) || cause.code !== 'receipt_invalid') throw cause
    throw refuse(cause.message, cause)
  }
}

function checkContext(
  { iss, iat, exp, element, files }: ReleaseClaims,
  issuer: string,
  seconds: number,
): void {
  if (iss !== issuer) throw refuse('another issuer')
  if (iat >= exp || iat > seconds + CLOCK_LEEWAY_SECONDS) throw refuse('signed in the future')
  if (exp + CLOCK_LEEWAY_SECONDS <= seconds)
    throw refuse('it has expired: an older release may be shown for this one')
  const named = files.some(({ url, integrity }) => url === element?.url && integrity === element.integrity)
  if (element !== undefined && !named) throw refuse('the element is none of its files')
}

function refuse(what: string, cause?: unknown): IpseError {
  return new IpseError('release_invalid', what, { cause })
}
