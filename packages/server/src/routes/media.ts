/**
 * `/v1/sessions/:id/media`: the pictures of a capture, for one scope, within their time, for the one who looked first. That
 * somebody looked is in the audit log before a byte leaves.
 */
import { IpseError, type SessionMedia } from '@ipse/protocol'
import { Type } from 'typebox'
import { pictureIs } from '../capture/pictures.ts'
import { sessionOwner } from '../capture/reference-templates.ts'
import { callerOf } from '../http/caller.ts'
import type { App, RouteContext } from './context.ts'
import { answers, SessionParams } from './schemas.ts'
import { ownSession } from './sessions.ts'

const closed = { additionalProperties: false }

const PictureParams = Type.Object(
  { id: Type.String({ pattern: '^ses_[A-Za-z0-9_-]{22}$' }), n: Type.String({ pattern: '^[0-9]{1}$' }) },
  closed,
)

const SessionMediaSchema = Type.Object(
  {
    pictures: Type.Array(
      Type.Object(
        {
          n: Type.Integer({ minimum: 0 }),
          createdAt: Type.String({ format: 'date-time' }),
          expiresAt: Type.String({ format: 'date-time' }),
          claimed: Type.Boolean({ description: 'Somebody has looked, and nobody else can any more.' }),
        },
        closed,
      ),
    ),
  },
  closed,
)

const PICTURE = {
  200: {
    description: 'The picture.',
    content: { 'image/jpeg': { schema: Type.Unsafe<Uint8Array>(Type.String({ format: 'binary' })) } },
  },
} as const

export function addMediaRoutes(app: App, context: RouteContext): void {
  const { guard, store, vault, auditor, clock } = context

  app.get(
    '/v1/sessions/:id/media',
    {
      onRequest: guard('media:read'),
      schema: {
        summary: 'List the pictures of a capture that are still kept',
        params: SessionParams,
        response: answers(200, SessionMediaSchema),
      },
    },
    async (request): Promise<SessionMedia> => {
      const { id, tenant } = await ownSession(context, callerOf(request).tenant, request.params.id)
      const media = await store.listMedia(tenant, id, clock.now())
      return {
        pictures: media.map(({ n, createdAt, expiresAt, reader }) => ({
          n,
          createdAt: new Date(createdAt).toISOString(),
          expiresAt: new Date(expiresAt).toISOString(),
          claimed: reader !== undefined,
        })),
      }
    },
  )

  app.get(
    '/v1/sessions/:id/media/:n',
    {
      onRequest: guard('media:read'),
      schema: {
        summary: 'Look at a picture of a capture; who looks first is the only one who can',
        params: PictureParams,
        response: { ...answers(200, Type.Unknown()), ...PICTURE },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request)
      const session = await ownSession(context, caller.tenant, request.params.id)
      const n = Number(request.params.n)
      const { id: sessionId, tenant, subject } = session
      const audit = auditor.entry('media.read', tenant, {
        sessionId,
        subject,
        actor: caller.id,
        requestId: request.id,
        note: `picture ${n}`,
      })
      const found = await store.claimMedia({ tenant, sessionId, n }, caller.id, audit)
      if (found === undefined) throw new IpseError('not_found')
      if (found === 'claimed') throw new IpseError('forbidden', 'somebody else has looked at this picture')
      const picture = await vault.openBytes(found, sessionOwner(session), pictureIs(n))
      if (!picture) throw new IpseError('not_found')
      return reply
        .type('image/jpeg')
        .header('content-disposition', 'inline; filename="picture.jpg"')
        .send(picture)
    },
  )
}
