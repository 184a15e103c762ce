/**
 * What a person and those who answer for their data are given: consents, the rules of retention, approvals by a second person,
 * the export, and the signed receipt of an erasure. As they travel over `/v1`; the server's schemas must agree.
 */
import type { Signal } from './policy.ts'
import type { AuditClaim } from './receipt.ts'
import type { Session } from './resources.ts'
import type { Decision, Reason } from './vocabulary.ts'

/** How a consent was given. */
export const CONSENT_CHANNELS = ['web', 'app', 'in-person', 'phone', 'paper'] as const
export type ConsentChannel = (typeof CONSENT_CHANNELS)[number]

/** Consent of the data subject, as the relying party asked for it. */
export interface Consent {
  /** Version of the text that was shown. */
  readonly version: string
  /** base64url SHA-256 of that text. */
  readonly textSha256: string
  /** RFC 3339 time at which it was given. */
  readonly givenAt: string
  readonly channel?: ConsentChannel
  /** BCP 47 tag of the text's language. */
  readonly locale?: string
  /** RFC 3339 time at which the purpose ends that it was given for: as if withdrawn then. */
  readonly validUntil?: string
}

/** A consent as Ipse keeps it: what sessions and references rest on. */
export interface ConsentRecord extends Consent {
  readonly id: string
  readonly recordedAt: string
  readonly withdrawnAt?: string
}

export interface WithdrawnConsent {
  readonly id: string
  readonly withdrawnAt: string
  /** Sessions under way that ended with it. */
  readonly sessionsEnded: number
  /** Templates that rested on it alone and are erased already; the others by the tenant's rules. */
  readonly referencesErased: number
}

/** Sets of retention rules to begin with. */
export const RETENTION_PRESETS = ['gdpr', 'bipa'] as const
export type RetentionPreset = (typeof RETENTION_PRESETS)[number]

/** What each rule is about; how long is a matter of preset and tenant. */
export const RETENTION_RULE_KEYS = [
  'session',
  'reference-unused',
  'reference-withdrawn',
  'reference-purpose-ended',
  'consent',
  'review',
  'authenticator',
  'pseudonym',
] as const
export type RetentionRule = (typeof RETENTION_RULE_KEYS)[number]

/** What a tenant may ask a second person for. */
export const APPROVAL_ACTIONS = {
  erase: 'Erase a subject.',
  export: 'Export all that is held about a subject.',
  policy: 'Let a version of a policy decide: as a canary, or for all.',
  rules: 'Change these rules. Asked for whenever anything is.',
} as const
export type ApprovalAction = keyof typeof APPROVAL_ACTIONS
export const APPROVAL_ACTION_NAMES = Object.keys(APPROVAL_ACTIONS) as ApprovalAction[]

/** How a tenant wants personal data to be treated. */
export interface TenantRules {
  readonly preset: RetentionPreset
  /** Days where the tenant wants other than the preset. */
  readonly days: { readonly [R in RetentionRule]?: number }
  readonly approvals: readonly ApprovalAction[]
}

export interface RetentionReport {
  readonly madeAt: string
  readonly preset: RetentionPreset
  readonly due: readonly {
    readonly rule: RetentionRule
    readonly days: number
    /** What ends, when. */
    readonly why: string
    /** How many the next sweep deletes; by another rule maybe the same ones. */
    readonly count: number
    /** Of the longest due one. */
    readonly since?: string
  }[]
}

export const APPROVAL_STATES = ['waiting', 'approved', 'refused', 'used', 'expired'] as const
export type ApprovalState = (typeof APPROVAL_STATES)[number]

/** Something that one party wants to do and another person has to agree to. */
export interface Approval {
  readonly id: string
  readonly action: ApprovalAction
  /** The subject; of a policy the version and its stage, and rules, as JSON. */
  readonly target: string
  readonly state: ApprovalState
  /** API key, client or person. */
  readonly requestedBy: string
  readonly requestedAt: string
  readonly expiresAt: string
  readonly decidedBy?: string
  readonly decidedAt?: string
}

