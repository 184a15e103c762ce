/** Inter-eye distance. Native: pixels between the eye centres, divided by cos(yaw). OFIQ: x0 = 70 px, w = 20. */
import { assessed, failed, type Measurement } from '@ipse/protocol'
import { percent, sigmoid } from './scale.ts'
import type { Subject } from './subject.ts'

/** Beyond this yaw, degrees, the correction by the cosine would invent more than it repairs. */
const MAX_YAW = 60

export function interEyeDistance({ eyeDistancePx, pose }: Subject): Measurement {
  if (Math.abs(pose.yawDeg) > MAX_YAW) return failed('pose-out-of-range')
  const native = eyeDistancePx / Math.cos((pose.yawDeg * Math.PI) / 180)
  return assessed(native, percent(sigmoid(native, 70, 20)))
}
