/**
 * Crop margins: the least of OFIQ's four. Sideways in eye distances (x0 = .9), above (1.4) and below (1.8) in
 * eye-to-chin distances, w = .1. Native: the least margin relative to its x0; 1 is the middle of the scale.
 */
import { assessed, type Measurement } from '@ipse/protocol'
import { percent, sigmoid } from './scale.ts'
import type { Subject } from './subject.ts'

export function cropMargins(subject: Subject): Measurement {
  const { rightEye, leftEye, eyeDistancePx, faceHeightPx, imageWidth, imageHeight } = subject
  const eyesY = (rightEye.y + leftEye.y) / 2
  const margins = [
    { value: rightEye.x / eyeDistancePx, x0: 0.9 },
    { value: (imageWidth - leftEye.x) / eyeDistancePx, x0: 0.9 },
    { value: eyesY / faceHeightPx, x0: 1.4 },
    { value: (imageHeight - eyesY) / faceHeightPx, x0: 1.8 },
  ]
  const native = Math.min(...margins.map(({ value, x0 }) => value / x0))
  return assessed(native, percent(Math.min(...margins.map(({ value, x0 }) => sigmoid(value, x0, 0.1)))))
}
