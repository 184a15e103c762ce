/**
 * Keeps hints readable: a hint stays for at least HOLD_MS before another takes its place, and of several that arrive
 * meanwhile the latest wins. Pure: the time is an argument, the caller asks again when `dueMs` has come.
 */
import type { Guidance } from '@ipse/protocol'

/** Shortest time a hint is shown, milliseconds: about what a three-word line takes to read (200 ms a word). */
export const HOLD_MS = 600

export interface HintHold {
  readonly shown: Guidance | undefined
  /** Since when, by the caller's monotonic clock, milliseconds. */
  readonly sinceMs: number
  /** What waits for its turn. */
  readonly waiting: Guidance | undefined
}

export const NO_HINT: HintHold = { shown: undefined, sinceMs: Number.NEGATIVE_INFINITY, waiting: undefined }

/** A hint has arrived. */
export function offerHint(hold: HintHold, hint: Guidance, nowMs: number): HintHold {
  if (hint === hold.shown) return { ...hold, waiting: undefined }
  if (nowMs - hold.sinceMs >= HOLD_MS) return { shown: hint, sinceMs: nowMs, waiting: undefined }
  return { ...hold, waiting: hint }
}

/** Time has passed: a waiting hint is shown when the present one has been there long enough. */
export function settleHint(hold: HintHold, nowMs: number): HintHold {
  return hold.waiting === undefined ? hold : offerHint(hold, hold.waiting, nowMs)
}

/** When `settleHint` will change something, or undefined when nothing waits. */
export function hintDueMs(hold: HintHold): number | undefined {
  return hold.waiting === undefined ? undefined : hold.sinceMs + HOLD_MS
}
