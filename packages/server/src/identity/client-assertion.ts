/** `private_key_jwt` (RFC 7523): a client proves who it is by a short-lived token that it has signed itself, used once. */
import { createLocalJWKSet } from 'jose'
import type { ClientRecord, Store } from '../store/store.ts'
import { authenticateClient } from './clients.ts'
import { isRefused, type Refused } from './refusal.ts'
import { issuerOf, reasonOf, verifyJwt } from './strict-jwt.ts'

/** RFC 7523 §3: "reasonably short"; longer ones are refused, seconds. */
const MAX_LIFETIME_S = 300
/** Difference between the client's clock and ours, seconds. */
const CLOCK_SKEW_S = 10
/** Plain tokens have none or `JWT`; draft-ietf-oauth-rfc7523bis names the last one. */
const TYPES = [undefined, 'JWT', 'client-authentication+jwt']
const JTI = /^[\x21-\x7e]{8,128}$/

export interface AssertionExpectation {
  /** The token endpoint, and the issuer: either may be the audience. */
  readonly audiences: readonly string[]
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly address: string
}

export async function authenticateAssertion(
  store: Store,
  assertion: unknown,
  { audiences, now, address }: AssertionExpectation,
): Promise<ClientRecord | Refused> {
  const refuse = (why: Refused['why'], id?: string): Refused => ({
    refused: true,
    why,
    ...(id === undefined ? {} : { id }),
  })
  try {
    const id = issuerOf(String(assertion))
    if (typeof id !== 'string') return refuse('token')
    const client = await authenticateClient(store, id, address)
    if (isRefused(client)) return client
    const { sub, exp, jti } = await verifyJwt(assertion, {
      keys: createLocalJWKSet({ keys: [...(client.jwks ?? [])].map((key) => ({ kty: '', ...key })) }),
      types: TYPES,
      issuer: id,
      audiences,
      required: ['iss', 'sub', 'aud', 'exp', 'jti'],
      now,
      clockSkewS: CLOCK_SKEW_S,
    })
    if (sub !== id || exp === undefined || typeof jti !== 'string' || !JTI.test(jti))
      return refuse('token', id)
    if (exp > now / 1000 + MAX_LIFETIME_S + CLOCK_SKEW_S) return refuse('token', id)
    const fresh = await store.useOnce('assertion', `${id} ${jti}`, (exp + CLOCK_SKEW_S) * 1000)
    return fresh ? client : refuse('replay', id)
  } catch (error) {
    if ((error as { code?: string }).code === 'storage_unavailable') throw error
    return { refused: true, why: 'token', detail: reasonOf(error) }
  }
}
