/** Eyes open. Native: the smaller lid gap / eye-to-chin distance. OFIQ EyesOpen: x0 = .02, w = .01. */
import { assessed, failed, type Measurement } from '@ipse/protocol'
import { meshPoint } from '../face/chips.ts'
import { LEFT_LIDS, RIGHT_LIDS } from '../face/mesh-points.ts'
import { percent, sigmoid } from './scale.ts'
import type { Subject } from './subject.ts'

/** Beyond this yaw, degrees, one eye is hidden. */
const MAX_YAW = 40

function gap(mesh: Float32Array, lids: readonly (readonly [number, number])[]): number {
  const gaps = lids.map(([upper, lower]) => {
    const a = meshPoint(mesh, upper)
    const b = meshPoint(mesh, lower)
    return Math.hypot(a.x - b.x, a.y - b.y)
  })
  return Math.max(...gaps)
}

export function eyesOpen({ mesh, faceHeightPx, pose }: Subject): Measurement {
  if (Math.abs(pose.yawDeg) > MAX_YAW) return failed('pose-out-of-range')
  const native = Math.min(gap(mesh, RIGHT_LIDS), gap(mesh, LEFT_LIDS)) / faceHeightPx
  return assessed(native, percent(sigmoid(native, 0.02, 0.01)))
}
