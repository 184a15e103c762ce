/** Deletes the keys that have had their time, and those that were made for a record that was never written. */
import type { VaultStore } from '../store/vault-records.ts'

/** Keys that one sweep looks at; the next sweep takes the rest. */
const BATCH = 500
/** A key that has its record is looked at again: whatever deletes records need not know of keys. Milliseconds. */
const AGAIN_MS = 7 * 86_400_000

/** @returns how many keys were deleted */
export async function sweepKeys(store: VaultStore, now: number): Promise<number> {
  const due = await store.listDueDataKeys(now, BATCH)
  const ended = due.filter(({ expiresAt }) => expiresAt !== undefined && expiresAt <= now).map(({ id }) => id)
  const unsure = due.map(({ id }) => id).filter((id) => !ended.includes(id))
  const known = unsure.length === 0 ? [] : await store.knownDataKeys(unsure)
  const orphans = unsure.filter((id) => !known.includes(id))
  if (known.length > 0) await store.checkDataKeys(known, now + AGAIN_MS)
  const gone = [...ended, ...orphans]
  return gone.length === 0 ? 0 : store.deleteDataKeys(gone)
}
