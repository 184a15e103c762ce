/** `/v1/subjects/:subject/consents`, `/v1/consents`, `/v1/privacy`: consents, and how a tenant wants personal data treated. */
import { canonicalJson, type Json } from '@ipse/protocol'
import { actorOf, callerOf } from '../http/caller.ts'
import { assertApproved } from '../work/approvals.ts'
import { newConsent, viewConsent, withdrawConsent } from '../work/consents.ts'
import { retentionReport, rulesOf } from '../work/retention.ts'
import type { App, RouteContext } from './context.ts'
import {
  ConsentListSchema,
  RetentionReportSchema,
  TenantRulesSchema,
  WithdrawnConsentSchema,
} from './privacy-schemas.ts'
import { answers, ConsentParams, ConsentRecordSchema, ConsentSchema, SubjectParams } from './schemas.ts'

export function addPrivacyRoutes(app: App, context: RouteContext): void {
  addConsentRoutes(app, context)
  addRuleRoutes(app, context)
}

function addConsentRoutes(app: App, context: RouteContext): void {
  const { guard, store, auditor } = context
  app.post(
    '/v1/subjects/:subject/consents',
    {
      onRequest: guard('consent:manage'),
      schema: {
        summary: 'Record a consent, for sessions and references to rest on',
        params: SubjectParams,
        body: ConsentSchema,
        response: answers(201, ConsentRecordSchema),
      },
    },
    async (request, reply) => {
      const { tenant, ...by } = actorOf(request)
      const { subject } = request.params
      const consent = newConsent(context, { tenant, subject }, request.body)
      const audit = auditor.entry('consent.recorded', tenant, { subject, consent: consent.id, ...by })
      await store.insertConsent(consent, audit)
      return reply.code(201).send(viewConsent(consent))
    },
  )

  app.get(
    '/v1/subjects/:subject/consents',
    {
      onRequest: guard('subject:read'),
      schema: {
        summary: 'Consents of a subject, newest first',
        params: SubjectParams,
        response: answers(200, ConsentListSchema),
      },
    },
    async (request) => {
      const { tenant, ...by } = actorOf(request)
      const { subject } = request.params
      const consents = await store.listConsents(tenant, subject)
      if (consents.length > 0)
        await store.appendAudit(auditor.entry('subject.read', tenant, { subject, ...by }))
      return { items: consents.map(viewConsent) }
    },
  )

  app.post(
    '/v1/consents/:id/withdraw',
    {
      onRequest: guard('consent:manage'),
      schema: {
        summary:
          'Withdraw a consent: nothing is compared with what rests on it, and that is erased as the rules say',
        params: ConsentParams,
        response: answers(200, WithdrawnConsentSchema),
      },
    },
    (request) => withdrawConsent(context, request.params.id, actorOf(request)),
  )
}

function addRuleRoutes(app: App, context: RouteContext): void {
  const { guard, store, auditor } = context
  app.get(
    '/v1/privacy/report',
    {
      onRequest: guard('privacy:manage'),
      schema: {
        summary: 'What the next sweep deletes, and why',
        response: answers(200, RetentionReportSchema),
      },
    },
    (request) => retentionReport(context, callerOf(request).tenant),
  )

  app.get(
    '/v1/privacy/rules',
    {
      onRequest: guard('privacy:manage'),
      schema: {
        summary: 'Rules of the tenant: retention, and what a second person has to agree to',
        response: answers(200, TenantRulesSchema),
      },
    },
    async (request) => {
      const { preset, days, approvals } = await rulesOf(context, callerOf(request).tenant)
      return { preset, days, approvals }
    },
  )

  app.put(
    '/v1/privacy/rules',
    {
      onRequest: guard('privacy:manage'),
      schema: {
        summary: 'Change the rules of the tenant',
        body: TenantRulesSchema,
        response: answers(200, TenantRulesSchema),
      },
    },
    async (request) => {
      const rules = request.body
      const { tenant, ...by } = actorOf(request)
      const target = canonicalJson(rules as unknown as Json)
      const approval = await assertApproved(context, 'rules', target, { tenant, ...by })
      const audit = auditor.entry('rules.changed', tenant, { note: target, ...approval, ...by })
      await store.changeTenantRules(tenant, rules, audit)
      return rules
    },
  )
}
