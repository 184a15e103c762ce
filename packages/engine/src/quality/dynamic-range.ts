/** Dynamic range. Native: entropy of the face's luma histogram in bits. Score: 12.5 per bit. OFIQ DynamicRange. */
import { assessed, failed, type Measurement } from '@ipse/protocol'
import { percent } from './scale.ts'
import type { Subject } from './subject.ts'

export function dynamicRange({ region }: Subject): Measurement {
  if (region.count === 0) return failed('face-cropped')
  const bits = region.histogram.reduce((sum, share) => (share > 0 ? sum - share * Math.log2(share) : sum), 0)
  return assessed(bits, percent(bits / 8))
}
