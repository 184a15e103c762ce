/**
 * Rate limits of `/v1` and of the token endpoint: counted in the store, so that they are exact however many processes serve.
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

type Taking = Pick<ConductStore, 'takeAllowances'>

/** Counts a request of a known caller, or refuses it. */
export type Limit = (request: FastifyRequest, reply: FastifyReply, scope?: Scope) => Promise<void>

/** Part of the guard, after it has let the caller in: strangers use up nobody's allowance. */
export function createLimit(store: Taking, clock: Clock, { limits }: Pick<Settings, 'limits'>): Limit {
  return (request, reply, scope) => {
    const { kind, id, tenant } = callerOf(request)
    return take(store, clock, reply, {
      [`requests:${kind}:${id}`]: limits.requestsPerKeyPerMinute,
      [`requests:tenant:${tenant}`]: limits.requestsPerTenantPerMinute,
      ...(scope === 'face:verify' ? { [`comparisons:${kind}:${id}`]: limits.comparisonsPerMinute } : {}),
    })
  }
}

/** Limits of the token endpoint, which stands open to everybody: guesses are counted where they come from. */
export interface TokenLimit {
  /** Before anything of the request is read. @param network undefined for loopback, which is not counted */
  ofNetwork(network: string | undefined, reply: FastifyReply): Promise<void>
  /** After the client has proved itself, so that nobody uses up what is another's. */
  ofClient(id: string, reply: FastifyReply): Promise<void>
}

export function createTokenLimit(
  store: Taking,
  clock: Clock,
  { limits }: Pick<Settings, 'limits'>,
): TokenLimit {
  return {
    async ofNetwork(network, reply) {
      if (network !== undefined)
        await take(store, clock, reply, { [`tokens:network:${network}`]: limits.tokensPerNetworkPerMinute })
    },
    ofClient: (id, reply) =>
      take(store, clock, reply, { [`tokens:client:${id}`]: limits.tokensPerClientPerMinute }),
  }
}

/**
 * Takes one of each, or of none.
 * @param most by key of the allowance; 0 is no limit
 * @throws IpseError `rate_limited`
 */
async function take(
  store: Taking,
  clock: Clock,
  reply: FastifyReply,
  most: Readonly<Record<string, number>>,
): Promise<void> {
  const endsAt = (Math.floor(clock.now() / MINUTE_MS) + 1) * MINUTE_MS
  const wished = Object.entries(most).filter(([, most]) => most > 0)
  const { taken, allowances } = await store.takeAllowances(
    wished.map(([key, most]): Take => ({ key, most, endsAt })),
  )
  const tightest = allowances.toSorted((a, b) => leftOf(a) - leftOf(b))[0]
  if (!tightest) return
  const waitMs = Math.max(0, tightest.endsAt - clock.now())
  announce(reply, tightest, waitMs)
  if (!taken) throw new IpseError('rate_limited', undefined, { retryAfterMs: Math.max(1, waitMs) })
}

function leftOf({ most, used }: Allowance): number {
  return Math.max(0, most - used)
}

/** The three headers that clients know, and the policy as draft-ietf-httpapi-ratelimit-headers words it; of two limits the tighter. */
function announce(reply: FastifyReply, allowance: Allowance, waitMs: number): void {
  if (Number(reply.getHeader('ratelimit-remaining') ?? Number.POSITIVE_INFINITY) < leftOf(allowance)) return
  const [name] = allowance.key.split(':', 1)
  reply.header('ratelimit-limit', allowance.most)
  reply.header('ratelimit-remaining', leftOf(allowance))
  reply.header('ratelimit-reset', Math.ceil(waitMs / 1000))
  reply.header('ratelimit-policy', `"${name}";q=${allowance.most};w=${MINUTE_MS / 1000}`)
}
