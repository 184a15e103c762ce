/** What is known of abuse: kinds of attack, what stands in the way of another attempt, the review queue, the report. */
import type { ReceiptClaims } from './receipt.ts'
import type { ExplainedEvidence, Session } from './resources.ts'

/** What a rejected capture looks like it was made with. Different ones in one series are brute force. */
export const SPOOF_TYPES = {
  surface: 'A print or a display in front of the camera.',
  recording: 'A recording: frozen, looped, or sent again.',
  injection: 'Pictures put in behind the camera, or answers faster than people give.',
  puppet: 'A photograph that software moves.',
  impostor: 'A face that is not that of the reference, or that was exchanged in mid-capture.',
} as const
export type SpoofType = keyof typeof SPOOF_TYPES
export const SPOOF_TYPE_NAMES = Object.keys(SPOOF_TYPES) as SpoofType[]

/** Whose attempts are counted. */
export const PARTIES = {
  subject: 'The subject that the session names.',
  device: 'The device correlation id that the session names.',
  'device-key': 'The key that the capture device proved.',
  address: 'The network of the capture device: /24 of IPv4, /56 of IPv6.',
} as const
export type Party = keyof typeof PARTIES
export const PARTY_NAMES = Object.keys(PARTIES) as Party[]

/** Why no further attempt is let in. For the relying party, never for the capture device. */
export const BARRIERS = ['locked_out', 'device_blocked', 'subject_disabled', 'rate_limited'] as const
export type BarrierCode = (typeof BARRIERS)[number]

export interface Barrier {
  readonly code: BarrierCode
  readonly party: Party
  /** RFC 3339; absent where only a person lifts it. */
  readonly until?: string
}

/** What the device and the subject of a session did before. For the relying party, never for the capture device. */
export interface Conduct {
  /** Abuse score of the device correlation id now; it decays. Absent when the session names no device. */
  readonly deviceScore?: number
  /** Attacks of different kinds, or on different subjects, from one device within a day. */
  readonly bruteForce: boolean
  /** Other sessions of the same device correlation id that were flagged as attacks, newest first. */
  readonly flaggedSessions: readonly string[]
  /** What stands in the way of another attempt now. */
  readonly barriers: readonly Barrier[]
  /** Why the last capture of this session was refused before it began. */
  readonly refused?: Barrier & { readonly at: string }
}

export const REVIEW_DECISIONS = {
  allow: 'The device goes on under a fresh correlation id; the old one stands for it.',
  block: 'The device stays blocked.',
} as const
export type ReviewDecision = keyof typeof REVIEW_DECISIONS

export interface DecideReview {
  readonly decision: ReviewDecision
  /** Why, in words; kept with the review and in the audit trail. */
  readonly reason: string
}

/** A device that was blocked and waits for a person, or waited. */
export interface Review {
  readonly id: string
  readonly createdAt: string
  readonly score: number
  readonly bruteForce: boolean
  readonly spoofTypes: readonly SpoofType[]
  /** Sessions of the device that were flagged as attacks, newest first. */
  readonly sessions: readonly string[]
  readonly decision?: ReviewDecision
  readonly reason?: string
  readonly decidedAt?: string
  readonly decidedBy?: string
}

export interface DecidedReview extends Review {
  /** Of `allow`, once: what the relying party stores for the device from now on. */
  readonly deviceCorrelationId?: string
}

/** Somebody who is locked out now. */
export interface Lockout {
  readonly party: Party
  readonly code: BarrierCode
  readonly since: string
  /** RFC 3339; absent where only a person lifts it. */
  readonly until?: string
  /** The session whose failure began it. */
  readonly sessionId: string
  /** Of a subject. */
  readonly subject?: string
}

export interface UnlockDevice {
  readonly deviceCorrelationId: string
}

/** The answer is the same whether there was anything to lift or not. */
export interface Unlocked {
  readonly unlockedAt: string
}

/** Everything that is held about a suspected attack, in one document. No picture is in it: none is kept. */
export interface AbuseReport {
  readonly format: 'ipse-abuse-report/1'
  readonly createdAt: string
  readonly service: { readonly url: string; readonly version: string }
  readonly spoofTypes: readonly { readonly type: SpoofType; readonly meaning: string }[]
  readonly apiPath: readonly string[]
  readonly requestIds: readonly string[]
  readonly session: Session
  /** Of the signed receipt; empty when the session has none. */
  readonly models: ReceiptClaims['models']
  readonly policy: { readonly name: string; readonly version: number; readonly digest?: string }
  readonly conditions: {
    readonly attempts: number
    readonly frames: number
    readonly startedAt?: string
    readonly endedAt?: string
    /** Thumbprint of the key that the capture device proved. */
    readonly deviceKey?: string
    readonly virtualCamera?: boolean
    readonly challenge?: ReceiptClaims['challenge']
  }
  /** Evidence that did not pass. */
  readonly findings: readonly ExplainedEvidence[]
  readonly reproduction: readonly string[]
  readonly sealed: { readonly receipt?: string; readonly transcript?: string }
  /** The session's lines of the audit trail. */
  readonly trail: readonly {
    readonly time: string
    readonly event: string
    readonly requestId?: string
    readonly error?: string
    readonly decision?: string
  }[]
  /** To be filled in by the relying party. */
  readonly businessImpact: string
  /** SHA-256 of the canonical JSON (RFC 8785) of everything above, base64url. */
  readonly digest: string
}
