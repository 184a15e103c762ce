/** Authentication and scopes of `/v1`, as one hook a route. Deny by default: a route without a scope cannot be registered. */
import { IpseError } from '@ipse/protocol'
import type { FastifyRequest, preValidationAsyncHookHandler } from 'fastify'
import type { Keys } from '../keys/keys.ts'
import type { ApiKeyRecord, Store } from '../store/store.ts'
import { authenticate } from './api-keys.ts'
import type { Scope } from './scopes.ts'

const callers = new WeakMap<FastifyRequest, ApiKeyRecord>()

/** The key that made the request. */
export function callerOf(request: FastifyRequest): ApiKeyRecord {
  const caller = callers.get(request)
  if (!caller) throw new IpseError('unauthenticated')
  return caller
}

export type Guard = (scope: Scope) => preValidationAsyncHookHandler

export function createGuard(store: Store, keys: Keys): Guard {
  return (scope) => async (request) => {
    const caller = await authenticate(store, keys, request.headers.authorization)
    if (!caller) throw new IpseError('unauthenticated')
    if (!caller.scopes.includes(scope)) throw new IpseError('forbidden', `the key lacks the scope ${scope}`)
    callers.set(request, caller)
  }
}
