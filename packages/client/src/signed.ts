/**
 * The signature of what Ipse signs, one type of token at a time. Stricter than a general JWT library: one algorithm, one type,
 * no header member that could bring a key along, one encoding of one document. Sources: RFC 8725 (JWT best practice), ASVS 5.0
 * 9.1.2, 9.1.3, 9.2.2, 9.2.3.
 */
import { assertCompactJws, fromBase64url, fromUtf8, IpseError, RECEIPT_ALGORITHM } from '@ipse/protocol'
import { compactVerify, importJWK, type JWK } from 'jose'
import { isReceiptKey, type Jwks, parseJwks } from './jwks.ts'

/** The service's published keys, or a function that finds one; it sees well-formed key ids only. */
export type PublishedKeys = Jwks | ((kid: string) => JWK | undefined | Promise<JWK | undefined>)

/** Key ids are looked up, maybe in files: no dots, no slashes. */
const KEY_ID = /^[A-Za-z0-9_-]{1,128}$/
/** Difference between the clocks of service and relying party that is forgiven, seconds (RFC 7519 §4.1.4 "small leeway"). */
export const CLOCK_LEEWAY_SECONDS = 60

export function refuse(what: string, cause?: unknown): IpseError {
  return new IpseError('receipt_invalid', what, { cause })
}

/**
 * The claims of a token of that type whose signature holds. Their shape and their meaning are the caller's to check.
 * @throws IpseError `receipt_invalid` with the cause in words
 */
export async function readSigned(
  token: string,
  typ: string,
  keys: PublishedKeys,
): Promise<Record<string, unknown>> {
  const { header, payload } = split(token)
  const kid = checkHeader(header, typ)
  await checkSignature(token, await findKey(keys, kid))
  return payload
}

function split(token: string): { header: Record<string, unknown>; payload: Record<string, unknown> } {
  let segments: string[]
  try {
    segments = assertCompactJws(token).split('.')
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

function checkHeader(header: Record<string, unknown>, wanted: string): string {
  const { typ, alg, kid, ...rest } = header
  if (alg !== RECEIPT_ALGORITHM) throw refuse('the algorithm is not ES256')
  if (typ !== wanted) throw refuse('another type of token')
  if (typeof kid !== 'string' || !KEY_ID.test(kid)) throw refuse('no usable key id')
  if (Object.keys(rest).length > 0) throw refuse(`header member ${Object.keys(rest)[0]} is not allowed`)
  return kid
}

async function findKey(keys: PublishedKeys, kid: string): Promise<JWK> {
  const found =
    typeof keys === 'function' ? await keys(kid) : parseJwks(keys).keys.filter((key) => key.kid === kid)
  if (Array.isArray(found) && found.length > 1) throw refuse('two keys of one id')
  const key = Array.isArray(found) ? found[0] : found
  if (!key) throw refuse('signed by an unknown key')
  if (!isReceiptKey(key)) throw refuse('the key is not one for receipts')
  return key
}

async function checkSignature(token: string, key: JWK): Promise<void> {
  const { kty, crv, x, y } = key
  try {
    const imported = await importJWK({ kty, crv, x, y } as JWK, RECEIPT_ALGORITHM)
    await compactVerify(token, imported, { algorithms: [RECEIPT_ALGORITHM] })
  } catch (cause) {
    throw refuse('the signature does not fit', cause)
  }
}
