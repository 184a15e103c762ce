/**
 * Single face present: how little a second face competes with the first.
 * Native: √(second largest box area / largest), 0 for one face. OFIQ SingleFacePresent.
 */
import { assessed, type Measurement } from '@ipse/protocol'
import { percent } from './scale.ts'
import type { Subject } from './subject.ts'

export function singleFacePresent({ boxes }: Subject): Measurement {
  const [first, second] = boxes
  const rivalry =
    first && second ? Math.sqrt((second.width * second.height) / (first.width * first.height)) : 0
  return assessed(rivalry, percent(1 - rivalry))
}
