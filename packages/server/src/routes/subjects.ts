/** `/v1/subjects`: enrol from a photograph, read, export, erase. Templates are described, never given out. */
import { IpseError, type Json, newId } from '@ipse/protocol'
import { DEFAULT_POLICY } from '../domain/policies/index.ts'
import { actorOf, assertScope, callerOf } from '../http/caller.ts'
import type { AuditEvent } from '../store/audit-records.ts'
import type { ReferenceRecord } from '../store/store.ts'
import { consentOf, isConsentRequired } from '../work/consents.ts'
import { eraseSubject } from '../work/erasure.ts'
import { type App, IMAGE_BODY_BYTES, type RouteContext } from './context.ts'
import { assertSame, idempotencyOf } from './idempotency.ts'
import { referenceTemplate } from './images.ts'
import { ErasureSchema, ExportQuerySchema, SubjectExportSchema } from './privacy-schemas.ts'
import { answers, CreateReferenceSchema, SubjectParams, SubjectSchema } from './schemas.ts'
import { exportSubject, exportWithMedia, viewSubject } from './subject-export.ts'

export function addSubjectRoutes(app: App, context: RouteContext): void {
  const { guard, store, auditor, clock, random, vault, engine, queue, policies } = context
  const audit = (event: AuditEvent, request: Parameters<typeof callerOf>[0], subject: string, more = {}) => {
    const { tenant, ...by } = actorOf(request)
    return auditor.entry(event, tenant, { subject, ...by, ...more })
  }

  app.post(
    '/v1/subjects/:subject/references',
    {
      onRequest: guard('face:enrol'),
      bodyLimit: IMAGE_BODY_BYTES,
      schema: {
        summary: 'Enrol a subject from a photograph',
        params: SubjectParams,
        body: CreateReferenceSchema,
        response: answers(201, SubjectSchema),
      },
    },
    async (request, reply) => {
      const { tenant } = callerOf(request)
      const { subject } = request.params
      const { image } = request.body
      const once = await idempotencyOf(request, ['reference', subject, request.body as Json], clock.now())
      const policy = policies.named(DEFAULT_POLICY)
      const asked = { tenant, subject, ...request.body }
      const { id: consent, fresh } = consentOf(context, asked, isConsentRequired(policy, 'enrolment'))
      const template = await referenceTemplate(queue, image)
      const id = newId('reference', (length) => random.bytes(length))
      const sealed = await vault.sealTemplate(
        template,
        { tenant, subject, recordId: id },
        engine.templateParts,
      )
      const reference: ReferenceRecord = {
        ...sealed,
        id,
        tenant,
        subject,
        source: 'image',
        createdAt: clock.now(),
        ...(consent === undefined ? {} : { consent }),
      }
      const more = consent === undefined ? {} : { consent }
      const entry = audit('reference.enrolled', request, subject, more)
      const keyed = once && { ...once, madeId: id }
      assertSame(await store.insertReference(reference, entry, fresh, keyed), once)
      // An erasure that came in between has destroyed the key: nobody is told of an enrolment that nothing opens.
      if (!(await vault.holds(sealed.key))) {
        await store.dropReference(reference, audit('reference.dropped', request, subject))
        throw new IpseError('conflict', 'the subject was erased meanwhile')
      }
      return reply.code(201).send(viewSubject(subject, await store.listReferences(tenant, subject)))
    },
  )

  app.get(
    '/v1/subjects/:subject',
    {
      onRequest: guard('subject:read'),
      schema: { summary: 'Read a subject', params: SubjectParams, response: answers(200, SubjectSchema) },
    },
    async (request) => {
      const { subject } = request.params
      const references = await store.listReferences(callerOf(request).tenant, subject)
      if (references.length === 0) throw new IpseError('not_found')
      await store.appendAudit(audit('subject.read', request, subject))
      return viewSubject(subject, references)
    },
  )

  app.get(
    '/v1/subjects/:subject/export',
    {
      onRequest: guard('subject:read'),
      schema: {
        summary: 'Export all that is held about a subject',
        params: SubjectParams,
        querystring: ExportQuerySchema,
        response: answers(200, SubjectExportSchema),
      },
    },
    (request) => {
      const { subject } = request.params
      if (request.query.media === undefined) return exportSubject(context, subject, actorOf(request))
      assertScope(callerOf(request), 'media:read')
      return exportWithMedia(context, subject, actorOf(request))
    },
  )

  app.delete(
    '/v1/subjects/:subject',
    {
      onRequest: guard('subject:delete'),
      schema: { summary: 'Erase a subject', params: SubjectParams, response: answers(200, ErasureSchema) },
    },
    (request) => eraseSubject(context, request.params.subject, actorOf(request)),
  )
}
