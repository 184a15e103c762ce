/** The part of the store that answers to privacy: consents, rules of tenants, what is due, approvals, erasure. */
import type {
  ApprovalAction,
  ApprovalState,
  Consent,
  ErasedCounts,
  RetentionRule,
  TenantRules,
} from '@ipse/protocol'
import type { Due } from '../domain/retention/rules.ts'
import type { AuditDraft, AuditEntry } from './audit-records.ts'
import type { LogPlace } from './log-records.ts'
import type { PageQuery } from './store.ts'
import type { MediaRecord } from './vault-records.ts'

/** All times are milliseconds since the epoch. */
export interface StoredConsent {
  readonly id: string
  readonly tenant: string
  /** None: of a session without a subject, or of a subject that was erased. */
  readonly subject?: string
  readonly consent: Consent
  readonly recordedAt: number
  readonly validUntil?: number
  readonly withdrawnAt?: number
}

export interface StoredRules extends TenantRules {
  readonly changedAt: number
}

export interface ApprovalRecord {
  readonly id: string
  readonly tenant: string
  readonly action: ApprovalAction
  /** The subject; of a policy the version and its stage, and rules, as JSON. */
  readonly target: string
  /** Id of the API key, client or person. */
  readonly requestedBy: string
  readonly createdAt: number
  /** Neither decided nor used after. */
  readonly expiresAt: number
  /** As it was written last: what nobody decided in time is stored as waiting. */
  readonly state: Exclude<ApprovalState, 'expired'>
  readonly decidedBy?: string
  readonly decidedAt?: number
}

/** What an erasure in this store deleted; keys are counted where they are kept. */
export type ErasedRows = Omit<ErasedCounts, 'dataKeys'>

export type SubjectPicture = Pick<MediaRecord, 'sessionId' | 'n' | 'createdAt' | 'expiresAt'>

export interface ErasedSubject {
  readonly erased: ErasedRows
  /** Consents that lost everything but the proof. */
  readonly proofsKept: number
  /** Where the audit entry went. */
  readonly place: LogPlace
}

export interface DueCount {
  readonly count: number
  /** Moment of the longest due one. */
  readonly since?: number
}

export interface PrivacyStore {
  insertConsent(consent: StoredConsent, audit: AuditDraft): Promise<void>
  findConsent(tenant: string, id: string): Promise<StoredConsent | undefined>
  /** Newest first. */
  listConsents(tenant: string, subject: string): Promise<StoredConsent[]>
  /**
   * From the audit entry's time on nothing new rests on it, and no template that does is compared with. Ends the sessions
   * under way that rest on it. Undefined, and nothing is written, when it is unknown or was withdrawn before.
   */
  withdrawConsent(
    tenant: string,
    id: string,
    audit: AuditDraft,
  ): Promise<{ readonly sessionsEnded: number } | undefined>

  findTenantRules(tenant: string): Promise<StoredRules | undefined>
  changeTenantRules(tenant: string, rules: TenantRules, audit: AuditDraft): Promise<void>

  /** How many of a tenant are due. */
  countDue(tenant: string, due: Due): Promise<DueCount>
  /** Keys of so many of them at most, of those that have one: such as `deleteDue` deletes next. */
  listDueKeys(tenant: string, due: Due, limit: number): Promise<string[]>
  /** Deletes so many of them at most, with an audit entry when there were any. How many there were. */
  deleteDue(
    tenant: string,
    due: Due,
    limit: number,
    audit: (rule: RetentionRule, count: number) => AuditDraft,
  ): Promise<number>
  /** Deletes what has reached an end of its own: so many of each kind at most. How many there were. */
  sweepEnded(now: number, limit: number): Promise<number>

  /** The live request of the same party for the same, or this one, written now. */
  requestApproval(approval: ApprovalRecord, audit: AuditDraft): Promise<ApprovalRecord>
  findApproval(tenant: string, id: string): Promise<ApprovalRecord | undefined>
  /** Newest first. */
  listApprovals(tenant: string, query: PageQuery): Promise<ApprovalRecord[]>
  /** Compare-and-set: false, and nothing is written, when the approval is not in the state of `before` any more. */
  changeApproval(
    before: Pick<ApprovalRecord, 'tenant' | 'id' | 'state'>,
    change: Pick<ApprovalRecord, 'state' | 'decidedBy' | 'decidedAt'>,
    audit: AuditDraft,
  ): Promise<boolean>

  /** Deletes so many at most that are past their end, with an entry for each that was never used or refused. How many there were. */
  endApprovals(
    tenant: string,
    now: number,
    limit: number,
    audit: (approval: ApprovalRecord) => AuditDraft,
  ): Promise<number>

  /**
   * Deletes everything about a subject in one transaction. Consents lose subject, channel and language and stay as proofs.
   * The audit entry is the last that carries the subject's pseudonym: what led to it is deleted too.
   */
  eraseSubject(tenant: string, subject: string, audit: AuditDraft): Promise<ErasedSubject>
  /** Pictures of the subject's sessions that have not ended by `now`, oldest first. */
  listSubjectMedia(tenant: string, subject: string, now: number): Promise<SubjectPicture[]>
  /** The entries about a subject, oldest first: by its keyed hash, as long as something leads from there to its pseudonym. */
  listSubjectAudit(tenant: string, subjectMac: string, limit: number): Promise<AuditEntry[]>
}
