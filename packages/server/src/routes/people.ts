/** `/admin`, for people who are signed in: themselves and their passkeys, their colleagues, the API keys of their tenant. */
import { IpseError } from '@ipse/protocol'
import { callerOf } from '../http/caller.ts'
import { ROLE_NAMES, ROLES } from '../identity/roles.ts'
import { SCOPE_NAMES, SCOPES } from '../identity/scopes.ts'
import { disablePerson, invite } from '../people/accounts.ts'
import type { PeopleContext } from '../people/context.ts'
import { addPasskey, registrationOptions } from '../people/passkeys.ts'
import { endSessions } from '../people/sessions.ts'
import type { PersonRecord, PersonWithKeys } from '../store/people-records.ts'
import type { App, RouteContext } from './context.ts'
import { listKeys } from './keys.ts'
import { EmptySchema, InviteSchema, PasskeyParams, PasskeySchema, PersonParams } from './people-schemas.ts'

const hidden = { hide: true } as const
const timeOf = (ms: number) => new Date(ms).toISOString()

export function addPeopleRoutes(app: App, context: RouteContext, people: PeopleContext): void {
  addOwnRoutes(app, context, people)
  addColleagueRoutes(app, context, people)
  addKeyScreen(app, context)
}

function addOwnRoutes(app: App, { guard, store, auditor }: RouteContext, people: PeopleContext): void {
  const own = guard.person()
  const self = async (id: string): Promise<PersonRecord> => {
    const person = await store.findPerson(id)
    if (!person) throw new IpseError('unauthenticated')
    return person
  }

  app.get('/admin/me', { onRequest: own, schema: hidden }, async (request) => {
    const { id, scopes } = callerOf(request)
    const { name, tenant, roles, identityMac } = await self(id)
    const passkeys = (await store.listPasskeys(id)).map(({ id, createdAt, lastUsedAt }) => ({
      id,
      createdAt: timeOf(createdAt),
      ...(lastUsedAt === undefined ? {} : { lastUsedAt: timeOf(lastUsedAt) }),
    }))
    return { id, name, tenant, roles, scopes, oidc: identityMac !== undefined, passkeys }
  })

  for (const [path, which] of [
    ['/admin/sign-out', 'this'],
    ['/admin/sign-out-everywhere', 'all'],
  ] as const)
    app.post(path, { onRequest: own, schema: { ...hidden, body: EmptySchema } }, async (request, reply) => {
      reply.header('set-cookie', await endSessions(people, request, which))
      return {}
    })

  app.post(
    '/admin/passkeys/options',
    { onRequest: own, schema: { ...hidden, body: EmptySchema } },
    async (request) => {
      const person = await self(callerOf(request).id)
      return registrationOptions(people, person, ['passkey', person.id])
    },
  )
  app.post(
    '/admin/passkeys',
    { onRequest: own, schema: { ...hidden, body: PasskeySchema } },
    async (request, reply) => {
      const person = await self(callerOf(request).id)
      const refused = await addPasskey(people, person, ['passkey', person.id], request.body)
      if (refused) throw new IpseError('conflict', 'the passkey was not taken')
      return reply.code(201).send({ id: request.body.id })
    },
  )
  app.delete(
    '/admin/passkeys/:id',
    { onRequest: own, schema: { ...hidden, params: PasskeyParams } },
    async (request) => {
      const { id, tenant } = callerOf(request)
      const audit = auditor.entry('passkey.removed', tenant, { actor: id, person: id })
      if (await store.deletePasskey(request.params.id, id, audit)) return {}
      const mine = (await store.listPasskeys(id)).some((passkey) => passkey.id === request.params.id)
      throw mine
        ? new IpseError('conflict', 'it is the last way to sign in: add another passkey first')
        : new IpseError('not_found')
    },
  )
}

function addColleagueRoutes(app: App, { guard, store }: RouteContext, people: PeopleContext): void {
  app.get('/admin/people', { onRequest: guard.person('people:read'), schema: hidden }, async (request) => ({
    items: (await store.listPeople(callerOf(request).tenant)).map(viewPerson),
    roles: ROLE_NAMES.map((name) => ({ name, meaning: ROLES[name].meaning })),
  }))
  app.post(
    '/admin/people',
    { onRequest: guard.person('people:manage'), schema: { ...hidden, body: InviteSchema } },
    async (request, reply) => {
      const { tenant, id } = callerOf(request)
      const { person, link, expiresAt } = await invite(people, { ...request.body, tenant }, id)
      return reply.code(201).send({ id: person.id, link, expiresAt: timeOf(expiresAt) })
    },
  )
  app.post(
    '/admin/people/:id/disable',
    { onRequest: guard.person('people:manage'), schema: { ...hidden, params: PersonParams } },
    async (request) => {
      const { tenant, id } = callerOf(request)
      await disablePerson(people, request.params.id, { tenant, actor: id })
      return {}
    },
  )
}

/** The screen of the keys; what it changes is at `/v1/keys`. */
function addKeyScreen(app: App, context: RouteContext): void {
  app.get('/admin/keys', { onRequest: context.guard.person('key:read'), schema: hidden }, async (request) => {
    const { tenant, scopes } = callerOf(request)
    return {
      items: await listKeys(context, tenant),
      // Those that the person may give: nobody gives what they have not.
      scopes: SCOPE_NAMES.filter((name) => scopes.includes(name)).map((name) => ({
        name,
        meaning: SCOPES[name],
      })),
    }
  })
}

function viewPerson({ id, name, roles, identityMac, passkeys, createdAt, disabledAt }: PersonWithKeys) {
  const able = passkeys > 0 || identityMac !== undefined
  const state = disabledAt === undefined ? (able ? 'active' : 'invited') : 'disabled'
  return { id, name, roles, passkeys, state, createdAt: timeOf(createdAt) }
}
