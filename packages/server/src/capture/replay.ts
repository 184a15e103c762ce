/**
 * Asks the replay index whether the capture was seen before, and leaves its own traces there, in one transaction and before
 * anything is decided: of two copies that end at the same moment, one finds the other.
 */

import type { CaptureRecord, FrameObservation } from '../domain/capture-record.ts'
import { mostInCommon, tracesOf } from '../domain/replay/traces.ts'
import type { SessionRecord } from '../store/store.ts'
import type { CaptureContext } from './context.ts'

const DAY_MS = 86_400_000

export async function seekReplay(
  { store, keys, clock, settings }: CaptureContext,
  { id, tenant }: SessionRecord,
  frames: readonly FrameObservation[],
): Promise<CaptureRecord['replay']> {
  const traces = tracesOf(frames)
  const now = clock.now()
  const macs = new Map<string, readonly string[]>()
  const macsOf = (word: string): readonly string[] => {
    const known = macs.get(word) ?? keys.traceMacs(tenant, word, now)
    macs.set(word, known)
    return known
  }
  try {
    const hits = await store.leaveTraces({
      tenant,
      sessionId: id,
      // The newest key marks; older ones are only looked up.
      kept: traces.flatMap(({ kept }) => kept.flatMap((word) => macsOf(word).slice(0, 1))),
      sought: traces.flatMap(({ sought }) => sought.flatMap(macsOf)),
      now,
      expiresAt: now + settings.retention.replayDays * DAY_MS,
    })
    return mostInCommon(traces, hits, macsOf)
  } catch {
    // Not knowing is no good sign: policies ask for another attempt.
    return { missing: 'internal' }
  }
}
