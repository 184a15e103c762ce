/** `/v1/reviews`, `/admin/lockouts`, `/v1/sessions/:id/abuse-report`, `/v1/subjects/:subject/unlock`, `/v1/devices/unlock`: what people do about abuse. */
import { actorOf, callerOf } from '../http/caller.ts'
import { listLockouts } from '../work/lockouts.ts'
import { decideReview, unlockDevice, unlockSubject, viewReview } from '../work/reviews.ts'
import { reportAbuse } from './abuse-report.ts'
import {
  AbuseReportSchema,
  DecidedReviewSchema,
  DecideReviewSchema,
  ReviewPageSchema,
  ReviewParams,
  ReviewQuerySchema,
  UnlockDeviceSchema,
  UnlockedSchema,
} from './abuse-schemas.ts'
import type { App, RouteContext } from './context.ts'
import { page, pageQuery } from './page.ts'
import { answers, SessionParams, SubjectParams } from './schemas.ts'
import { ownSession } from './sessions.ts'

export function addAbuseRoutes(app: App, context: RouteContext): void {
  const { guard, store, clock } = context

  app.get(
    '/v1/reviews',
    {
      onRequest: guard('review:read'),
      schema: {
        summary: 'List blocked devices that wait for a person, newest first',
        querystring: ReviewQuerySchema,
        response: answers(200, ReviewPageSchema),
      },
    },
    async (request) => {
      const { state = 'open' } = request.query
      const query = pageQuery(request.query)
      const records = await store.listReviews(callerOf(request).tenant, state, query)
      return page(records, query.limit, viewReview)
    },
  )

  app.post(
    '/v1/reviews/:id/decision',
    {
      onRequest: guard('review:decide'),
      schema: {
        summary: 'Decide a review, once',
        params: ReviewParams,
        body: DecideReviewSchema,
        response: answers(200, DecidedReviewSchema),
      },
    },
    async (request) => {
      const { review, ...fresh } = await decideReview(
        context,
        request.params.id,
        request.body,
        actorOf(request),
      )
      return { ...viewReview(review), ...fresh }
    },
  )

  app.get(
    '/admin/lockouts',
    { onRequest: guard.person('device:reset'), schema: { hide: true } },
    async (request) => ({ items: await listLockouts(context, callerOf(request).tenant) }),
  )

  app.post(
    '/v1/subjects/:subject/unlock',
    {
      onRequest: guard('device:reset'),
      schema: {
        summary: "Forget a subject's failed attempts",
        params: SubjectParams,
        response: answers(200, UnlockedSchema),
      },
    },
    async (request) => {
      await unlockSubject(context, request.params.subject, actorOf(request))
      return { unlockedAt: new Date(clock.now()).toISOString() }
    },
  )

  app.post(
    '/v1/devices/unlock',
    {
      onRequest: guard('device:reset'),
      schema: {
        summary: 'Lift the lock-out of a device; a block is left to its review',
        body: UnlockDeviceSchema,
        response: answers(200, UnlockedSchema),
      },
    },
    async (request) => {
      await unlockDevice(context, request.body.deviceCorrelationId, actorOf(request))
      return { unlockedAt: new Date(clock.now()).toISOString() }
    },
  )

  app.get(
    '/v1/sessions/:id/abuse-report',
    {
      onRequest: guard('abuse:report'),
      schema: {
        summary: 'All that is held about a suspected attack, as one document',
        params: SessionParams,
        response: answers(200, AbuseReportSchema),
      },
    },
    async (request) => {
      const { tenant, ...by } = actorOf(request)
      return reportAbuse(context, await ownSession(context, tenant, request.params.id), by)
    },
  )
}
