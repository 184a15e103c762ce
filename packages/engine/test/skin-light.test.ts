/** Light of patches: painted pictures whose linear means are known. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { skinLight } from '../src/pad/skin-light.ts'
import type { FaceMesh, Image } from '../src/types.ts'

const WIDTH = 640
const HEIGHT = 480

/** One colour for the face's columns, another for the rest. */
function picture(face: readonly number[], surround: readonly number[]): Image {
  const data = new Uint8Array(3 * WIDTH * HEIGHT)
  for (let at = 0; at < data.length; at += 3) {
    const x = (at / 3) % WIDTH
    data.set(x >= 210 && x < 430 ? face : surround, at)
  }
  return { width: WIDTH, height: HEIGHT, data }
}

/** A mesh whose points all lie in the middle of the face, but for the edges of the cheeks. */
function mesh(x = 320, y = 240): FaceMesh {
  const landmarks = Float32Array.from({ length: 3 * 468 }, (_, at) => [x, y, 0][at % 3] ?? 0)
  landmarks[3 * 234] = x - 100
  landmarks[3 * 454] = x + 100
  const box = { x: x - 100, y: y - 100, width: 200, height: 200 }
  return { face: { box, score: 1 }, landmarks, outerEyeDistancePx: 100 } as unknown as FaceMesh
}

const toLinear = (value: number) =>
  value <= 10 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4

test('patches are means in linear light, the surround is read beside the face', () => {
  const byte = fc.integer({ min: 5, max: 249 })
  fc.assert(
    fc.property(fc.tuple(byte, byte, byte), fc.tuple(byte, byte, byte), (face, surround) => {
      const light = skinLight(picture(face, surround), mesh())
      for (const patch of ['forehead', 'nose', 'rightCheek', 'leftCheek', 'rightSide', 'leftSide'] as const)
        for (const part of [0, 1, 2] as const)
          assert.ok(Math.abs((light[patch]?.[part] ?? -1) - toLinear(face[part])) < 1e-4, patch)
      for (const part of [0, 1, 2] as const)
        assert.ok(Math.abs((light.surround?.[part] ?? -1) - toLinear(surround[part])) < 1e-4)
    }),
    { numRuns: 20 },
  )
})

test('what is too dark, too bright or outside of the picture is left out', () => {
  const face = [150, 110, 90]
  assert.equal(skinLight(picture(face, [2, 2, 2]), mesh()).surround, undefined)
  assert.equal(skinLight(picture([255, 200, 180], [90, 90, 90]), mesh()).forehead, undefined)
  assert.deepEqual(skinLight(picture(face, face), mesh(-400, 240)), {})
  assert.ok(skinLight(picture(face, [90, 90, 90]), mesh(120, 240)).surround, 'one side is enough')
})
