import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createFrame, mirrorFrame } from '../src/frame.ts'
import { addSensorNoise, noiseSigma } from '../src/noise.ts'
import { averageExposure, develop, exposureCurve, fromLinear, toLinear } from '../src/photometry.ts'
import { createRandom } from '../src/random.ts'
import { createSurface } from '../src/raster.ts'

test('sensor noise has the standard deviation it states and no bias', () => {
  for (const value of [40, 128, 210]) {
    for (const level of [0.5, 1, 3]) {
      const frame = createFrame(320, 240)
      frame.data.fill(value)
      addSensorNoise(frame, { random: createRandom(7), level })
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
    addSensorNoise(frame, { random: createRandom(seed), level })
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

test('noise in the same pass is the noise of a pass of its own', () => {
  for (const [width, height] of [
    [40, 30],
    [23, 17],
  ] as const) {
    const surface = createSurface(width, height)
    const random = createRandom(3)
    surface.pixels.forEach((_, i) => {
      surface.pixels[i] = Math.floor(random() * 2 ** 32)
    })
    for (const channels of [3, 4] as const) {
      const [once, twice] = [createFrame(width, height, channels), createFrame(width, height, channels)]
      develop(surface, 0.8, once, { random: createRandom(9), level: 2 })
      develop(surface, 0.8, twice)
      assert.notDeepEqual(once.data, twice.data)
      addSensorNoise(twice, { random: createRandom(9), level: 2 })
      assert.deepEqual(once.data, twice.data)
      if (channels === 4) assert.ok(once.data.every((value, i) => i % 4 !== 3 || value === 255))
    }
  }
})

test('a frame that begins anywhere in a buffer is developed alike', () => {
  const surface = createSurface(40, 30)
  surface.pixels.fill(0xff6488a0)
  const grain = () => ({ random: createRandom(9), level: 2 })
  const whole = createFrame(40, 30)
  const within = { width: 40, height: 30, data: new Uint8Array(3601).subarray(1) }
  develop(surface, 1.1, whole, grain())
  develop(surface, 1.1, within, grain())
  assert.deepEqual([...within.data], [...whole.data])
})

test('neighbours and channels have noise of their own', () => {
  const frame = createFrame(320, 240)
  frame.data.fill(120)
  addSensorNoise(frame, { random: createRandom(5), level: 1 })
  for (const lag of [1, 3, 6, 960]) {
    let [products, squares] = [0, 0]
    for (let i = 0; i + lag < frame.data.length; i++) {
      products += (frame.data[i] - 120) * (frame.data[i + lag] - 120)
      squares += (frame.data[i] - 120) ** 2
    }
    assert.ok(Math.abs(products / squares) < 0.02, `correlation ${products / squares} at ${lag}`)
  }
})

test('the mean of an exposure is the mean of its renderings, to one level', () => {
  const colours = fc.array(fc.integer({ min: 0, max: 0xffffff }), { minLength: 3, maxLength: 3 })
  fc.assert(
    fc.property(colours, (three) => {
      const [first, second, last] = three.map((colour) => Uint32Array.of(colour | 0xff000000)) as [
        Uint32Array,
        Uint32Array,
        Uint32Array,
      ]
      averageExposure(first, second, last)
      for (const shift of [0, 8, 16]) {
        const mean = three.reduce((sum, colour) => sum + ((colour >>> shift) & 255), 0) / 3
        assert.ok(Math.abs(((last[0] >>> shift) & 255) - mean) <= 1.01)
      }
      assert.equal(last[0] >>> 24, 255)
    }),
  )
})
