/** `/admin/approvals`: what waits for a second person. People only, and nobody agrees to what they asked for. */
import { actorOf, callerOf } from '../http/caller.ts'
import { decideApproval, viewApproval } from '../work/approvals.ts'
import type { App, RouteContext } from './context.ts'
import { page, pageQuery } from './page.ts'
import { ApprovalParams, DecideApprovalSchema } from './privacy-schemas.ts'
import { PageQuerySchema } from './schemas.ts'

const hidden = { hide: true } as const

export function addApprovalRoutes(app: App, context: RouteContext): void {
  const { guard, store, clock } = context
  const decider = guard.person('approval:decide')

  app.get(
    '/admin/approvals',
    { onRequest: decider, schema: { ...hidden, querystring: PageQuerySchema } },
    async (request) => {
      const query = pageQuery(request.query)
      const records = await store.listApprovals(callerOf(request).tenant, query)
      return page(records, query.limit, (record) => viewApproval(record, clock.now()))
    },
  )

  app.post(
    '/admin/approvals/:id/decision',
    { onRequest: decider, schema: { ...hidden, params: ApprovalParams, body: DecideApprovalSchema } },
    (request) => {
      const grant = request.body.decision === 'approve'
      const { scopes } = callerOf(request)
      return decideApproval(context, request.params.id, grant, actorOf(request), scopes)
    },
  )
}
