/** The REST resources as they travel between Ipse and a relying party's backend (`/v1`). The server's schemas must agree. */
import type { Conduct } from './abuse.ts'
import type { Hindrance, PasskeyHindrance } from './capture-messages.ts'
import type { Direction } from './challenge.ts'
import type { Quality } from './measurement.ts'
import type { Evidence } from './policy.ts'
import type { Consent } from './privacy.ts'
import type { Purpose, SessionState } from './session.ts'
import type { AssuranceLevel, Decision, Reason } from './vocabulary.ts'

export interface CreateSession {
  readonly purpose: Purpose
  /** The relying party's own pseudonym of the subject, 1–128 characters of [A-Za-z0-9._:@-]. */
  readonly subject?: string
  /** Instead of an enrolled subject: a reference photograph, base64. */
  readonly referenceImage?: string
  /** Random GUID of the device, never the account id. */
  readonly deviceCorrelationId?: string
  readonly consent?: Consent
  /** Id of a consent that was recorded before, instead of `consent`. */
  readonly consentId?: string
  /** Name of a policy; `standard` when absent. */
  readonly policy?: string
  /** 30–600 seconds; the policy's value when absent. */
  readonly ttlSeconds?: number
  /** 1–3; the policy's value when absent. */
  readonly maxAttempts?: number
  /** Origins whose pages may run the capture, for example `https://shop.example`. Empty or absent: none but Ipse's own. */
  readonly allowedOrigins?: readonly string[]
  /** Addresses and CIDR ranges that the capture is expected from, 1–16; it may come from anywhere when absent. */
  readonly allowedNetworks?: readonly string[]
}

export interface CreatedSession {
  readonly id: string
  /** For the page, once; at most ten minutes. Never in a URL. */
  readonly captureToken: string
  /** WebSocket address of the capture. */
  readonly captureUrl: string
  /** Address of the `<ipse-check>` module and its subresource integrity value. */
  readonly element: { readonly url: string; readonly integrity: string }
  readonly expiresAt: string
}

export interface Attempt {
  readonly number: number
  readonly startedAt: string
  readonly endedAt?: string
  readonly decision?: Decision
  readonly reasons: readonly Reason[]
  /** Directions that were asked for, in order: for reviewers, shown only when the attempt has ended. */
  readonly asked: readonly Direction[]
  readonly frames: number
}

/** A line of evidence with its explanation. */
export interface ExplainedEvidence extends Evidence {
  /** What the signal measures, in a sentence; the same for every session. */
  readonly meaning: string
}

/** Pictures of a capture that are still kept, where an operator keeps any. */
export interface SessionMedia {
  readonly pictures: readonly {
    /** Names it in the address that it is read at. */
    readonly n: number
    readonly createdAt: string
    /** Nobody sees it any more from then on. */
    readonly expiresAt: string
    /** Somebody has looked, and nobody else can any more. */
    readonly claimed: boolean
  }[]
}

export interface Session {
  readonly id: string
  readonly purpose: Purpose
  readonly state: SessionState
  readonly subject?: string
  readonly policy: { readonly name: string; readonly version: number }
  readonly createdAt: string
  readonly expiresAt: string
  /** As the session was opened with; absent when the capture may come from anywhere. */
  readonly allowedNetworks?: readonly string[]
  /** The consent that it rests on. */
  readonly consent?: string
  readonly attempts: readonly Attempt[]
  readonly attemptsLeft: number
  /** Present once the session has been decided. */
  readonly decision?: Decision
  readonly reasons: readonly Reason[]
  readonly assurance: AssuranceLevel
  readonly evidence: readonly ExplainedEvidence[]
  /** Signed receipt, compact JWS; present once the session is terminal. */
  readonly receipt?: string
  /**
   * Why no capture began when one was last wanted, or why it bears no passkey, as the device says. It decides nothing;
   * absent when all went well.
   */
  readonly hindrance?: { readonly code: Hindrance | PasskeyHindrance; readonly at: string }
  /** When one session is read and something is known of its device or subject; not in lists. */
  readonly conduct?: Conduct
}

export interface Page<T> {
  readonly items: readonly T[]
  /** Present when there are more. */
  readonly nextCursor?: string
}

/** A face to compare: an image, or the enrolled reference of a subject. */
export type ComparisonInput = { readonly image: string } | { readonly subject: string }

export interface CreateComparison {
  readonly probe: { readonly image: string }
  readonly reference: ComparisonInput
  /** False match rate to decide at; the model's default when absent. */
  readonly fmr?: number
}

export interface ComparisonResult {
  readonly decision: 'match' | 'non-match'
  readonly score: number
  readonly similarity: number
  readonly threshold: number
  /** False match rate that was measured at the threshold, and on what. */
  readonly fmr: number
  readonly dataset: string
  readonly model: string
}

export interface CreateDetection {
  readonly image: string
  /** Adds 468 landmarks (x, y, z in pixels) of the largest face. */
  readonly landmarks?: boolean
}

export interface DetectedFace {
  readonly box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number }
  readonly score: number
  readonly points: readonly { readonly x: number; readonly y: number }[]
}

export interface DetectionResult {
  readonly width: number
  readonly height: number
  /** Largest first. */
  readonly faces: readonly DetectedFace[]
  /** Of the largest face. */
  readonly pose?: { readonly yawDeg: number; readonly pitchDeg: number; readonly rollDeg: number }
  readonly quality?: Quality
  /** 468 × [x, y, z], when asked for. */
  readonly landmarks?: readonly (readonly [number, number, number])[]
}

export interface CreateReference {
  readonly image: string
  readonly consent?: Consent
  /** Id of a consent that was recorded before, instead of `consent`. */
  readonly consentId?: string
}

/** RFC 9457 problem document. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: string
  readonly detail?: string
  readonly advice: string
  readonly retry: 'no' | 'same' | 'new-session'
  readonly requestId: string
  /** Members that were wrong, as JSON pointers. */
  readonly errors?: readonly { readonly at: string; readonly message: string }[]
}
