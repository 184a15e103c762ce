/**
 * The strict form of compact tokens: exactly three (JWS) or five (JWE) canonical base64url segments.
 * Token libraries accept spaces and stray bits, which makes one token many strings and breaks every digest taken
 * over the string (`ath`, revocation, audit). Source: RFC 7515 §7.1; Wycheproof json_web_signature 360, 365, 368, 375.
 */
import { fromBase64url } from './encoding.ts'
import { IpseError } from './errors.ts'

/** Longest token that any Ipse party accepts, in characters: receipts with all evidence stay below half of it. */
export const MAX_TOKEN_LENGTH = 16_384

/** @throws IpseError `session_token_invalid` unless the token is canonical; nothing is verified yet */
export function assertCompactJws(token: unknown): string {
  return assertCompact(token, 3)
}

/** The same of a JWE with an encrypted key: five segments, RFC 7516 §7.1. */
export function assertCompactJwe(token: unknown): string {
  return assertCompact(token, 5)
}

function assertCompact(token: unknown, count: 3 | 5): string {
  const refuse = (cause?: unknown) => new IpseError('session_token_invalid', undefined, { cause })
  if (typeof token !== 'string' || token.length > MAX_TOKEN_LENGTH) throw refuse()
  const segments = token.split('.')
  if (segments.length !== count || segments.some((segment) => segment.length === 0)) throw refuse()
  try {
    for (const segment of segments) fromBase64url(segment)
  } catch (cause) {
    throw refuse(cause)
  }
  return token
}
