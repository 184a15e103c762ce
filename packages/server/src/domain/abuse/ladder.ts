/**
 * The lock-out ladder: a few failures in a short time lock out, and each further time twice as long (AWS Rekognition's
 * advice: at most 5 failed checks in 3 minutes a device, then 30–60 minutes).
 */
import type { AbuseRules, Standing } from './standing.ts'

/** Longest lock-out, and the time without a failure after which the ladder begins anew. */
export const DAY_MS = 86_400_000

/** The standing after one more failure. */
export function climb(standing: Standing, at: number, rules: AbuseRules): Standing {
  const { lastFailure } = standing
  const lockouts = lastFailure !== undefined && at - lastFailure > DAY_MS ? 0 : standing.lockouts
  const failures = [...recentFailures(standing, at, rules), at]
  const next = { ...standing, failures, lockouts, lastFailure: Math.max(at, lastFailure ?? at) }
  if (failures.length < rules.failures) return next
  const lockedUntil = at + Math.min(DAY_MS, rules.lockMs * 2 ** Math.min(lockouts, 20))
  return {
    ...next,
    failures: [],
    lockouts: lockouts + 1,
    lockedUntil: Math.max(lockedUntil, standing.lockedUntil ?? 0),
  }
}

export function recentFailures({ failures }: Standing, now: number, { windowMs }: AbuseRules): number[] {
  return failures.filter((at) => at > now - windowMs)
}
