/** match: the probe (mean of the frontal frames' templates) against the reference, in the model's own unit. */
import { assessed, failed, type Signal } from '@ipse/protocol'
import type { CaptureRecord } from '../capture-record.ts'

export function match({ match: result, probeFrames }: CaptureRecord): Signal {
  return {
    name: 'match',
    measurement: 'score' in result ? assessed(result.score, result.score) : failed(result.missing),
    samples: probeFrames.length,
  }
}
