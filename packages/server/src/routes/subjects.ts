/** `/v1/subjects`: enrol from a photograph, read, export, erase. Templates are described, never given out. */
import { type Erasure, IpseError, newId, type Subject, type SubjectExport } from '@ipse/protocol'
import { DEFAULT_POLICY, findPolicy } from '../domain/policies/index.ts'
import { callerOf } from '../http/caller.ts'
import type { AuditEvent, ReferenceRecord } from '../store/store.ts'
import { sealTemplate } from '../vault/vault.ts'
import { type App, IMAGE_BODY_BYTES, type RouteContext } from './context.ts'
import { referenceTemplate } from './images.ts'
import {
  answers,
  CreateReferenceSchema,
  ErasureSchema,
  SubjectExportSchema,
  SubjectParams,
  SubjectSchema,
} from './schemas.ts'
import { viewSession } from './session-view.ts'

/** Sessions that an export holds at most; retention keeps fewer. */
const EXPORT_SESSIONS = 10_000

export function addSubjectRoutes(app: App, context: RouteContext): void {
  const { guard, store, auditor, clock, settings, random, keys, queue, policies } = context
  const audit = (event: AuditEvent, request: Parameters<typeof callerOf>[0], subject: string) => {
    const { tenant, id } = callerOf(request)
    return auditor.entry(event, tenant, { subject, requestId: request.id, actor: id })
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
      const { image, consent } = request.body
      if (findPolicy(policies, DEFAULT_POLICY, settings.server.development).consentForEnrolment && !consent)
        throw new IpseError('consent_missing')
      const template = await referenceTemplate(queue, image)
      const bytes = (length: number) => random.bytes(length)
      const id = newId('reference', bytes)
      const sealed = sealTemplate(template, { tenant, subject, recordId: id }, keys.encryptionKey(), bytes)
      const reference: ReferenceRecord = {
        ...sealed,
        id,
        tenant,
        subject,
        source: 'image',
        createdAt: clock.now(),
        ...(consent === undefined ? {} : { consent }),
      }
      await store.insertReference(reference, audit('reference.enrolled', request, subject))
      return reply.code(201).send(await readSubject(context, tenant, subject))
    },
  )

  app.get(
    '/v1/subjects/:subject',
    {
      onRequest: guard('subject:read'),
      schema: { summary: 'Read a subject', params: SubjectParams, response: answers(200, SubjectSchema) },
    },
    async (request) => {
      const found = await readSubject(context, callerOf(request).tenant, request.params.subject)
      if (found.references.length === 0) throw new IpseError('not_found')
      await store.appendAudit(audit('subject.read', request, request.params.subject))
      return found
    },
  )

  app.get(
    '/v1/subjects/:subject/export',
    {
      onRequest: guard('subject:read'),
      schema: {
        summary: 'Export all that is held about a subject',
        params: SubjectParams,
        response: answers(200, SubjectExportSchema),
      },
    },
    async (request): Promise<SubjectExport> => {
      const { tenant } = callerOf(request)
      const { subject } = request.params
      const found = await readSubject(context, tenant, subject)
      const sessions = await store.listSessions(tenant, { subject, limit: EXPORT_SESSIONS })
      if (found.references.length === 0 && sessions.length === 0) throw new IpseError('not_found')
      await store.appendAudit(audit('subject.exported', request, subject))
      const authenticators = (await store.listDeviceKeys(tenant, subject)).map(({ id, createdAt }) => ({
        id,
        createdAt: new Date(createdAt).toISOString(),
      }))
      return {
        ...found,
        format: 'ipse-subject-export/1',
        exportedAt: new Date(clock.now()).toISOString(),
        sessions: sessions.map((session) => viewSession(session)),
        ...(authenticators.length === 0 ? {} : { authenticators }),
      }
    },
  )

  app.delete(
    '/v1/subjects/:subject',
    {
      onRequest: guard('subject:delete'),
      schema: { summary: 'Erase a subject', params: SubjectParams, response: answers(200, ErasureSchema) },
    },
    async (request): Promise<Erasure> => {
      const { subject } = request.params
      const erased = await store.eraseSubject(
        callerOf(request).tenant,
        subject,
        audit('subject.erased', request, subject),
      )
      return { subject, erasedAt: new Date(clock.now()).toISOString(), ...erased }
    },
  )
}

async function readSubject({ store }: RouteContext, tenant: string, subject: string): Promise<Subject> {
  const references = await store.listReferences(tenant, subject)
  return {
    subject,
    references: references.map(({ id, model, source, createdAt, consent }) => ({
      id,
      model,
      source,
      createdAt: new Date(createdAt).toISOString(),
      ...(consent === undefined ? {} : { consent }),
    })),
  }
}
