/** All that is held about a subject, as one document for the person. A template is described, never given out. */
import {
  type ExportedPicture,
  IpseError,
  type StoredDecision,
  type Subject,
  type SubjectAuditEntry,
  type SubjectExport,
} from '@ipse/protocol'
import type { DecisionRecord } from '../domain/rollout/replay.ts'
import type { Keys } from '../keys/keys.ts'
import type { AuditEntry } from '../store/audit-records.ts'
import type { SubjectPicture } from '../store/privacy-records.ts'
import type { ReferenceRecord, Store } from '../store/store.ts'
import { type ApprovalContext, assertApproved } from '../work/approvals.ts'
import { subjectKey } from '../work/conduct.ts'
import { viewConsent } from '../work/consents.ts'
import type { Actor } from '../work/reviews.ts'
import { type PictureContext, readPictures, viewPicture } from './export-pictures.ts'
import { viewSession } from './session-view.ts'

/** Sessions and entries that an export holds at most; retention keeps fewer. */
const MOST = 10_000

export type ExportContext = ApprovalContext & { readonly store: Store; readonly keys: Keys }

/**
 * Pictures that are still kept are described.
 * @throws IpseError `not_found` when nothing is held; `approval_required` where the tenant wants a second person to agree
 */
export function exportSubject(context: ExportContext, subject: string, by: Actor): Promise<SubjectExport> {
  return exportWith(context, subject, by, async (pictures) => pictures.map(viewPicture))
}

/** The same with the pictures themselves, in base64. @throws as `exportSubject` */
export function exportWithMedia(
  context: ExportContext & PictureContext,
  subject: string,
  by: Actor,
): Promise<SubjectExport> {
  return exportWith(context, subject, by, (pictures) => readPictures(context, subject, pictures, by))
}

async function exportWith(
  context: ExportContext,
  subject: string,
  by: Actor,
  show: (pictures: readonly SubjectPicture[]) => Promise<ExportedPicture[]>,
): Promise<SubjectExport> {
  const { store, clock, auditor, keys } = context
  const { tenant, ...actor } = by
  const references = await store.listReferences(tenant, subject, { withdrawn: true })
  const sessions = await store.listSessions(tenant, { subject, limit: MOST })
  const consents = await store.listConsents(tenant, subject)
  if (references.length + sessions.length + consents.length === 0) throw new IpseError('not_found')
  const approval = await assertApproved(context, 'export', subject, by)
  await store.appendAudit(auditor.entry('subject.exported', tenant, { subject, ...approval, ...actor }))
  const pictures = await show(await store.listSubjectMedia(tenant, subject, clock.now()))
  const authenticators = await store.listDeviceKeys(tenant, subject)
  const decisions = await store.listSubjectDecisions(tenant, subject, MOST)
  const key = subjectKey(context, tenant, subject)
  const standing = (await store.findStandings(tenant, [key])).get(key)
  const audit = await store.listSubjectAudit(tenant, keys.mac('subject', [tenant, subject]), MOST)
  return {
    ...viewSubject(subject, references),
    format: 'ipse-subject-export/3',
    exportedAt: timeOf(clock.now()),
    consents: consents.map(viewConsent),
    sessions: sessions.map((session) => viewSession(session)),
    pictures,
    authenticators: authenticators.map(({ id, createdAt }) => ({ id, createdAt: timeOf(createdAt) })),
    ...(standing === undefined
      ? {}
      : {
          standing: {
            failures: standing.consecutive,
            ...(standing.lockedUntil === undefined ? {} : { lockedUntil: timeOf(standing.lockedUntil) }),
          },
        }),
    decisions: decisions.map(storedDecision),
    audit: audit.map(aboutThem),
  }
}

export function viewSubject(subject: string, references: readonly ReferenceRecord[]): Subject {
  return {
    subject,
    references: references.map(({ id, model, source, createdAt, consent }) => ({
      id,
      model,
      source,
      createdAt: timeOf(createdAt),
      ...(consent === undefined ? {} : { consent }),
    })),
  }
}

function storedDecision(record: DecisionRecord): StoredDecision {
  const { sessionId, attempt, decidedAt, decision, reasons, signals } = record
  return {
    sessionId,
    attempt,
    decidedAt: timeOf(decidedAt),
    decision,
    reasons,
    signals: signals.map(({ finding: _, ...signal }) => signal),
  }
}

/** Who acted, and with which request, is about others. */
function aboutThem(entry: AuditEntry): SubjectAuditEntry {
  const { time, event, sessionId, decision, reasons, matchScore, policy } = entry
  return {
    time: timeOf(time),
    event,
    ...(sessionId === undefined ? {} : { sessionId }),
    ...(decision === undefined ? {} : { decision }),
    ...(reasons === undefined ? {} : { reasons }),
    ...(matchScore === undefined ? {} : { matchScore }),
    ...(policy === undefined ? {} : { policy }),
  }
}

const timeOf = (ms: number) => new Date(ms).toISOString()
