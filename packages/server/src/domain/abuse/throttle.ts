/**
 * Failures in a row of one subject, as NIST SP 800-63B limits them for biometrics: after 5 (10 with presentation attack
 * detection) at least 30 seconds before each further attempt, twice as long each time; after 50 (100) no attempt at all
 * until a person has lifted it.
 */
import type { Rule } from '@ipse/protocol'

interface Steps {
  readonly free: number
  readonly most: number
}

const WITHOUT_PAD: Steps = { free: 5, most: 50 }
const WITH_PAD: Steps = { free: 10, most: 100 }
/** First delay, and the longest, milliseconds. */
const DELAY_MS = 30_000
const LONGEST_DELAY_MS = 3_600_000

/** Only a PAD network that is judged at a measured operating point counts: a challenge alone has no measured error rate. */
export function hasPad(rules: readonly Pick<Rule, 'signal' | 'atLeast'>[]): boolean {
  return rules.some(
    ({ signal, atLeast }) => signal === 'texture' && typeof atLeast === 'object' && 'apcer' in atLeast,
  )
}

export type Throttle =
  | { readonly kind: 'none' }
  | { readonly kind: 'delay'; readonly ms: number }
  | { readonly kind: 'disabled' }

/** What stands between the last failure and the next attempt. */
export function throttle(consecutive: number, withPad: boolean): Throttle {
  const { free, most } = withPad ? WITH_PAD : WITHOUT_PAD
  if (consecutive >= most) return { kind: 'disabled' }
  if (consecutive < free) return { kind: 'none' }
  return { kind: 'delay', ms: Math.min(LONGEST_DELAY_MS, DELAY_MS * 2 ** (consecutive - free)) }
}
