/** What the overview's pictures are drawn from: sessions, counted. Pure. */
import { DECISIONS, type Decision, type Reason, type Session } from '@ipse/protocol'

/** The members that are counted. */
export type Counted = Pick<Session, 'createdAt' | 'decision' | 'reasons'> & {
  readonly attempts: readonly unknown[]
}

export const DECISION_NAMES = Object.keys(DECISIONS) as Decision[]

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const MOST_DAYS = 14
/** Reasons that a picture shows; the rest are rare. */
const MOST_REASONS = 8

/** An hour or a day, and how its decided sessions ended. */
export interface Span {
  /** Milliseconds since the epoch. */
  readonly from: number
  readonly decided: Readonly<Record<Decision, number>>
  /** Sessions that were decided, and those of them that took more than one attempt. */
  readonly total: number
  readonly retried: number
}

export interface Figures {
  readonly unit: 'hour' | 'day'
  /** Without gaps, oldest first; the last one is the present. */
  readonly spans: readonly Span[]
  /** Most frequent first. */
  readonly reasons: readonly { readonly reason: Reason; readonly count: number }[]
  /** Sessions by the number of attempts they took: 1, 2, 3. */
  readonly attempts: readonly number[]
  /** Sessions that were read, and those of them that were decided. */
  readonly seen: number
  readonly total: number
  readonly accepted: number
  readonly retried: number
}

/** Spans are hours when all sessions are of the last day, days otherwise, of universal time. */
export function countSessions(sessions: readonly Counted[], now: number): Figures {
  const oldest = Math.min(now, ...sessions.map(({ createdAt }) => Date.parse(createdAt)))
  const unit = now - oldest < DAY_MS ? 'hour' : 'day'
  const lengthMs = unit === 'hour' ? HOUR_MS : DAY_MS
  const last = Math.floor(now / lengthMs)
  const first = unit === 'hour' ? last - 23 : Math.max(last - MOST_DAYS + 1, Math.floor(oldest / lengthMs))
  const decided = sessions.filter(({ decision }) => decision !== undefined)
  const spans = Array.from({ length: last - first + 1 }, (_, i) => {
    const within = decided.filter(
      ({ createdAt }) => Math.floor(Date.parse(createdAt) / lengthMs) === first + i,
    )
    return { from: (first + i) * lengthMs, ...tally(within) }
  })
  const { decided: by, total, retried } = tally(decided)
  return {
    unit,
    spans,
    reasons: rank(decided.flatMap(({ reasons }) => [...new Set(reasons)])).slice(0, MOST_REASONS),
    attempts: [1, 2, 3].map((n) => decided.filter(({ attempts }) => attempts.length === n).length),
    seen: sessions.length,
    total,
    accepted: by.accept,
    retried,
  }
}

function tally(sessions: readonly Counted[]): Omit<Span, 'from'> {
  const decided = Object.fromEntries(
    DECISION_NAMES.map((name) => [name, sessions.filter(({ decision }) => decision === name).length]),
  ) as Record<Decision, number>
  const retried = sessions.filter(({ attempts }) => attempts.length > 1).length
  return { decided, total: sessions.length, retried }
}

function rank(reasons: readonly Reason[]): { reason: Reason; count: number }[] {
  const counts = new Map<Reason, number>()
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  return [...counts]
    .map(([reason, count]) => ({ reason, count }))
    .toSorted((a, b) => b.count - a.count || a.reason.localeCompare(b.reason))
}

/** A share in whole per cent; a dash of nothing. */
export function percent(part: number, whole: number): string {
  return whole === 0 ? '–' : `${Math.round((100 * part) / whole)} %`
}