/** What an erasure deletes, by kind. */
export const ERASED_KINDS = {
  dataKeys: 'Keys that templates were sealed with, destroyed before anything else.',
  references: 'Templates.',
  sessions: 'Sessions with decision, evidence and receipt.',
  media: 'Pictures that waited for a review.',
  traces: 'Keyed hashes of captures in the replay index.',
  idempotencyKeys: 'Idempotency keys of those sessions.',
  authenticators: 'Public keys of authenticators.',
  standings: 'Accounts of failed attempts and limits, and mentions in those of devices.',
  approvals: 'Requests for an approval that name the subject.',
  pseudonyms: 'What led from the subject to entries of the audit log.',
} as const
export type ErasedKind = keyof typeof ERASED_KINDS
export const ERASED_KIND_NAMES = Object.keys(ERASED_KINDS) as ErasedKind[]
export type ErasedCounts = Readonly<Record<ErasedKind, number>>

/** Type of the token: it is never taken for a receipt of a session, nor the other way round. */
export const ERASURE_TYPE = 'ipse-erasure+jwt'

/** What Ipse signs about an erasure. Ipse keeps no copy: the audit log holds its id, without the subject. */
export interface ErasureClaims {
  /** Issuer: the public URL of the Ipse service. */
  readonly iss: string
  /** Audience: the relying party (tenant) that asked. */
  readonly aud: string
  readonly iat: number
  readonly jti: string
  /** The subject that was erased, in the relying party's own words. */
  readonly sub: string
  readonly erased: ErasedCounts
  /** Consents of which a proof is kept that names nobody: version, hash of the text, times. */
  readonly proofsKept: number
  /** Backups may hold sealed data and its keys until then, seconds since the epoch; absent where the operator makes none. */
  readonly backupsUntil?: number
  /** Where the audit log records it, by the subject's pseudonym. */
  readonly audit: AuditClaim
}

export interface Erasure {
  readonly subject: string
  readonly erasedAt: string
  readonly erased: ErasedCounts
  readonly proofsKept: number
  /** Signed {@link ErasureClaims}, compact JWS. */
  readonly receipt: string
}

export interface SubjectReference {
  readonly id: string
  readonly model: string
  readonly source: 'capture' | 'image'
  readonly createdAt: string
  /** The consent that it rests on. */
  readonly consent?: string
}

export interface Subject {
  readonly subject: string
  readonly references: readonly SubjectReference[]
}

/** An entry of the audit log about a person, without what is about others. */
export interface SubjectAuditEntry {
  readonly time: string
  readonly event: string
  readonly sessionId?: string
  readonly decision?: string
  readonly reasons?: readonly string[]
  readonly matchScore?: number
  readonly policy?: string
}

/** A picture of a capture that is still kept. */
export interface ExportedPicture {
  readonly sessionId: string
  /** From 0 within the session. */
  readonly n: number
  readonly createdAt: string
  readonly expiresAt: string
  /** The picture itself, where it was asked for. */
  readonly file?: ExportedFile
}

export interface ExportedFile {
  /** Unique within the export. */
  readonly name: string
  readonly contentType: 'image/jpeg'
  /** Length. */
  readonly bytes: number
  /** Lower-case hex, as `sha256sum` prints it. */
  readonly sha256: string
  /** base64; absent where the file lies beside the document. */
  readonly data?: string
}

/** An export has the bytes of so many pictures at most, the oldest first; of the others it says that they are there. */
export const MOST_EXPORTED_FILES = 400

/**
 * Everything Ipse holds about a subject, for the person (GDPR articles 15 and 20). That there is a template, when and by which
 * model it was made; never the template. docs/reference/export.md has the schema.
 */
export interface SubjectExport extends Subject {
  readonly format: 'ipse-subject-export/3'
  readonly exportedAt: string
  readonly consents: readonly ConsentRecord[]
  readonly sessions: readonly Session[]
  /** Oldest first. */
  readonly pictures: readonly ExportedPicture[]
  /** WebAuthn authenticators that were bound to the subject. */
  readonly authenticators: readonly { readonly id: string; readonly createdAt: string }[]
  /** Failed attempts that still count against the subject; absent when there are none. */
  readonly standing?: { readonly failures: number; readonly lockedUntil?: string }
  /** What every attempt was decided from. */
  readonly decisions: readonly StoredDecision[]
  readonly audit: readonly SubjectAuditEntry[]
}

/** The signals of one attempt, as they are kept to make its decision again. */
export interface StoredDecision {
  readonly sessionId: string
  readonly attempt: number
  readonly decidedAt: string
  readonly decision: Decision
  readonly reasons: readonly Reason[]
  readonly signals: readonly Pick<Signal, 'name' | 'measurement' | 'model' | 'samples'>[]
}
