/** `/v1/sessions`: a relying party opens a session, reads it, and may cancel it. */
import { CAPTURE_PATH, type CreatedSession, IpseError, type Json, nextState } from '@ipse/protocol'
import { captureAddress } from '../capture/context.ts'
import { issueCaptureToken } from '../capture/token.ts'
import { callerOf } from '../http/caller.ts'
import { FORGOTTEN, type SessionRecord } from '../store/store.ts'
import { conductOf } from '../work/conduct-view.ts'
import { expireSession } from '../work/sweeper.ts'
import { type App, IMAGE_BODY_BYTES, type RouteContext } from './context.ts'
import { assertSame, idempotencyOf } from './idempotency.ts'
import { newSession } from './new-session.ts'
import { page, pageQuery } from './page.ts'
import {
  answers,
  CreatedSessionSchema,
  CreateSessionSchema,
  PageQuerySchema,
  SessionPageSchema,
  SessionParams,
  SessionSchema,
} from './schemas.ts'
import { viewSession } from './session-view.ts'

export function addSessionRoutes(app: App, context: RouteContext): void {
  const { guard, store, auditor, clock } = context

  app.post(
    '/v1/sessions',
    {
      onRequest: guard('session:create'),
      bodyLimit: IMAGE_BODY_BYTES,
      schema: {
        summary: 'Open a session',
        body: CreateSessionSchema,
        response: answers(201, CreatedSessionSchema),
      },
    },
    async (request, reply) => {
      const caller = callerOf(request)
      const once = await idempotencyOf(request, request.body as Json, clock.now())
      const { session, consent } = await newSession(context, caller, request.body)
      const audit = auditor.entry('session.created', caller.tenant, {
        sessionId: session.id,
        subject: session.subject,
        policy: session.policy.name,
        ...(session.consent === undefined ? {} : { consent: session.consent }),
        requestId: request.id,
        actor: caller.id,
      })
      const keyed = once && { ...once, madeId: session.id }
      const earlier = await store.insertSession(session, audit, keyed, consent)
      assertSame(earlier, once)
      const stored = earlier ? await ownSession(context, caller.tenant, earlier.madeId) : session
      return reply.code(201).send(await createdSession(context, stored))
    },
  )

  app.get(
    '/v1/sessions/:id',
    {
      onRequest: guard('session:read'),
      schema: { summary: 'Read a session', params: SessionParams, response: answers(200, SessionSchema) },
    },
    async (request) => {
      const session = await ownSession(context, callerOf(request).tenant, request.params.id)
      return viewSession(session, await conductOf(context, session))
    },
  )

  app.get(
    '/v1/sessions',
    {
      onRequest: guard('session:read'),
      schema: {
        summary: 'List sessions, newest first',
        querystring: PageQuerySchema,
        response: answers(200, SessionPageSchema),
      },
    },
    async (request) => {
      const query = pageQuery(request.query)
      const records = await store.listSessions(callerOf(request).tenant, query)
      return page(records, query.limit, (record) => viewSession(record))
    },
  )

  app.post(
    '/v1/sessions/:id/cancel',
    {
      onRequest: guard('session:cancel'),
      schema: { summary: 'Cancel a session', params: SessionParams, response: answers(200, SessionSchema) },
    },
    async (request) => {
      const caller = callerOf(request)
      const session = await ownSession(context, caller.tenant, request.params.id)
      const state = nextState(session.state, 'cancel')
      if (!state) throw new IpseError('session_wrong_state')
      const audit = auditor.entry('session.cancelled', caller.tenant, {
        sessionId: session.id,
        subject: session.subject,
        requestId: request.id,
        actor: caller.id,
      })
      const changed = await store.changeSession(session, { state, ...FORGOTTEN }, { audit })
      if (!changed) throw new IpseError('conflict')
      return viewSession(changed)
    },
  )
}

/** @throws IpseError `not_found` for a session of another tenant too */
export async function ownSession(context: RouteContext, tenant: string, id: string): Promise<SessionRecord> {
  const session = await context.store.findSession(tenant, id)
  if (!session) throw new IpseError('not_found')
  return (await expireSession(context, context.auditor, session)) ?? session
}

async function createdSession(
  { keys, settings, element }: RouteContext,
  session: SessionRecord,
): Promise<CreatedSession> {
  const { publicUrl } = settings.server
  const { id, tenant, tokenId, createdAt, expiresAt } = session
  const claims = {
    tenant,
    sessionId: id,
    tokenId,
    issuedAt: createdAt,
    expiresAt,
    service: keys.identityAt(createdAt),
  }
  return {
    id,
    captureToken: issueCaptureToken(keys.captureTokenKey, publicUrl, claims),
    captureUrl: captureAddress(publicUrl, CAPTURE_PATH).ws,
    element,
    expiresAt: new Date(expiresAt).toISOString(),
  }
}
