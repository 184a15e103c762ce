/** Notes when a key was used last: coarsely, and after the answer rather than before it. */
import type { Store } from '../store/store.ts'

/** At most one write a key in this time, milliseconds. */
const INTERVAL_MS = 60_000

/** @param failed hears when a note could not be written; nobody waits for it */
export function createLastUse(
  store: Store,
  failed: (error: unknown) => void,
): (kid: string, now: number) => void {
  const noted = new Map<string, number>()
  return (kid, now) => {
    if (now < (noted.get(kid) ?? Number.NEGATIVE_INFINITY) + INTERVAL_MS) return
    noted.set(kid, now)
    store.touchApiKey(kid, now).catch(failed)
  }
}
