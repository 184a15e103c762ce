/**
 * capture-novelty: nobody moves the same way twice, and no camera gives the same picture twice; a recording that is sent
 * again does both. Against the captures of other sessions, found by keyed hashes (docs/evaluation.md).
 */
import { assessed, failed, type Signal } from '@ipse/protocol'
import type { CaptureRecord } from '../capture-record.ts'

/** Segments in common at which it is the same motion: two captures under one and the same plan had at most ten. */
const CONCLUSIVE = 12

/** Native: 1 − segments that an earlier session has too / 12; 0 for one and the same picture. */
export function captureNovelty({ replay }: CaptureRecord): Signal {
  const name = 'capture-novelty'
  if ('missing' in replay) return { name, measurement: failed(replay.missing), samples: 0 }
  const { segments, frames, sameSegments, sameFrames } = replay
  const native = sameFrames > 0 ? 0 : Math.max(0, 1 - sameSegments / CONCLUSIVE)
  return {
    name,
    measurement: segments + frames === 0 ? failed('too-few-frames') : assessed(native, native),
    samples: segments + frames,
  }
}
