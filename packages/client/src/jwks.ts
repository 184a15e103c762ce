/** JSON Web Key Sets (RFC 7517 §5) as far as receipts need them: public P-256 keys for ES256, by `kid`. */
import { IpseError, RECEIPT_ALGORITHM } from '@ipse/protocol'
import type { JWK } from 'jose'

export interface Jwks {
  readonly keys: readonly JWK[]
}

/** @throws IpseError `receipt_invalid` when the document is no key set; keys of other kinds are left in */
export function parseJwks(value: unknown): Jwks {
  const keys = (value as Partial<Jwks> | null)?.keys
  if (!Array.isArray(keys)) throw new IpseError('receipt_invalid', 'the key set has no keys')
  return { keys: keys.filter((key) => typeof key === 'object' && key !== null) as JWK[] }
}

/** Whether a key may verify receipts: nothing but a public P-256 key that is not meant for something else. */
export function isReceiptKey(key: JWK): boolean {
  const { kty, crv, alg, use, d, k, key_ops } = key
  if (kty !== 'EC' || crv !== 'P-256' || d !== undefined || k !== undefined) return false
  if (alg !== undefined && alg !== RECEIPT_ALGORITHM) return false
  if (use !== undefined && use !== 'sig') return false
  return key_ops === undefined || (Array.isArray(key_ops) && key_ops.includes('verify'))
}
