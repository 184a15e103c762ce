/** Who asks: one idea for every way of proving it. Routes know a caller, never how it was authenticated. */
import { IpseError } from '@ipse/protocol'
import type { FastifyRequest } from 'fastify'
import type { Scope } from '../identity/scopes.ts'

export interface Caller {
  readonly kind: 'key' | 'certificate' | 'token' | 'person'
  /** What the audit trail names: id of the API key, of the registered client, or of the person. */
  readonly id: string
  readonly tenant: string
  readonly scopes: readonly string[]
  /** Origins that sessions of this caller may name; any when absent. */
  readonly origins?: readonly string[]
}

const callers = new WeakMap<FastifyRequest, Caller>()

/** Only a guard that has authenticated the request calls this. */
export function setCaller(request: FastifyRequest, caller: Caller): void {
  callers.set(request, caller)
}

/** Who acts, and with which request: for the audit trail. @throws IpseError `unauthenticated` on a route without a guard */
export function actorOf(request: FastifyRequest): {
  readonly tenant: string
  readonly actor: string
  readonly requestId: string
} {
  const { tenant, id } = callerOf(request)
  return { tenant, actor: id, requestId: request.id }
}

/** For what a request asks beyond its route's own scope. @throws IpseError `forbidden` */
export function assertScope({ scopes }: Caller, scope: Scope): void {
  if (!scopes.includes(scope)) throw new IpseError('forbidden', `the scope ${scope} is missing`)
}

/** Who made the request. @throws IpseError `unauthenticated` on a route without a guard */
export function callerOf(request: FastifyRequest): Caller {
  const caller = callers.get(request)
  if (!caller) throw new IpseError('unauthenticated')
  return caller
}
