/** single-face: share of frames with exactly one face, from the moment the person was in place. */
import { assessed, failed, type Signal } from '@ipse/protocol'
import type { CaptureRecord } from '../capture-record.ts'

export function singleFace({ frames, settledFrame }: CaptureRecord): Signal {
  const settled = settledFrame === undefined ? [] : frames.filter(({ frame }) => frame >= settledFrame)
  const count = (matches: (faces: number) => boolean) => settled.filter(({ faces }) => matches(faces)).length
  const [none, several] = [count((faces) => faces === 0), count((faces) => faces > 1)]
  const share = 1 - (none + several) / settled.length
  return {
    name: 'single-face',
    measurement: settled.length === 0 ? failed('no-face') : assessed(share, share),
    samples: settled.length,
    ...(none > several ? { finding: 'quality_too_low' } : {}),
  }
}
