/**
 * Sharpness. Native: standard deviation of the Laplacian of the face's luma, face scaled to the landmark crop.
 * OFIQ uses a random forest that is not shipped; the mapping is our own (measured, docs/evaluation.md).
 */
import { assessed, failed, type Measurement } from '@ipse/protocol'
import { percent, sigmoid } from './scale.ts'
import type { Subject } from './subject.ts'

/** Pixels of face below which blur cannot be told from smallness. */
const MIN_PIXELS = 1000
/**
 * Native value at a score of 50, and the width of the rise, in log2 units: there a blurred copy has lost a third of
 * its comparison score to the sharp original.
 */
const HALF = 2.5
const WIDTH = 0.35

export function sharpness({ region }: Subject): Measurement {
  const { side, luma, inside } = region
  if (region.count < MIN_PIXELS) return failed('face-cropped')
  let sum = 0
  let squares = 0
  let n = 0
  for (let y = 1; y < side - 1; y++) {
    for (let x = 1, i = y * side + 1; x < side - 1; x++, i++) {
      if (!inside[i]) continue
      const laplacian = luma[i - 1]! + luma[i + 1]! + luma[i - side]! + luma[i + side]! - 4 * luma[i]!
      sum += laplacian
      squares += laplacian * laplacian
      n++
    }
  }
  if (n === 0) return failed('face-cropped')
  const native = Math.sqrt(Math.max(0, squares / n - (sum / n) ** 2))
  return assessed(native, percent(sigmoid(Math.log2(native + 1e-6), Math.log2(HALF), WIDTH)))
}
