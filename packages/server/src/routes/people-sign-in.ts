/** `/admin`, for strangers: how one may sign in, the two ceremonies of passkeys, and the way to an identity provider and back. */
import { IpseError } from '@ipse/protocol'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { networkOf } from '../domain/abuse/network.ts'
import { openDoor } from '../http/auth.ts'
import { loggable } from '../http/problems.ts'
import { findInvited } from '../people/accounts.ts'
import type { PeopleContext } from '../people/context.ts'
import { cookieHeader, readCookie, STATE_COOKIE } from '../people/cookies.ts'
import { CALLBACK_PATH, createOidc, STATE_MS } from '../people/oidc.ts'
import {
  addPasskey,
  type NotSignedIn,
  registrationOptions,
  signInOptions,
  signInWithPasskey,
} from '../people/passkeys.ts'
import { beginSession, isFromOurPage } from '../people/sessions.ts'
import type { PersonRecord } from '../store/people-records.ts'
import type { App, RouteContext } from './context.ts'
import {
  AcceptInvitationSchema,
  EmptySchema,
  InvitationSchema,
  PasskeyAnswerSchema,
} from './people-schemas.ts'

/** Requests of one network's strangers in a minute: a person needs two. */
const STRANGERS_PER_MINUTE = 60
const MINUTE_MS = 60_000

export function addSignInRoutes(app: App, context: RouteContext, people: PeopleContext): void {
  const { store, clock, settings, auditor } = context
  const { site } = people
  const oidc = createOidc(people, settings)

  /** Our own page only, and not too often. */
  const door = openDoor(async (request) => {
    if (!isFromOurPage(site, request))
      throw new IpseError('forbidden', 'the request is not from our own page')
    const endsAt = (Math.floor(clock.now() / MINUTE_MS) + 1) * MINUTE_MS
    const key = `sign-in:${networkOf(request.ip) ?? 'here'}`
    const { taken } = await store.takeAllowances([{ key, most: STRANGERS_PER_MINUTE, endsAt }])
    if (!taken) throw new IpseError('rate_limited', undefined, { retryAfterMs: endsAt - clock.now() })
  })
  /** The provider sends the browser back from its own site: the state in the cookie is what ties it to its beginning. */
  const back = openDoor()
  const hidden = { hide: true } as const

  async function signIn(
    request: FastifyRequest,
    reply: FastifyReply,
    person: PersonRecord,
    how: string,
  ): Promise<void> {
    reply.header('set-cookie', await beginSession(people, person, how, request))
  }

  /** One answer for every refusal; why goes to the log, and to the audit trail of whose account it was. */
  async function refuse(request: FastifyRequest, { refused, person }: NotSignedIn): Promise<never> {
    request.log.info({ why: refused, person: person?.id }, 'not signed in')
    if (person) {
      const details = { person: person.id, note: refused, requestId: request.id }
      await store.appendAudit(auditor.entry('person.refused', person.tenant, details))
    }
    throw new IpseError('unauthenticated', 'sign-in was refused')
  }

  async function invited(secret: string) {
    const found = await findInvited(people, secret)
    if (!found) throw new IpseError('not_found', 'the invitation was used, has expired, or never was')
    return found
  }

  app.get('/admin/sign-in', { onRequest: door, schema: hidden }, async () => ({ oidc: oidc !== undefined }))

  app.post('/admin/sign-in/options', { onRequest: door, schema: { ...hidden, body: EmptySchema } }, () =>
    signInOptions(people),
  )

  app.post(
    '/admin/sign-in',
    { onRequest: door, schema: { ...hidden, body: PasskeyAnswerSchema } },
    async (request, reply) => {
      const person = await signInWithPasskey(people, request.body)
      if ('refused' in person) return refuse(request, person)
      await signIn(request, reply, person, 'passkey')
      return {}
    },
  )

  app.post(
    '/admin/invitation/options',
    { onRequest: door, schema: { ...hidden, body: InvitationSchema } },
    async (request) => {
      const { person, mac } = await invited(request.body.invitation)
      const { name, tenant, roles } = person
      return { name, tenant, roles, options: await registrationOptions(people, person, ['invitation', mac]) }
    },
  )

  app.post(
    '/admin/invitation',
    { onRequest: door, schema: { ...hidden, body: AcceptInvitationSchema } },
    async (request, reply) => {
      const { person, mac } = await invited(request.body.invitation)
      const refused = await addPasskey(people, person, ['invitation', mac], request.body.passkey, mac)
      if (refused) return refuse(request, refused)
      await signIn(request, reply, person, 'invitation')
      return {}
    },
  )

  if (!oidc) return
  app.get('/admin/oidc/start', { onRequest: openDoor(), schema: hidden }, async (request, reply) => {
    try {
      const { url, state } = await oidc.start()
      reply.header('set-cookie', cookieHeader(site, STATE_COOKIE, state, STATE_MS / 1000))
      return reply.redirect(url, 303)
    } catch (error) {
      request.log.warn({ error: loggable(error) }, 'the identity provider does not answer')
      return reply.redirect('/admin/#unreachable', 303)
    }
  })

  app.get(CALLBACK_PATH, { onRequest: back, schema: hidden }, async (request, reply) => {
    const state = readCookie(site, STATE_COOKIE, request.headers.cookie)
    const forget = cookieHeader(site, STATE_COOKIE, '', 0)
    try {
      const person = await oidc.finish(new URL(request.raw.url ?? '', site.origin), state)
      reply.header('set-cookie', [forget, await beginSession(people, person, 'oidc', request)])
      return reply.redirect('/admin/', 303)
    } catch (error) {
      request.log.info({ error: loggable(error) }, 'not signed in')
      reply.header('set-cookie', forget)
      return reply.redirect('/admin/#refused', 303)
    }
  })
}
