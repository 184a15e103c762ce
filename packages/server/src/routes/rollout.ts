/** `/v1/policies`: versions of policies are published, promoted and taken back, and what candidates decided is read. */
import { IpseError } from '@ipse/protocol'
import type { FastifyRequest } from 'fastify'
import type { PolicyVersion } from '../domain/rollout/stages.ts'
import { actorOf, callerOf } from '../http/caller.ts'
import { assertStageApproved } from '../work/approvals.ts'
import { type By, publishPolicy, reportRollout, rollBackPolicy, stagePolicy } from '../work/rollout.ts'
import type { App, RouteContext } from './context.ts'
import {
  PolicyListSchema,
  PolicyParams,
  PolicyVersionParams,
  PolicyVersionSchema,
  PublishPolicySchema,
  RollBackSchema,
  RolloutReportSchema,
  StagePolicySchema,
} from './rollout-schemas.ts'
import { answers } from './schemas.ts'

export function addRolloutRoutes(app: App, given: RouteContext): void {
  const { guard, store, policies, rollout } = given
  const context = { ...given, guard: given.settings.rollout.guard }

  app.get(
    '/v1/policies',
    {
      onRequest: guard('policy:read'),
      schema: {
        summary: 'List the policies that sessions may name',
        response: answers(200, PolicyListSchema),
      },
    },
    async (request) => {
      const published = await store.listPolicyVersions(callerOf(request).tenant)
      return { items: [...policies.list(published), ...published.map(viewVersion)] }
    },
  )

  app.post(
    '/v1/policies',
    {
      onRequest: guard('policy:write'),
      schema: {
        summary: 'Publish a version of a policy, as a draft',
        body: PublishPolicySchema,
        response: answers(201, PolicyVersionSchema),
      },
    },
    async (request, reply) => {
      const { document, why } = request.body
      const made = await publishPolicy(context, parsed(document), byOf(request, why)).catch(asCallers)
      return reply.code(201).send(viewVersion(made))
    },
  )

  app.post(
    '/v1/policies/:name/versions/:version/stage',
    {
      onRequest: guard('policy:write'),
      schema: {
        summary: 'Give a version another stage',
        params: PolicyVersionParams,
        body: StagePolicySchema,
        response: answers(200, PolicyListSchema),
      },
    },
    async (request) => {
      const { name, version } = request.params
      const { why, ...rest } = request.body
      const move = { ...rest, version: Number(version) }
      await assertStageApproved(given, name, move, actorOf(request))
      const changed = await stagePolicy(context, name, move, byOf(request, why))
      return { items: changed.map(viewVersion) }
    },
  )

  app.post(
    '/v1/policies/:name/rollback',
    {
      onRequest: guard('policy:write'),
      schema: {
        summary: 'Take back the canary, or else the active version',
        params: PolicyParams,
        body: RollBackSchema,
        response: answers(200, PolicyListSchema),
      },
    },
    async (request) => {
      const changed = await rollBackPolicy(context, request.params.name, byOf(request, request.body.why))
      return { items: changed.map(viewVersion) }
    },
  )

  app.get(
    '/v1/policies/:name/report',
    {
      onRequest: guard('policy:read'),
      schema: {
        summary: 'What candidates decided, or would have decided',
        params: PolicyParams,
        response: answers(200, RolloutReportSchema),
      },
    },
    async (request) => {
      await rollout.flush()
      const report = await reportRollout(store, callerOf(request).tenant, request.params.name)
      return { ...report, versions: report.versions.map(viewVersion) }
    },
  )
}

function byOf(request: FastifyRequest, why: string): By {
  const { tenant, id } = callerOf(request)
  return { tenant, actor: id, why, requestId: request.id }
}

function parsed(document: string): unknown {
  try {
    return JSON.parse(document)
  } catch (cause) {
    throw new IpseError('invalid_request', 'document is not JSON', { cause })
  }
}

/** A policy file that is wrong is the operator's to mend; here whoever sent it is the operator. */
function asCallers(cause: unknown): never {
  if (cause instanceof IpseError && cause.code === 'policy_invalid')
    throw new IpseError('invalid_request', cause.message, { cause })
  throw cause
}

export function viewVersion({ tenant: _, createdAt, changedAt, ...version }: PolicyVersion) {
  const from = 'published' as const
  return {
    ...version,
    from,
    createdAt: new Date(createdAt).toISOString(),
    changedAt: new Date(changedAt).toISOString(),
  }
}
