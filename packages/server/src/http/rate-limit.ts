/**
 * Rate limits of `/v1`: counted in the store, so that they are exact however many processes serve, in one call a request.
 * They stand in front of every guarded route, and fail closed with the store; health and metrics have no guard and no limit.
 * A window is the same for all: it begins at a whole minute, and so an allowance may be used at its end and again just after.
 */
import { IpseError } from '@ipse/protocol'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../deps.ts'
import type { Scope } from '../identity/scopes.ts'
import type { Settings } from '../settings.ts'
import type { Allowance, ConductStore, Take } from '../store/conduct-records.ts'
import { callerOf } from './caller.ts'

const MINUTE_MS = 60_000

/** Counts a request of a known caller, or refuses it. */
export type Limit = (request: FastifyRequest, reply: FastifyReply, scope?: Scope) => Promise<void>

/** Part of the guard, after it has let the caller in: strangers use up nobody's allowance. */
export function createLimit(
  store: Pick<ConductStore, 'takeAllowances'>,
  clock: Clock,
  { limits }: Pick<Settings, 'limits'>,
): Limit {
  return async (request, reply, scope) => {
    const { kind, id, tenant } = callerOf(request)
    const endsAt = (Math.floor(clock.now() / MINUTE_MS) + 1) * MINUTE_MS
    const wished: Take[] = [
      { key: `requests:${kind}:${id}`, most: limits.requestsPerKeyPerMinute, endsAt },
      { key: `requests:tenant:${tenant}`, most: limits.requestsPerTenantPerMinute, endsAt },
      ...(scope === 'face:verify'
        ? [{ key: `comparisons:${kind}:${id}`, most: limits.comparisonsPerMinute, endsAt }]
        : []),
    ]
    const takes = wished.filter(({ most }) => most > 0)
    const { taken, allowances } = await store.takeAllowances(takes)
    const tightest = allowances.toSorted((a, b) => leftOf(a) - leftOf(b))[0]
    if (!tightest) return
    const waitMs = Math.max(0, tightest.endsAt - clock.now())
    announce(reply, tightest, waitMs)
    if (!taken) throw new IpseError('rate_limited', undefined, { retryAfterMs: Math.max(1, waitMs) })
  }
}

function leftOf({ most, used }: Allowance): number {
  return Math.max(0, most - used)
}

/** The three headers that clients know, and the policy as draft-ietf-httpapi-ratelimit-headers words it. */
function announce(reply: FastifyReply, allowance: Allowance, waitMs: number): void {
  const [name] = allowance.key.split(':', 1)
  reply.header('ratelimit-limit', allowance.most)
  reply.header('ratelimit-remaining', leftOf(allowance))
  reply.header('ratelimit-reset', Math.ceil(waitMs / 1000))
  reply.header('ratelimit-policy', `"${name}";q=${allowance.most};w=${MINUTE_MS / 1000}`)
}
