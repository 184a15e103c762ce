/** Authentication and scopes of `/v1`, as one hook a route. Deny by default: a route without a scope cannot be registered. */
import { IpseError } from '@ipse/protocol'
import type { preValidationAsyncHookHandler } from 'fastify'
import { authenticate } from '../identity/api-keys.ts'
import type { Scope } from '../identity/scopes.ts'
import type { Keys } from '../keys/keys.ts'
import type { Store } from '../store/store.ts'
import { setCaller } from './caller.ts'

export type Guard = (scope: Scope) => preValidationAsyncHookHandler

export function createGuard(store: Store, keys: Keys): Guard {
  return (scope) => async (request) => {
    const key = await authenticate(store, keys, request.headers.authorization)
    if (!key) throw new IpseError('unauthenticated')
    if (!key.scopes.includes(scope)) throw new IpseError('forbidden', `the key lacks the scope ${scope}`)
    setCaller(request, { ...key, kind: 'key', id: key.kid })
  }
}
