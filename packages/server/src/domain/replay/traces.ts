/** What a capture leaves in the replay index, and what is looked up for it, before any key is put on it. */
import type { CaptureRecord, FrameObservation } from '../capture-record.ts'
import { pathsOf } from './path.ts'
import { segmentsOf } from './segments.ts'
import { wordsOf } from './words.ts'

/** Frames of one capture whose digests are kept: a copy of every tenth of two hundred frames is found. */
const FRAMES_KEPT = 24

/** One thing that another capture may have in common with this one. */
export interface Trace {
  readonly of: 'motion' | 'picture'
  readonly kept: readonly string[]
  readonly sought: readonly string[]
}

export function tracesOf(frames: readonly FrameObservation[]): Trace[] {
  const motion = segmentsOf(pathsOf(frames)).map((segment): Trace => ({ of: 'motion', ...wordsOf(segment) }))
  // Without a face a camera may well give the same picture twice: a lid before the lens is black.
  const faces = frames.filter(({ face }) => face !== undefined)
  const every = Math.max(1, Math.ceil(faces.length / FRAMES_KEPT))
  const pictures = faces.map(({ digest }, i): Trace => {
    const word = `picture/1 ${digest}`
    return { of: 'picture', kept: i % every === 0 ? [word] : [], sought: [word] }
  })
  return [...motion, ...pictures]
}

/** What was found in the index: a session that left this mark there. */
export interface Hit {
  readonly sessionId: string
  readonly mac: string
}

/**
 * The most that this capture has in common with any one earlier session.
 * @param macsOf marks under which a word may be in the index
 */
export function mostInCommon(
  traces: readonly Trace[],
  hits: readonly Hit[],
  macsOf: (word: string) => readonly string[],
): CaptureRecord['replay'] {
  const sessionsOf = Map.groupBy(hits, ({ mac }) => mac)
  const counts = { motion: new Map<string, number>(), picture: new Map<string, number>() }
  for (const { of, sought } of traces) {
    const found = sought.flatMap(macsOf).flatMap((mac) => sessionsOf.get(mac) ?? [])
    for (const id of new Set(found.map(({ sessionId }) => sessionId)))
      counts[of].set(id, (counts[of].get(id) ?? 0) + 1)
  }
  return {
    segments: traces.filter(({ of }) => of === 'motion').length,
    frames: traces.filter(({ of }) => of === 'picture').length,
    sameSegments: Math.max(0, ...counts.motion.values()),
    sameFrames: Math.max(0, ...counts.picture.values()),
  }
}
