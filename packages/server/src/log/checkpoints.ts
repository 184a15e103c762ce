/** Signs the heads of logs that have grown. Of many nodes any may try; the store keeps one checkpoint of a size. */
import { formatCheckpoint, formatNote, logOrigin, rootOf, signNote } from '@ipse/protocol'
import type { Clock } from '../deps.ts'
import type { Keys } from '../keys/keys.ts'
import { sha256 } from '../node-crypto.ts'
import type { CheckpointRecord, LogHead, LogStore } from '../store/log-records.ts'

/** Logs that one round signs at most; the next round takes the rest. */
const BATCH = 500

export interface CheckpointContext {
  readonly store: LogStore
  readonly keys: Pick<Keys, 'logSigner'>
  readonly clock: Clock
  /** Names the logs. */
  readonly publicUrl: string
}

/** @param signal leaves the rest to another round @returns how many checkpoints were made here */
export async function signCheckpoints(context: CheckpointContext, signal?: AbortSignal): Promise<number> {
  let made = 0
  for (const head of await context.store.listUnsignedHeads(BATCH)) {
    if (signal?.aborted) break
    if (await signCheckpoint(context, head)) made++
  }
  return made
}

/** Undefined when there is nothing to sign, or somebody else was faster. */
export async function signCheckpoint(
  context: CheckpointContext,
  head: LogHead,
): Promise<CheckpointRecord | undefined> {
  if (head.frontier.size <= head.signedSize) return undefined
  const checkpoint = await checkpointOf(context, head)
  return (await context.store.insertCheckpoint(checkpoint)) ? checkpoint : undefined
}

async function checkpointOf(
  { keys, clock, publicUrl }: CheckpointContext,
  { tenant, frontier }: LogHead,
): Promise<CheckpointRecord> {
  const origin = logOrigin(publicUrl, tenant)
  const { size } = frontier
  const text = formatCheckpoint({ origin, size, root: rootOf(frontier, sha256) })
  const time = clock.now()
  const note = await signNote({ text, signatures: [] }, await keys.logSigner(origin, time), time)
  return { tenant, size, time, note: formatNote(note) }
}
