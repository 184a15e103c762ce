/**
 * `/v1/keys`: the API keys of a tenant. Who has the scope lists them; a key renews itself; people, who sign in to administration,
 * make, rotate and revoke any. The signing keys are not here: the service has no right to write its keyring, and no request
 * may give it one (`ipse keys rotate-signing`).
 */
import { IpseError } from '@ipse/protocol'
import type { Caller } from '../http/caller.ts'
import { callerOf } from '../http/caller.ts'
import { createApiKey, LIVE_KEYS, type MadeApiKey, revokeApiKey, rotateApiKey } from '../identity/api-keys.ts'
import type { ApiKeyRecord } from '../store/store.ts'
import type { App, RouteContext } from './context.ts'
import { CreateKeySchema, KeyListSchema, KeyParams, MadeKeySchema, RotateKeySchema } from './key-schemas.ts'
import { answers } from './schemas.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** How long an old key goes on beside its successor when nobody says, hours. */
const USUAL_OVERLAP_H = 24

export function addKeyRoutes(app: App, { guard, store, keys, random, clock }: RouteContext): void {
  /** @throws IpseError `not_found` for a key of another tenant too */
  const ownKey = async ({ tenant }: Caller, kid: string): Promise<ApiKeyRecord> => {
    const record = await store.findApiKey(kid)
    if (record?.tenant !== tenant) throw new IpseError('not_found')
    return record
  }
  const made = ({ key, record }: MadeApiKey) => ({ key, ...viewKey(record, clock.now()) })

  app.get(
    '/v1/keys',
    {
      onRequest: guard('key:read'),
      schema: { summary: 'List the API keys of the tenant', response: answers(200, KeyListSchema) },
    },
    async (request) => ({ items: await listKeys({ store, clock }, callerOf(request).tenant) }),
  )

  app.post(
    '/v1/keys',
    { onRequest: guard.person('key:manage'), schema: { hide: true, body: CreateKeySchema } },
    async (request, reply) => {
      const caller = callerOf(request)
      const { days, ...wish } = request.body
      refuseMore(caller, wish.scopes)
      const end = days === undefined ? {} : { expiresAt: clock.now() + days * DAY_MS }
      const { tenant, id: by } = caller
      const asked = { ...wish, ...end, tenant, maxLive: LIVE_KEYS, by }
      return reply.code(201).send(made(await createApiKey(store, keys, random, clock, asked)))
    },
  )

  app.post(
    '/v1/keys/:kid/rotate',
    {
      onRequest: guard('key:rotate'),
      schema: {
        summary: 'Make the successor of an API key; both work until the overlap is over',
        params: KeyParams,
        body: RotateKeySchema,
        response: answers(201, MadeKeySchema),
      },
    },
    async (request, reply) => {
      const caller = callerOf(request)
      const { kid } = request.params
      if (caller.kind === 'person') refuseMore(caller, (await ownKey(caller, kid)).scopes)
      else if (caller.kind !== 'key' || caller.id !== kid) throw new IpseError('not_found')
      const overlapMs = (request.body.overlapHours ?? USUAL_OVERLAP_H) * HOUR_MS
      const next = await rotateApiKey(store, keys, random, clock, kid, overlapMs, caller.id)
      return reply.code(201).send(made(next))
    },
  )

  app.delete(
    '/v1/keys/:kid',
    { onRequest: guard.person('key:manage'), schema: { hide: true, params: KeyParams } },
    async (request) => {
      const caller = callerOf(request)
      const { kid } = await ownKey(caller, request.params.kid)
      await revokeApiKey(store, random, clock, kid, caller.id)
      return viewKey(await ownKey(caller, kid), clock.now())
    },
  )
}

/** @throws IpseError `forbidden` */
function refuseMore({ scopes }: Caller, wished: readonly string[]): void {
  const lacking = wished.filter((scope) => !scopes.includes(scope))
  if (lacking.length > 0)
    throw new IpseError('forbidden', `nobody gives what they have not: ${lacking.join(', ')}`)
}

/** The keys of a tenant, as anybody with the scope may see them. */
export async function listKeys({ store, clock }: Pick<RouteContext, 'store' | 'clock'>, tenant: string) {
  const records = (await store.listApiKeys()).filter((key) => key.tenant === tenant)
  return records.map((key) => viewKey(key, clock.now()))
}

/** Everything but the keyed hash of the secret. */
function viewKey(record: ApiKeyRecord, now: number) {
  const { kid, name, scopes, createdAt, expiresAt, revokedAt, lastUsedAt } = record
  const ended = expiresAt !== undefined && expiresAt <= now
  const state: 'live' | 'ended' | 'revoked' = revokedAt === undefined ? (ended ? 'ended' : 'live') : 'revoked'
  return {
    kid,
    name,
    scopes: [...scopes],
    state,
    createdAt: timeOf(createdAt),
    ...(expiresAt === undefined ? {} : { expiresAt: timeOf(expiresAt) }),
    ...(lastUsedAt === undefined ? {} : { lastUsedAt: timeOf(lastUsedAt) }),
  }
}

const timeOf = (ms: number) => new Date(ms).toISOString()
