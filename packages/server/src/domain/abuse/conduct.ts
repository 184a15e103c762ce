/**
 * From attempts to standings and from standings to obstacles. Pure. A capture is reserved when it begins and settled when
 * it has ended; one that is never settled counts as failed, so that neither a crash nor captures at the same time give
 * anybody more attempts than the rules.
 */
import type { Party, Purpose } from '@ipse/protocol'
import { climb, recentFailures } from './ladder.ts'
import { type AttemptEnd, weigh } from './score.ts'
import { type AbuseRules, NEW_STANDING, type Obstacle, type Standing } from './standing.ts'
import { throttle } from './throttle.ts'

/** Wait that is told when captures at the same time fill what is left, milliseconds. */
const SHORT_WAIT_MS = 30_000

/** Counts captures that were never settled as failures, at the time by which they should have been. */
function overdue(standing: Standing, now: number, party: Party, rules: AbuseRules): Standing {
  const late = Object.values(standing.open).filter((until) => until <= now)
  if (late.length === 0) return standing
  const open = Object.fromEntries(Object.entries(standing.open).filter(([, until]) => until > now))
  return late
    .toSorted((a, b) => a - b)
    .reduce((so, at) => failed(so, at, party, rules), { ...standing, open })
}

function failed(standing: Standing, at: number, party: Party, rules: AbuseRules): Standing {
  const after = climb(standing, at, rules)
  return party === 'subject' ? { ...after, consecutive: standing.consecutive + 1 } : after
}

/** Everything that stands in the way of a further attempt of the party now. */
export function obstacles(
  party: Party,
  given: Standing,
  now: number,
  withPad: boolean,
  rules: AbuseRules,
): Obstacle[] {
  const standing = overdue(given, now, party, rules)
  const found: Obstacle[] = []
  if (standing.blockedAt !== undefined) found.push({ code: 'device_blocked', party })
  if ((standing.lockedUntil ?? 0) > now)
    found.push({ code: 'locked_out', party, until: standing.lockedUntil ?? now })
  const open = party === 'address' ? 0 : Object.keys(standing.open).length
  if (open > 0 && recentFailures(standing, now, rules).length + open >= rules.failures)
    found.push({ code: 'locked_out', party, until: now + SHORT_WAIT_MS })
  if (party === 'subject') found.push(...subjectObstacles(standing, open, now, withPad))
  return found
}

function subjectObstacles(standing: Standing, open: number, now: number, withPad: boolean): Obstacle[] {
  const party = 'subject'
  if (throttle(standing.consecutive, withPad).kind === 'disabled')
    return [{ code: 'subject_disabled', party }]
  const next = throttle(standing.consecutive + open, withPad)
  if (next.kind === 'none') return []
  // From here on one attempt at a time.
  const since = open > 0 ? now : (standing.lastFailure ?? 0)
  const until = since + (next.kind === 'delay' ? next.ms : SHORT_WAIT_MS)
  return until > now ? [{ code: 'locked_out', party, until }] : []
}

/** A capture begins: it counts as failed at `until` unless it was settled. */
export function reserve(
  party: Party,
  given: Standing | undefined,
  attempt: string,
  now: number,
  until: number,
  rules: AbuseRules,
): Standing {
  const standing = overdue(given ?? NEW_STANDING, now, party, rules)
  return { ...standing, open: { ...standing.open, [attempt]: until } }
}

/** A capture has ended; without an end it never began and is forgotten. */
export function settle(
  party: Party,
  given: Standing | undefined,
  attempt: string,
  end: (AttemptEnd & { readonly purpose: Purpose }) | undefined,
  now: number,
  rules: AbuseRules,
): Standing {
  const earlier = given ?? NEW_STANDING
  const { [attempt]: reserved, ...open } = earlier.open
  const standing = overdue({ ...earlier, open }, now, party, rules)
  if (end === undefined || reserved === undefined) return standing
  const weighed = party === 'device' ? weigh(standing, end, rules) : standing
  if (end.decision === 'reject' || end.decision === 'review') return failed(weighed, end.at, party, rules)
  const verified = party === 'subject' && end.decision === 'accept' && end.purpose === 'verification'
  return verified ? { ...weighed, consecutive: 0, failures: [] } : weighed
}
