/** texture: mean of the texture PAD networks over the frontal frames. Reported; no shipped policy makes demands on it. */
import { assessed, failed, type Signal } from '@ipse/protocol'
import type { CaptureRecord } from '../capture-record.ts'

export function texture({ frames }: CaptureRecord): Signal {
  const scores = frames
    .flatMap((frame) => Object.values(frame.texture ?? {}))
    .flatMap((measured) => (measured.status === 'assessed' ? [measured.score] : []))
  const mean = scores.reduce((total, score) => total + score, 0) / scores.length
  return {
    name: 'texture',
    measurement: scores.length === 0 ? failed('model-absent') : assessed(mean, mean),
    samples: scores.length,
  }
}
