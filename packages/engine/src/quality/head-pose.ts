/** Head pose, one component per angle. Native: degrees. Score: cos², 0 from 90° on. OFIQ HeadPose. */
import { assessed, type Measurement } from '@ipse/protocol'
import { percent } from './scale.ts'
import type { Subject } from './subject.ts'

function angle(degrees: number): Measurement {
  return assessed(degrees, percent(Math.max(0, Math.cos((degrees * Math.PI) / 180)) ** 2))
}

export const headPoseYaw = ({ pose }: Subject): Measurement => angle(pose.yawDeg)
export const headPosePitch = ({ pose }: Subject): Measurement => angle(pose.pitchDeg)
export const headPoseRoll = ({ pose }: Subject): Measurement => angle(pose.rollDeg)
