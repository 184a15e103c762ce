/** The audit log's entries: what can happen, and what is written of it. All times are milliseconds since the epoch. */
import type {
  ApprovalAction,
  Decision,
  ErrorCode,
  Party,
  RetentionRule,
  ReviewDecision,
} from '@ipse/protocol'

export const AUDIT_EVENTS = [
  'session.created',
  'session.cancelled',
  'session.expired',
  'capture.bound',
  'capture.challenged',
  'capture.abandoned',
  'capture.refused',
  'capture.decided',
  'comparison.made',
  'reference.enrolled',
  'consent.recorded',
  'consent.withdrawn',
  'media.read',
  'subject.read',
  'subject.exported',
  'subject.erased',
  'retention.swept',
  'rules.changed',
  'approval.requested',
  'approval.granted',
  'approval.refused',
  'approval.used',
  'approval.expired',
  'lockout.begun',
  'device.blocked',
  'review.decided',
  'subject.unlocked',
  'device.unlocked',
  'abuse.reported',
  'key.created',
  'key.rotated',
  'key.revoked',
  'signing-key.rotated',
  'log-key.rotated',
  'encryption-key.rotated',
  'encryption-key.rewrapped',
  'encryption-key.destroyed',
  'template.renewed',
  'reference.dropped',
  'policy.published',
  'policy.staged',
  'policy.rolled-back',
  'models.changed',
  'client.added',
  'client.revoked',
  'person.invited',
  'person.joined',
  'person.signed-in',
  'person.refused',
  'person.signed-out',
  'person.disabled',
  'passkey.added',
  'passkey.removed',
] as const
export type AuditEvent = (typeof AUDIT_EVENTS)[number]

/** One line of the audit table. No name, no image, no template; subjects only by a pseudonym. */
export interface AuditEntry {
  readonly id: string
  readonly time: number
  readonly tenant: string
  readonly event: AuditEvent
  readonly sessionId?: string
  /** The subject's pseudonym: random, and unlinked from the subject for good by erasure. */
  readonly subject?: string
  readonly decision?: Decision
  readonly reasons?: readonly string[]
  /** Comparison score, two decimals. */
  readonly matchScore?: number
  readonly policy?: string
  /** Of a policy version: its stage now, with the share of a canary. */
  readonly stage?: string
  readonly models?: readonly string[]
  /** Transcript digest T, base64url. */
  readonly transcript?: string
  readonly requestId?: string
  /** Why a capture was refused or ended early. */
  readonly error?: ErrorCode
  /** Who was locked out. */
  readonly party?: Party
  /** Of a lock-out, milliseconds since the epoch. */
  readonly until?: number
  readonly reviewId?: string
  /** Of a review. */
  readonly ruling?: ReviewDecision
  /** Why a policy or a rule was changed; of a sign-in, how or why not; of a refused capture, what was wrong. Never about a person. */
  readonly note?: string
  /** Id of the person, or of the API key, it is about. */
  readonly person?: string
  readonly key?: string
  /** Id of the API key, client or person that acted. */
  readonly actor?: string
  /** Id of the receipt that was signed of it. */
  readonly receipt?: string
  readonly consent?: string
  readonly approval?: string
  /** What a second person was asked for. */
  readonly action?: ApprovalAction
  /** By which rule of retention how many ended; what an erasure deleted. */
  readonly rule?: RetentionRule
  readonly count?: number
  readonly erased?: Readonly<Record<string, number>>
  /** Id of the receipt of an erasure. */
  readonly erasure?: string
}

/** As it stands in the log. */
export interface LoggedEntry extends AuditEntry {
  /** Version of the entries' form. */
  readonly v: number
  /** Place in the tenant's log, from 0. */
  readonly index: number
}

/** An entry on its way to the store, which knows the subject's pseudonym. */
export interface AuditDraft extends Omit<AuditEntry, 'subject'> {
  readonly subject?: {
    /** HMAC-SHA256(pepper, tenant and subject), base64url. */
    readonly mac: string
    /** The pseudonym, if the subject has none yet. */
    readonly pseudonym: string
  }
}
