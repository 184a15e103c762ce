/** Authentication and scopes of `/v1` and `/admin`, as one hook a route. Deny by default: a route without one cannot be registered. */
import { IpseError } from '@ipse/protocol'
import type { FastifyInstance, onRequestAsyncHookHandler, RouteOptions } from 'fastify'
import type { Clock } from '../deps.ts'
import { createLastUse } from '../identity/last-use.ts'
import { isRefused } from '../identity/refusal.ts'
import type { Scope } from '../identity/scopes.ts'
import type { Store } from '../store/store.ts'
import { assertScope, type Caller, setCaller } from './caller.ts'
import { type Credentials, noteRefusal } from './credentials.ts'
import { askForNonce } from './dpop-nonce.ts'
import { loggable } from './problems.ts'
import type { Limit } from './rate-limit.ts'

export interface Guard {
  /** Whoever has the scope. */
  (scope: Scope): onRequestAsyncHookHandler
  /** People with the scope, whatever keys and clients have; any person without one: it is about themselves. */
  person(scope?: Scope): onRequestAsyncHookHandler
}

/** What a route asks for; `null` for what is open by its own hook. */
const scopes = new WeakMap<object, Scope | 'person' | null>()

/** Marks a hook of `/admin` that lets strangers in: to the page, and to sign in. */
export function openDoor(hook: onRequestAsyncHookHandler = async () => {}): onRequestAsyncHookHandler {
  scopes.set(hook, null)
  return hook
}

export function createGuard(
  app: FastifyInstance,
  { authenticate, nonces }: Credentials,
  { store, clock, limit }: { store: Store; clock: Clock; limit: Limit },
): Guard {
  const usedKey = createLastUse(store, (error) => {
    app.log.warn({ error: loggable(error) }, 'last use of a key was not noted')
  })
  const hookFor = (scope: Scope | undefined, kind?: Caller['kind']): onRequestAsyncHookHandler => {
    const hook: onRequestAsyncHookHandler = async (request, reply) => {
      const caller = await authenticate(request)
      if (isRefused(caller)) {
        noteRefusal(request, caller)
        if (caller.why === 'nonce') askForNonce(reply, nonces)
        throw new IpseError('unauthenticated')
      }
      if (kind !== undefined && caller.kind !== kind) throw new IpseError('forbidden', `only for a ${kind}`)
      if (scope !== undefined) assertScope(caller, scope)
      setCaller(request, caller)
      await limit(request, reply, scope)
      if (caller.kind === 'key') usedKey(caller.id, clock.now())
    }
    scopes.set(hook, scope ?? 'person')
    return hook
  }
  return Object.assign((scope: Scope) => hookFor(scope), {
    person: (scope?: Scope) => hookFor(scope, 'person'),
  })
}

/**
 * Refuses to register a route under `/v1` or `/admin` without a guard, and writes the scope of each into `/openapi.json`.
 * Before all routes.
 */
export function requireGuards(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    const guard = guardOf(route)
    const [, tree] = /^\/(v1|admin)(?:\/|$)/.exec(route.url) ?? []
    if (tree === undefined) return
    if (guard === undefined || (guard === null && tree === 'v1'))
      throw new TypeError(`${route.url} has no guard as its onRequest: everybody could ask`)
    if (guard !== null) route.schema = { ...route.schema, security: [{ relyingParty: [guard] }] }
  })
}

/** Guards are the first hook of a route, before a body is read: of a stranger's request nothing is looked at but its headers. */
function guardOf({ onRequest }: RouteOptions): Scope | 'person' | null | undefined {
  const [first] = [onRequest].flat()
  return first === undefined ? undefined : scopes.get(first)
}
