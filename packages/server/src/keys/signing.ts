/** The signing keys of a keyring, ready for use: which one signs when, and what is published of them. */
import { createPrivateKey } from 'node:crypto'
import { IpseError, type PublicJwk, RECEIPT_ALGORITHM, toBase64url } from '@ipse/protocol'
import type { JWK, JWTPayload } from 'jose'
import { signP256, thumbprintOf } from '../node-crypto.ts'
import { compactJws } from './compact-jws.ts'
import { inForceAt } from './in-force.ts'
import type { SigningEntry } from './keyring.ts'

export interface Signing {
  /** Public halves of all keys: those that wait, sign, and no longer sign. */
  readonly jwks: { readonly keys: readonly JWK[] }
  /** Signs with the key whose time `iat` is in. */
  sign(typ: string, claims: JWTPayload): string
  /** RFC 7638 thumbprint of the key that signs at a moment, milliseconds since the epoch. */
  identityAt(now: number): string
  /** @throws IpseError `session_token_invalid` for a key that the keyring lacks */
  vouch(
    identity: string,
    statement: Uint8Array,
  ): Promise<{ readonly identity: PublicJwk; readonly signature: string }>
}

export function signerAt<T extends Pick<SigningEntry, 'signsFrom'>>(
  signing: readonly T[],
  now: number,
): T | undefined {
  return inForceAt(signing, ({ signsFrom }) => signsFrom, now)
}

/** @throws IpseError `settings_invalid` for keys that cannot be used */
export async function openSigning(signing: readonly SigningEntry[]): Promise<Signing> {
  const opened = signing.map(openKey)
  const at = (now: number) => {
    const found = signerAt(opened, now)
    if (!found) throw new IpseError('settings_invalid', 'the keyring has no signing key')
    return found
  }
  at(0)
  return {
    jwks: {
      keys: opened.map(({ kid, jwk }) => ({ ...jwk, kid, use: 'sig', alg: RECEIPT_ALGORITHM })),
    },
    sign(typ, claims) {
      const { key, kid } = at((claims.iat ?? Number.NaN) * 1000)
      const header = { alg: RECEIPT_ALGORITHM, typ, kid }
      return compactJws(header, claims, (input) => signP256(key, input))
    },
    identityAt: (now) => at(now).identity,
    async vouch(named, statement) {
      const found = opened.find(({ identity }) => identity === named)
      if (!found) throw new IpseError('session_token_invalid', 'a key that the keyring lacks')
      return { identity: found.jwk, signature: toBase64url(signP256(found.key, statement)) }
    },
  }
}

function openKey({ privateJwk, ...entry }: SigningEntry) {
  try {
    const key = createPrivateKey({ key: { ...privateJwk }, format: 'jwk' })
    const { x = '', y = '' } = privateJwk
    const jwk: PublicJwk = { kty: 'EC', crv: 'P-256', x, y }
    return { ...entry, key, jwk, identity: thumbprintOf(jwk) }
  } catch (cause) {
    throw new IpseError('settings_invalid', 'the keyring is damaged: a signing key cannot be used', { cause })
  }
}
