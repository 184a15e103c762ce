/**
 * sensor-noise: a sensor changes every block of a picture a little, a face that is moved over a still picture does not.
 * Video codecs skip blocks too, hence a weak sign, and only when every pair of frames shows it (docs/evaluation.md).
 */
import { assessed, failed, type Signal } from '@ipse/protocol'
import type { CaptureRecord } from '../capture-record.ts'

/** Fewer pairs say nothing. */
const MIN_PAIRS = 8

/** Native: the largest share of blocks that changed between neighbouring frames, where there is a face. */
export function sensorNoise({ frames }: CaptureRecord): Signal {
  const changed = frames.flatMap(({ change, face }) =>
    change === undefined || face === undefined ? [] : [1 - change.unchangedBlocks],
  )
  const most = Math.max(...changed)
  return {
    name: 'sensor-noise',
    measurement: changed.length < MIN_PAIRS ? failed('too-few-frames') : assessed(most, most),
    samples: changed.length,
  }
}
