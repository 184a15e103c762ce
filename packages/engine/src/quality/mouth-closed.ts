/** Mouth closed. Native: inner lip gap / eye-to-chin distance. OFIQ MouthClosed: falls around .2, w = .06. */
import { assessed, failed, type Measurement } from '@ipse/protocol'
import { meshPoint } from '../face/chips.ts'
import { POINT } from '../face/mesh-points.ts'
import { percent, sigmoid } from './scale.ts'
import type { Subject } from './subject.ts'

/** Beyond this yaw, degrees, the lips are seen from the side. */
const MAX_YAW = 40

export function mouthClosed({ mesh, faceHeightPx, pose }: Subject): Measurement {
  if (Math.abs(pose.yawDeg) > MAX_YAW) return failed('pose-out-of-range')
  const top = meshPoint(mesh, POINT.innerLipTop)
  const bottom = meshPoint(mesh, POINT.innerLipBottom)
  const native = Math.hypot(top.x - bottom.x, top.y - bottom.y) / faceHeightPx
  return assessed(native, percent(1 - sigmoid(native, 0.2, 0.06)))
}
