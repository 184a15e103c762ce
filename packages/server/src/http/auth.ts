/** Authentication and scopes of `/v1`, as one hook a route. Deny by default: a route without a scope cannot be registered. */
import { IpseError } from '@ipse/protocol'
import type { FastifyInstance, onRequestAsyncHookHandler, RouteOptions } from 'fastify'
import type { Clock } from '../deps.ts'
import { createLastUse } from '../identity/last-use.ts'
import { isRefused } from '../identity/refusal.ts'
import type { Scope } from '../identity/scopes.ts'
import type { Store } from '../store/store.ts'
import { setCaller } from './caller.ts'
import { type Credentials, noteRefusal } from './credentials.ts'
import { loggable } from './problems.ts'
import type { Limit } from './rate-limit.ts'

export type Guard = (scope: Scope) => onRequestAsyncHookHandler

const scopes = new WeakMap<object, Scope>()

export function createGuard(
  app: FastifyInstance,
  { authenticate }: Credentials,
  { store, clock, limit }: { store: Store; clock: Clock; limit: Limit },
): Guard {
  const usedKey = createLastUse(store, (error) => {
    app.log.warn({ error: loggable(error) }, 'last use of a key was not noted')
  })
  return (scope) => {
    const hook: onRequestAsyncHookHandler = async (request, reply) => {
      const caller = await authenticate(request)
      if (isRefused(caller)) {
        noteRefusal(request, caller)
        throw new IpseError('unauthenticated')
      }
      if (!caller.scopes.includes(scope)) throw new IpseError('forbidden', `the scope ${scope} is missing`)
      setCaller(request, caller)
      await limit(request, reply, scope)
      if (caller.kind === 'key') usedKey(caller.id, clock.now())
    }
    scopes.set(hook, scope)
    return hook
  }
}

/** Refuses to register a route under `/v1` without a guard, and writes the scope of each into `/openapi.json`. Before all routes. */
export function requireGuards(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    const scope = guardOf(route)
    if (scope !== undefined) route.schema = { ...route.schema, security: [{ relyingParty: [scope] }] }
    else if (/^\/v1(\/|$)/.test(route.url))
      throw new TypeError(`${route.url} has no guard as its onRequest: everybody could ask`)
  })
}

/** Guards are the first hook of a route, before a body is read: of a stranger's request nothing is looked at but its headers. */
function guardOf({ onRequest }: RouteOptions): Scope | undefined {
  const [first] = [onRequest].flat()
  return first === undefined ? undefined : scopes.get(first)
}
