/**
 * single-face: share of frames with exactly one face, from the moment the person was in place. How many there are is known
 * of the frames that were searched, and only those count; that there is one is known of all.
 */
import { assessed, failed, type Signal } from '@ipse/protocol'
import type { CaptureRecord } from '../capture-record.ts'

export function singleFace({ frames, settledFrame }: CaptureRecord): Signal {
  const settled = settledFrame === undefined ? [] : frames.filter(({ frame }) => frame >= settledFrame)
  const counts = settled.flatMap(({ faces }) => faces ?? [])
  const none = settled.filter(({ face, faces }) => face === undefined || faces === 0).length / settled.length
  const several = counts.filter((faces) => faces > 1).length / counts.length
  const share = Math.max(0, 1 - none - several)
  return {
    name: 'single-face',
    measurement: counts.length === 0 ? failed('no-face') : assessed(share, share),
    samples: counts.length,
    ...(none > several ? { finding: 'quality_too_low' } : {}),
  }
}
