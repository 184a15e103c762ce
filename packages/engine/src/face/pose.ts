/**
 * Head pose from four mesh points: top of the forehead, chin and both cheeks span the head's own axes.
 * Trustworthy to about ±30° of yaw, as a change from the person's own neutral (measured, docs/evaluation.md).
 */
import type { Pose } from '../types.ts'
import { POINT } from './mesh-points.ts'

type Vector = readonly [number, number, number]

const DEGREES = 180 / Math.PI

function between(mesh: Float32Array, from: number, to: number): Vector {
  return [
    mesh[3 * to]! - mesh[3 * from]!,
    mesh[3 * to + 1]! - mesh[3 * from + 1]!,
    mesh[3 * to + 2]! - mesh[3 * from + 2]!,
  ]
}

function unit([x, y, z]: Vector): Vector {
  const length = Math.hypot(x, y, z)
  return [x / length, y / length, z / length]
}

function cross([ax, ay, az]: Vector, [bx, by, bz]: Vector): Vector {
  return [ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx]
}

/**
 * Image axes: x right, y down, z away from the camera. The head's axes at rest are the same, and its nose points
 * along −z. The rotation is yaw · pitch · roll, roll innermost, so that yaw and pitch say where the nose points.
 */
export function headPose(mesh: Float32Array): Pose {
  const down = unit(between(mesh, POINT.foreheadTop, POINT.chin))
  const across = unit(between(mesh, POINT.rightCheek, POINT.leftCheek))
  const back = unit(cross(across, down))
  const right = cross(down, back)
  const yaw = Math.atan2(-back[0], back[2])
  const pitch = Math.atan2(back[1], Math.hypot(back[0], back[2]))
  const levelX = Math.cos(yaw) * right[0] + Math.sin(yaw) * right[2]
  const unturnedZ = -Math.sin(yaw) * right[0] + Math.cos(yaw) * right[2]
  const levelY = Math.cos(pitch) * right[1] - Math.sin(pitch) * unturnedZ
  return { yawDeg: yaw * DEGREES, pitchDeg: pitch * DEGREES, rollDeg: Math.atan2(levelY, levelX) * DEGREES }
}
