/**
 * texture: what each PAD network thinks of the face's surface, its mean over the frames of the hold, where the face looks
 * ahead. One signal for every network: means of different networks have nothing in common. Single frames say little:
 * errors of such networks come in runs (docs/evaluation.md).
 */
import { assessed, failed, type Measurement, type Signal } from '@ipse/protocol'
import type { CaptureRecord } from '../capture-record.ts'

/** Fewer frames are no clip; where the operator's networks judge, every frame of the hold is measured, eight and more. */
const LEAST_FRAMES = 4

export function texture({ frames }: CaptureRecord): Signal[] {
  const byModel = new Map<string, Measurement[]>()
  for (const frame of frames)
    for (const [model, measured] of Object.entries(frame.texture ?? {}))
      byModel.set(model, [...(byModel.get(model) ?? []), measured])
  if (byModel.size === 0) return [{ name: 'texture', measurement: failed('model-absent'), samples: 0 }]
  return [...byModel].map(([model, measured]): Signal => {
    const scores = measured.flatMap((one) => (one.status === 'assessed' ? [one.score] : []))
    return { name: 'texture', model, measurement: clipMean(measured, scores), samples: scores.length }
  })
}

/** Native: the mean score, [0, 1]; not assessed when it stands for less than half of the frames. */
function clipMean(measured: readonly Measurement[], scores: readonly number[]): Measurement {
  const [failure] = measured.flatMap((one) => (one.status === 'assessed' ? [] : [one.reason]))
  if (failure !== undefined && 2 * scores.length < measured.length) return failed(failure)
  if (scores.length < LEAST_FRAMES) return failed('too-few-frames')
  const mean = scores.reduce((total, score) => total + score, 0) / scores.length
  return assessed(mean, mean)
}
