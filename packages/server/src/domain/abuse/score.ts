/** The abuse score of a device: what its captures looked like, forgotten by halves; and what makes a series brute force. */
import type { Decision, Reason, SpoofType } from '@ipse/protocol'
import { DAY_MS } from './ladder.ts'
import type { AbuseRules, Flag, Standing } from './standing.ts'

/** Reasons that name an attack. Others, such as a step not answered, are what people do too. */
const SPOOF_TYPE_OF: Readonly<Partial<Record<Reason, SpoofType>>> = {
  flat_surface: 'surface',
  display_suspected: 'surface',
  texture_suspicious: 'surface',
  light_not_answered: 'surface',
  frames_repeated: 'recording',
  capture_looped: 'recording',
  capture_replayed: 'recording',
  virtual_camera: 'injection',
  cadence_implausible: 'injection',
  noise_implausible: 'injection',
  challenge_too_fast: 'injection',
  puppet_suspected: 'puppet',
  weak_signs: 'puppet',
  face_mismatch: 'impostor',
  identity_changed: 'impostor',
}

/** Points of one capture. Four attacks within a day block a device, or ten failures that look like nothing. */
const POINTS = { attack: 3, failure: 1, retry: 0.25 } as const
/** Kinds of attack, or subjects attacked, from one device within a day that make a series brute force. */
const BRUTE_FORCE = 3
/** Flags that are kept. */
const FLAGS_KEPT = 20

/** How a capture ended. */
export interface AttemptEnd {
  readonly at: number
  readonly sessionId: string
  readonly decision: Decision
  readonly reasons: readonly Reason[]
  /** Keyed hash of the subject that was claimed. */
  readonly target?: string
}

export function spoofTypesOf(reasons: readonly Reason[]): SpoofType[] {
  return [...new Set(reasons.flatMap((reason) => SPOOF_TYPE_OF[reason] ?? []))]
}

export function scoreNow({ score, scoredAt }: Standing, now: number, { halfLifeMs }: AbuseRules): number {
  return score * 0.5 ** (Math.max(0, now - scoredAt) / halfLifeMs)
}

/** Adds what a capture weighs; one that was decided for review or rejected for an attack's reason is flagged. */
export function weigh(standing: Standing, end: AttemptEnd, rules: AbuseRules): Standing {
  const { at, sessionId, decision, reasons, target } = end
  if (decision === 'accept') return standing
  const spoofTypes = decision === 'retry' ? [] : spoofTypesOf(reasons)
  const points = spoofTypes.length > 0 ? POINTS.attack : decision === 'retry' ? POINTS.retry : POINTS.failure
  const flag: Flag = { sessionId, at, spoofTypes, ...(target === undefined ? {} : { target }) }
  const others = standing.flags.filter((earlier) => earlier.sessionId !== sessionId)
  const flags = spoofTypes.length > 0 ? [flag, ...others].slice(0, FLAGS_KEPT) : standing.flags
  const added = scoreNow(standing, at, rules) + points
  const score = isBruteForce(flags, at) ? Math.max(added, rules.blockScore) : added
  const blocked = score >= rules.blockScore && standing.blockedAt === undefined
  return { ...standing, flags, score, scoredAt: at, ...(blocked ? { blockedAt: at } : {}) }
}

/** Whether one device tries different instruments, or goes through subjects. */
export function isBruteForce(flags: readonly Flag[], now: number): boolean {
  const recent = flags.filter(({ at }) => at > now - DAY_MS)
  const types = new Set(recent.flatMap(({ spoofTypes }) => spoofTypes))
  const targets = new Set(recent.flatMap(({ target }) => target ?? []))
  return types.size >= BRUTE_FORCE || targets.size >= BRUTE_FORCE
}
