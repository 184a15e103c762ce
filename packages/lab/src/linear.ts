/** Small geometry: rotations and the pose frame of a face mesh. x to the right, y down, z away from the camera. */

/** Row-major 3 × 3 matrix. */
export type Matrix3 = Float64Array

const RADIANS = Math.PI / 180

/**
 * The rotation of a head: yaw > 0 turns the nose to the image's right, pitch > 0 lifts it, roll > 0 is clockwise in
 * the image. Applied as roll, then pitch, then yaw.
 */
export function headRotation(yawDeg: number, pitchDeg: number, rollDeg: number): Matrix3 {
  const [cy, sy] = [Math.cos(yawDeg * RADIANS), Math.sin(yawDeg * RADIANS)]
  const [cp, sp] = [Math.cos(pitchDeg * RADIANS), Math.sin(pitchDeg * RADIANS)]
  const [cr, sr] = [Math.cos(rollDeg * RADIANS), Math.sin(rollDeg * RADIANS)]
  const yaw = Float64Array.of(cy, 0, -sy, 0, 1, 0, sy, 0, cy)
  const pitch = Float64Array.of(1, 0, 0, 0, cp, sp, 0, -sp, cp)
  const roll = Float64Array.of(cr, -sr, 0, sr, cr, 0, 0, 0, 1)
  return multiply(multiply(yaw, pitch), roll)
}

export function multiply(a: Matrix3, b: Matrix3): Matrix3 {
  const product = new Float64Array(9)
  for (let row = 0; row < 3; row++) {
    for (let column = 0; column < 3; column++) {
      let sum = 0
      for (let k = 0; k < 3; k++) sum += a[3 * row + k] * b[3 * k + column]
      product[3 * row + column] = sum
    }
  }
  return product
}

/** The inverse of a rotation. */
export function transpose(m: Matrix3): Matrix3 {
  return Float64Array.of(m[0], m[3], m[6], m[1], m[4], m[7], m[2], m[5], m[8])
}

export interface Angles {
  readonly yawDeg: number
  readonly pitchDeg: number
  readonly rollDeg: number
}

/**
 * The pose frame of 468 mesh points: columns are the head's own right-in-image, down and away axes, from forehead 10,
 * chin 152 and the ear points 234 and 454 (the four points that the engine's head pose uses).
 */
export function poseFrame(points: ArrayLike<number>): Matrix3 {
  const down = unit(difference(points, 152, 10))
  const away = unit(cross(difference(points, 454, 234), down))
  const right = cross(down, away)
  return Float64Array.of(right[0], down[0], away[0], right[1], down[1], away[1], right[2], down[2], away[2])
}

/** Yaw, pitch and roll of a pose frame, in degrees, with the signs of `headRotation`. */
export function anglesOf(frame: Matrix3): Angles {
  const pitch = Math.asin(Math.max(-1, Math.min(1, frame[5])))
  return {
    yawDeg: Math.atan2(-frame[2], frame[8]) / RADIANS,
    pitchDeg: pitch / RADIANS,
    rollDeg: Math.atan2(frame[3], frame[4]) / RADIANS,
  }
}

/** 0 below `from`, 1 above `to`, smooth between. */
export function smoothstep(from: number, to: number, value: number): number {
  const t = Math.max(0, Math.min(1, (value - from) / (to - from)))
  return t * t * (3 - 2 * t)
}

export function mix(from: number, to: number, share: number): number {
  return from + (to - from) * share
}

type Vector = readonly [number, number, number]

function difference(points: ArrayLike<number>, to: number, from: number): Vector {
  return [
    points[3 * to] - points[3 * from],
    points[3 * to + 1] - points[3 * from + 1],
    points[3 * to + 2] - points[3 * from + 2],
  ]
}

function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

function unit(v: Vector): Vector {
  const length = Math.hypot(...v) || 1
  return [v[0] / length, v[1] / length, v[2] / length]
}
