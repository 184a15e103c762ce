import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createFrame, mirrorFrame } from '../src/frame.ts'
import {
  addSensorNoise,
  averageFrames,
  exposureCurve,
  fromLinear,
  noiseSigma,
  toLinear,
} from '../src/photometry.ts'
import { createRandom } from '../src/random.ts'

test('sensor noise has the standard deviation it states and no bias', () => {
  for (const value of [40, 128, 210]) {
    for (const level of [0.5, 1, 3]) {
      const frame = createFrame(320, 240)
      frame.data.fill(value)
      addSensorNoise(frame, createRandom(7), level)
      let [sum, squares] = [0, 0]
      for (const noisy of frame.data) {
        sum += noisy - value
        squares += (noisy - value) ** 2
      }
      const n = frame.data.length
      const expected = Math.hypot(noiseSigma(value, level), Math.sqrt(1 / 12))
      assert.ok(Math.abs(sum / n) < 0.05, `bias ${sum / n}`)
      assert.ok(
        Math.abs(Math.sqrt(squares / n) / expected - 1) < 0.05,
        `${Math.sqrt(squares / n)} for ${expected}`,
      )
    }
  }
})

test('noise leaves alpha alone, is the same for the same seed and absent at level 0', () => {
  const noisy = (seed: number, level: number) => {
    const frame = createFrame(64, 48, 4)
    frame.data.fill(100)
    for (let i = 3; i < frame.data.length; i += 4) frame.data[i] = 255
    addSensorNoise(frame, createRandom(seed), level)
    return frame.data
  }
  assert.deepEqual(noisy(1, 1), noisy(1, 1))
  assert.notDeepEqual(noisy(1, 1), noisy(2, 1))
  assert.ok(noisy(1, 4).every((value, i) => i % 4 !== 3 || value === 255))
  assert.ok(noisy(1, 0).every((value, i) => value === (i % 4 === 3 ? 255 : 100)))
})

test('exposure 1 changes nothing, more light is never darker', () => {
  assert.deepEqual(
    [...exposureCurve(1)],
    Array.from({ length: 256 }, (_, i) => i),
  )
  fc.assert(
    fc.property(
      fc.double({ min: 0.05, max: 4, noNaN: true }),
      fc.double({ min: 1, max: 2, noNaN: true }),
      (gain, more) => {
        const [dark, light] = [exposureCurve(gain), exposureCurve(gain * more)]
        for (let i = 0; i < 256; i++) assert.ok(light[i] >= dark[i])
      },
    ),
  )
})

test('the transfer function and its inverse agree', () => {
  for (let value = 0; value < 256; value++) assert.ok(Math.abs(fromLinear(toLinear(value)) - value) < 1e-3)
})

test('mirroring twice gives the frame back, once exchanges left and right', () => {
  const frame = createFrame(5, 2)
  frame.data.forEach((_, i) => {
    frame.data[i] = i
  })
  const before = frame.data.slice()
  mirrorFrame(frame)
  assert.deepEqual([...frame.data.slice(0, 3)], [12, 13, 14])
  mirrorFrame(frame)
  assert.deepEqual(frame.data, before)
})

test('averaging frames is the rounded mean', () => {
  const frames = [10, 20, 30].map((value) => {
    const frame = createFrame(2, 2)
    frame.data.fill(value)
    return frame
  })
  const out = createFrame(2, 2)
  averageFrames(frames, out)
  assert.ok(out.data.every((value) => value === 20))
})
