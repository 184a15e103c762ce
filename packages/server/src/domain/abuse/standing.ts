/**
 * What one party (a subject, a device, a device key, a network) did so far, and what stands in its way. Pure data under a
 * keyed hash: neither a name nor an address is in it.
 */
import type { BarrierCode, Party, SpoofType } from '@ipse/protocol'

/** A capture of the party that was rejected as an attack. */
export interface Flag {
  readonly sessionId: string
  readonly at: number
  readonly spoofTypes: readonly SpoofType[]
  /** Keyed hash of the subject that was claimed. */
  readonly target?: string
}

/** All times are milliseconds since the epoch. */
export interface Standing {
  /** Captures under way, by their own id: when each counts as failed unless it was settled before. */
  readonly open: Readonly<Record<string, number>>
  /** Failures that still count towards the next lock-out. */
  readonly failures: readonly number[]
  /** Lock-outs in a row; the next one is that many times doubled. */
  readonly lockouts: number
  readonly lockedUntil?: number
  readonly lastFailure?: number
  /** Failures since the last accepted verification. */
  readonly consecutive: number
  /** Abuse score, and when it stood so. */
  readonly score: number
  readonly scoredAt: number
  /** Newest first. */
  readonly flags: readonly Flag[]
  /** Since when the party is blocked; only a person lifts it. */
  readonly blockedAt?: number
  /** Key of the standing that goes on in place of this one. */
  readonly successor?: string
}

export const NEW_STANDING: Standing = {
  open: {},
  failures: [],
  lockouts: 0,
  consecutive: 0,
  score: 0,
  scoredAt: 0,
  flags: [],
}

export interface Obstacle {
  readonly code: BarrierCode
  readonly party: Party
  /** Milliseconds since the epoch; absent where only a person lifts it. */
  readonly until?: number
}

export interface AbuseRules {
  /** Failures within `windowMs` that lock out. */
  readonly failures: number
  readonly windowMs: number
  /** The first lock-out. */
  readonly lockMs: number
  readonly blockScore: number
  readonly halfLifeMs: number
}

/** Days after its last change that a standing without a block or failures in a row is kept. */
const KEPT_MS = 90 * 86_400_000

/** When a standing says nothing any more and may be deleted; never while only a person can lift something. */
export function staleAt(standing: Standing, now: number): number | undefined {
  const { blockedAt, successor, consecutive } = standing
  return blockedAt === undefined && successor === undefined && consecutive === 0 ? now + KEPT_MS : undefined
}
