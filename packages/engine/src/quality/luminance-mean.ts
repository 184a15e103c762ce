/** Mean luminance of the face. Native: mean luma / 255. OFIQ Luminance: rises around .2, falls around .8, w = .05. */
import { assessed, failed, type Measurement } from '@ipse/protocol'
import { percent, sigmoid } from './scale.ts'
import type { Subject } from './subject.ts'

export function luminanceMean({ region }: Subject): Measurement {
  if (region.count === 0) return failed('face-cropped')
  const mean = region.histogram.reduce((sum, share, value) => sum + (share * value) / 255, 0)
  return assessed(mean, percent(sigmoid(mean, 0.2, 0.05) * (1 - sigmoid(mean, 0.8, 0.05))))
}
