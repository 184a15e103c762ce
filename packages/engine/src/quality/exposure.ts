/**
 * Under- and over-exposure prevention. Native: the share of face pixels with luma 0–25, and with 247–255.
 * Scores: 120 · (0.832 − sigmoid(x, 0.92, 0.05)) and 1 / (x + 0.01), each held to 0–100. OFIQ.
 */
import { assessed, failed, type Measurement } from '@ipse/protocol'
import { percent, sigmoid } from './scale.ts'
import type { Subject } from './subject.ts'

function share(histogram: Float64Array, from: number, to: number): number {
  return histogram.subarray(from, to + 1).reduce((sum, value) => sum + value, 0)
}

export function underExposurePrevention({ region }: Subject): Measurement {
  if (region.count === 0) return failed('face-cropped')
  const dark = share(region.histogram, 0, 25)
  return assessed(dark, percent(1.2 * (0.832 - sigmoid(dark, 0.92, 0.05))))
}

export function overExposurePrevention({ region }: Subject): Measurement {
  if (region.count === 0) return failed('face-cropped')
  const bright = share(region.histogram, 247, 255)
  return assessed(bright, percent(0.01 / (bright + 0.01)))
}
