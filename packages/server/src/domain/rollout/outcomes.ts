/**
 * What candidates did and would have done, from counts alone. Pure. Intervals are exact, 95 %: what a few captures show is
 * little, and the report says how little.
 */
import type { Decision, Purpose, Reason } from '@ipse/protocol'
import { clopperPearson, type Interval } from '../intervals.ts'

/** `error`: the policy could not decide. */
export type Outcome = Decision | 'error'

/** How often, while this candidate was tried, a version decided so; a shadow's own outcome is `would`. */
export interface OutcomeCount {
  readonly role: 'shadow' | 'canary'
  readonly candidate: number
  /** The version that decided; of a canary, it or the one in force. */
  readonly version: number
  readonly purpose: Purpose
  readonly decision: Outcome
  readonly would?: Outcome
  /** Of a shadow that differs: see {@link firstDifference}. */
  readonly reason?: Reason
  readonly count: number
}

export interface Share extends Interval {
  readonly count: number
  /** Absent when there was nothing to count. */
  readonly rate?: number
}

export interface Change extends Share {
  readonly from: Outcome
  readonly to: Outcome
}

/** One candidate beside one version that decided. */
export interface ShadowReport {
  readonly candidate: number
  readonly version: number
  readonly decisions: number
  readonly agreement: Share
  readonly acceptToReject: Share
  readonly rejectToAccept: Share
  /** Every kind of disagreement, the most frequent first. */
  readonly changes: readonly Change[]
  readonly reasons: readonly { readonly reason: Reason; readonly count: number }[]
}

/** What one version did while a canary was tried. */
export interface Served {
  readonly version: number
  readonly decisions: number
  readonly rejected: Share
  /** Everything but `accept`, errors too. */
  readonly notAccepted: Share
  readonly errors: number
}

export interface CanaryReport {
  readonly candidate: number
  readonly canary: Served
  readonly inForce: readonly Served[]
  /** Why the canary is worse, beyond what chance explains; empty when it is not. */
  readonly worse: readonly string[]
}

/** Of the judgement on a canary: it is repeated every minute, so chance has many tries. */
const GUARD_CONFIDENCE = 0.99

/** The first reason that only the shadow has, or else the first that it has not. */
export function firstDifference(reasons: readonly Reason[], would: readonly Reason[]): Reason | undefined {
  return (
    would.find((reason) => !reasons.includes(reason)) ?? reasons.find((reason) => !would.includes(reason))
  )
}

export function shadowReports(counts: readonly OutcomeCount[]): ShadowReport[] {
  const shadows = counts.filter(({ role }) => role === 'shadow')
  const pairs = grouped(shadows, ({ candidate, version }) => `${candidate} ${version}`)
  return pairs.map((rows): ShadowReport => {
    const { candidate, version } = rows[0]!
    const decisions = total(rows)
    const share = (of: (row: OutcomeCount) => boolean) => shareOf(total(rows.filter(of)), decisions)
    const differing = rows.filter(({ decision, would }) => decision !== would)
    const changes = grouped(differing, ({ decision, would }) => `${decision} ${would}`).map(
      (same): Change => ({
        from: same[0]!.decision,
        to: same[0]!.would ?? 'error',
        ...shareOf(total(same), decisions),
      }),
    )
    const named = differing.flatMap((row) =>
      row.reason === undefined ? [] : [{ ...row, reason: row.reason }],
    )
    const reasons = grouped(named, ({ reason }) => reason).map((same) => ({
      reason: same[0]!.reason,
      count: total(same),
    }))
    return {
      candidate,
      version,
      decisions,
      agreement: share(({ decision, would }) => decision === would),
      acceptToReject: share(({ decision, would }) => decision === 'accept' && would === 'reject'),
      rejectToAccept: share(({ decision, would }) => decision === 'reject' && would === 'accept'),
      changes: changes.toSorted((a, b) => b.count - a.count),
      reasons: reasons.toSorted((a, b) => b.count - a.count),
    }
  })
}

export function canaryReports(counts: readonly OutcomeCount[]): CanaryReport[] {
  const canaries = counts.filter(({ role }) => role === 'canary')
  return grouped(canaries, ({ candidate }) => String(candidate)).map((rows): CanaryReport => {
    const { candidate } = rows[0]!
    const of = (version: number) => rows.filter((row) => row.version === version)
    const others = [...new Set(rows.map(({ version }) => version))].filter((version) => version !== candidate)
    return {
      candidate,
      canary: served(candidate, of(candidate)),
      inForce: others.map((version) => served(version, of(version))),
      worse: worse(
        of(candidate),
        rows.filter(({ version }) => version !== candidate),
      ),
    }
  })
}

function served(version: number, rows: readonly OutcomeCount[]): Served {
  const decisions = total(rows)
  const share = (of: (row: OutcomeCount) => boolean) => shareOf(total(rows.filter(of)), decisions)
  return {
    version,
    decisions,
    rejected: share(isRejected),
    notAccepted: share(isNotAccepted),
    errors: total(rows.filter(isError)),
  }
}

const isError = ({ decision }: OutcomeCount) => decision === 'error'
const isRejected = ({ decision }: OutcomeCount) => decision === 'reject'
const isNotAccepted = ({ decision }: OutcomeCount) => decision !== 'accept'

/** Worse is a canary that fails where the other does not, or whose interval lies above the other's. */
function worse(canary: readonly OutcomeCount[], inForce: readonly OutcomeCount[]): string[] {
  const found: string[] = []
  if (total(canary.filter(isError)) > total(inForce.filter(isError)))
    found.push('it could not decide every time')
  for (const [what, is] of [
    ['rejects', isRejected],
    ['does not accept', isNotAccepted],
  ] as const) {
    const own = clopperPearson(total(canary.filter(is)), total(canary), GUARD_CONFIDENCE)
    const other = clopperPearson(total(inForce.filter(is)), total(inForce), GUARD_CONFIDENCE)
    if (own.lower > other.upper)
      found.push(
        `it ${what} at least ${percent(own.lower)}, what is in force at most ${percent(other.upper)}`,
      )
  }
  return found
}

function percent(rate: number): string {
  return `${(rate * 100).toFixed(1)} %`
}

function shareOf(count: number, of: number): Share {
  return { count, ...(of === 0 ? {} : { rate: count / of }), ...clopperPearson(count, of) }
}

function total(rows: readonly { readonly count: number }[]): number {
  return rows.reduce((sum, { count }) => sum + count, 0)
}

/** In the order in which the groups appear. */
function grouped<T>(rows: readonly T[], keyOf: (row: T) => string): T[][] {
  return [...Map.groupBy(rows, keyOf).values()]
}
