/** Pictures coded once, and coded before on the same grid: what the histograms of their coefficients say. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import sharp from 'sharp'
import { decode } from '../src/image/decode.ts'
import { lumaSteps } from '../src/image/quantisation.ts'
import { doubleCompression } from '../src/injection/double-compression.ts'

const [WIDTH, HEIGHT] = [640, 480]
const RAW = { raw: { width: WIDTH, height: HEIGHT, channels: 3 } } as const
/** The table of the standard for luma (ITU-T T.81, table K.1), zigzag order: quality 50. */
const STANDARD = [16, 11, 12, 14, 12, 10, 16, 14, 13, 14]

/** Shapes of many sizes with a sensor's noise, from place and seed only. */
function scene(seed: number): Uint8Array {
  const data = new Uint8Array(3 * WIDTH * HEIGHT)
  for (let y = 0, i = 0; y < HEIGHT; y++)
    for (let x = 0; x < WIDTH; x++, i++) {
      const hash = Math.sin(i * 12.9898 + seed * 78.233) * 43758.5453
      const shapes =
        40 * Math.sin(x / 41 + seed) * Math.cos(y / 37) +
        25 * Math.sin(x / 7 + y / 90) * Math.sin(y / 11 + seed) +
        20 * Math.sin((x * y) / 4000)
      const value = 128 + shapes + 8 * (hash - Math.floor(hash) - 0.5)
      data.fill(Math.max(0, Math.min(255, Math.round(value))), 3 * i, 3 * i + 3)
    }
  return data
}

const coded = (pixels: Uint8Array, quality: number) => sharp(pixels, RAW).jpeg({ quality }).toBuffer()
const again = async (jpeg: Uint8Array, quality: number) => await sharp(jpeg).jpeg({ quality }).toBuffer()

async function native(jpeg: Uint8Array): Promise<number> {
  const measured = doubleCompression(await decode(jpeg))
  assert.ok(measured.status === 'assessed')
  assert.equal(measured.score, measured.native)
  return measured.native
}

async function reason(encoded: Uint8Array) {
  const measured = doubleCompression(await decode(encoded))
  return measured.status === 'failure-to-assess' ? measured.reason : measured
}

test('an earlier coding that was coarser leaves its trace, none leaves none', async () => {
  for (const seed of [1, 2, 3]) {
    const pixels = scene(seed)
    const once = await native(await coded(pixels, 85))
    assert.ok(once > 0.7, `once: ${once}`)
    for (const earlier of [50, 70]) {
      const twice = await native(await again(await coded(pixels, earlier), 85))
      assert.ok(twice < 0.4, `${earlier}, then 85: ${twice}`)
    }
  }
})

test('without the grid of a JPEG nothing is assessed', async () => {
  const pixels = scene(1)
  const jpeg = await coded(pixels, 85)
  assert.equal(await reason(await sharp(pixels, RAW).png().toBuffer()), 'not-supported')
  assert.equal(await reason(await sharp(pixels, RAW).webp().toBuffer()), 'not-supported')
  const turned = await sharp(jpeg).withMetadata({ orientation: 6 }).jpeg({ quality: 85 }).toBuffer()
  assert.equal(await reason(turned), 'not-supported')
  const large = await sharp(pixels, RAW).resize(3200, 2400).jpeg({ quality: 85 }).toBuffer()
  assert.equal(await reason(large), 'not-supported', 'it was shrunk')
})

test('a picture without detail says nothing', async () => {
  assert.equal(await reason(await coded(new Uint8Array(3 * WIDTH * HEIGHT).fill(90), 85)), 'too-blurred')
  const tiny = await sharp(scene(1), RAW).resize(64, 48).jpeg({ quality: 85 }).toBuffer()
  assert.equal(await reason(tiny), 'too-blurred')
})

test('the steps of luma are read from the JPEG, whatever else it says', async () => {
  const jpeg = await coded(scene(1), 50)
  assert.deepEqual([...lumaSteps(jpeg)!.subarray(0, STANDARD.length)], STANDARD)
  const at = jpeg.indexOf(Buffer.from([0xff, 0xdb]))
  const comment = Buffer.from([0xff, 0xfe, 0, 6, 0xff, 0xdb, 0, 67])
  const commented = Buffer.concat([jpeg.subarray(0, at), comment, jpeg.subarray(at)])
  assert.deepEqual(lumaSteps(commented), lumaSteps(jpeg))
  for (let length = 0; length < at + 68; length++)
    assert.equal(lumaSteps(jpeg.subarray(0, length)), undefined)
  const zero = Buffer.from(jpeg)
  zero[at + 5] = 0
  assert.equal(lumaSteps(zero), undefined)
})
