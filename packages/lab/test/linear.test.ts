import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { poseSigns } from '../src/directions.ts'
import { anglesOf, headRotation, multiply, poseFrame, transpose } from '../src/linear.ts'

const angle = (most: number) => fc.double({ min: -most, max: most, noNaN: true })

test('angles come back from the rotation that was made from them', () => {
  fc.assert(
    fc.property(angle(80), angle(80), angle(80), (yaw, pitch, roll) => {
      const back = anglesOf(headRotation(yaw, pitch, roll))
      assert.ok(Math.abs(back.yawDeg - yaw) < 1e-6)
      assert.ok(Math.abs(back.pitchDeg - pitch) < 1e-6)
      assert.ok(Math.abs(back.rollDeg - roll) < 1e-6)
    }),
  )
})

test('a rotation times its transpose is the identity', () => {
  fc.assert(
    fc.property(angle(180), angle(90), angle(180), (yaw, pitch, roll) => {
      const rotation = headRotation(yaw, pitch, roll)
      multiply(rotation, transpose(rotation)).forEach((value, i) => {
        assert.ok(Math.abs(value - (i % 4 === 0 ? 1 : 0)) < 1e-9)
      })
    }),
  )
})

test("positive yaw moves the nose to the image's right, positive pitch moves it up", () => {
  const nose = (yaw: number, pitch: number) => {
    const r = headRotation(yaw, pitch, 0)
    return { x: -r[2], y: -r[5], z: -r[8] }
  }
  assert.ok(nose(20, 0).x > 0.3)
  assert.ok(nose(0, 20).y < -0.3)
  assert.ok(nose(0, 0).z < -0.99, 'the nose points at the camera')
})

test("the subject's left is positive yaw: the image's right in an unmirrored frame", () => {
  assert.deepEqual(poseSigns('left'), { yaw: 1, pitch: 0 })
  assert.deepEqual(poseSigns('right'), { yaw: -1, pitch: 0 })
  assert.deepEqual(poseSigns('up'), { yaw: 0, pitch: 1 })
  assert.deepEqual(poseSigns('down'), { yaw: 0, pitch: -1 })
})

test('the pose frame reads the rotation of turned points', () => {
  const places: Record<number, readonly [number, number, number]> = {
    10: [0, -1, 0.1],
    152: [0, 1, 0.1],
    234: [-0.8, 0, 0.4],
    454: [0.8, 0, 0.4],
  }
  fc.assert(
    fc.property(angle(40), angle(40), angle(40), (yaw, pitch, roll) => {
      const rotation = headRotation(yaw, pitch, roll)
      const points = new Float64Array(3 * 468)
      for (const [index, place] of Object.entries(places)) {
        for (let k = 0; k < 3; k++) {
          points[3 * Number(index) + k] = place.reduce(
            (sum, value, c) => sum + rotation[3 * k + c] * value,
            0,
          )
        }
      }
      const seen = anglesOf(poseFrame(points))
      assert.ok(Math.abs(seen.yawDeg - yaw) < 1e-6)
      assert.ok(Math.abs(seen.pitchDeg - pitch) < 1e-6)
      assert.ok(Math.abs(seen.rollDeg - roll) < 1e-6)
    }),
  )
})
