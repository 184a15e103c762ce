/** `Idempotency-Key`: what a request makes, it makes once in 24 hours, however often it is sent. */
import { canonicalJson, IpseError, type Json, sha256, toBase64url, utf8 } from '@ipse/protocol'
import type { FastifyRequest } from 'fastify'
import { callerOf } from '../http/caller.ts'
import type { IdempotencyRecord } from '../store/store.ts'

const REMEMBERED_MS = 86_400_000

/** A request with a key, before it is known what it makes. */
export type KeyedRequest = Omit<IdempotencyRecord, 'madeId'>

/**
 * Undefined for a request without the header.
 * @param asked all that decides what is made
 * @param now milliseconds since the epoch
 * @throws IpseError `invalid_request`
 */
export async function idempotencyOf(
  request: FastifyRequest,
  asked: Json,
  now: number,
): Promise<KeyedRequest | undefined> {
  const key = request.headers['idempotency-key']
  if (key === undefined) return undefined
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,128}$/.test(key))
    throw new IpseError('invalid_request', 'Idempotency-Key is 1–128 printable characters')
  const digest = toBase64url(await sha256(utf8(canonicalJson(asked))))
  return { tenant: callerOf(request).tenant, key, digest, expiresAt: now + REMEMBERED_MS }
}

/** @throws IpseError `idempotency_conflict` when the key was used for something else */
export function assertSame(earlier: KeyedRequest | undefined, request: KeyedRequest | undefined): void {
  if (earlier && earlier.digest !== request?.digest) throw new IpseError('idempotency_conflict')
}
