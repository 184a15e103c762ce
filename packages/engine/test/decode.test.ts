/** The decoder before hostile and before merely unusual images. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { IpseError } from '@ipse/protocol'
import sharp from 'sharp'
import { decode } from '../src/image/decode.ts'
import { ordinaryFrame } from '../src/image/jpeg.ts'
import { DECODE_LIMITS } from '../src/image/limits.ts'
import type { Image } from '../src/types.ts'
import { hostileImages } from './hostile.ts'
import { photograph } from './photographs.ts'

/** A hang, milliseconds; the slowest takes about 5, and the diagnostic tells what it took. */
const QUICK = 5_000

test('hostile images are refused, quickly and always with the same code', async (t) => {
  const images = await hostileImages()
  assert.ok(images.length >= 40)
  let slowest = { name: '', ms: 0 }
  const before = process.memoryUsage().rss
  for (const { name, data } of images) {
    const start = performance.now()
    await assert.rejects(
      decode(data),
      (error) => error instanceof IpseError && error.code === 'image_unreadable',
      name,
    )
    const ms = performance.now() - start
    if (ms > slowest.ms) slowest = { name, ms }
  }
  const grown = (process.memoryUsage().rss - before) / 2 ** 20
  t.diagnostic(
    `${images.length} images; slowest ${slowest.ms.toFixed(1)} ms (${slowest.name}); +${grown.toFixed(0)} MB`,
  )
  assert.ok(slowest.ms < QUICK, `${slowest.name} took ${slowest.ms} ms`)
  assert.ok(grown < 300, `memory grew by ${grown} MB`)
})

/** A gradient with a bright corner, so that every orientation looks different. */
function scene(width: number, height: number): Uint8Array {
  return Uint8Array.from({ length: 3 * width * height }, (_, i) => {
    const x = Math.floor(i / 3) % width
    const y = Math.floor(i / 3 / width)
    const corner = x < width / 4 && y < height / 4 ? 90 : 0
    return i % 3 === 0 ? 40 + (120 * x) / width + corner : i % 3 === 1 ? 30 + (150 * y) / height : 80 + corner
  })
}

const WIDTH = 96
const HEIGHT = 64
const raw = { width: WIDTH, height: HEIGHT, channels: 3 as const }
const original = scene(WIDTH, HEIGHT)

function meanDifference(a: Image, pixels: Uint8Array): number {
  assert.equal(a.data.length, pixels.length)
  return a.data.reduce((sum, value, i) => sum + Math.abs(value - pixels[i]!), 0) / pixels.length
}

/** For each EXIF orientation: where in the stored picture the pixel (x, y) of the upright one is. */
const STORED: Readonly<Record<number, (x: number, y: number, w: number, h: number) => [number, number]>> = {
  1: (x, y) => [x, y],
  2: (x, y, w) => [w - 1 - x, y],
  3: (x, y, w, h) => [w - 1 - x, h - 1 - y],
  4: (x, y, _, h) => [x, h - 1 - y],
  5: (x, y) => [y, x],
  6: (x, y, w) => [y, w - 1 - x],
  7: (x, y, w, h) => [h - 1 - y, w - 1 - x],
  8: (x, y, _, h) => [h - 1 - y, x],
}

for (const [orientation, place] of Object.entries(STORED)) {
  test(`EXIF orientation ${orientation} is applied`, async () => {
    const turned = Number(orientation) >= 5
    const [width, height] = turned ? [HEIGHT, WIDTH] : [WIDTH, HEIGHT]
    const stored = new Uint8Array(original.length)
    for (let y = 0; y < HEIGHT; y++) {
      for (let x = 0; x < WIDTH; x++) {
        const [sx, sy] = place(x, y, WIDTH, HEIGHT)
        stored.set(original.subarray(3 * (y * WIDTH + x), 3 * (y * WIDTH + x) + 3), 3 * (sy * width + sx))
      }
    }
    const encoded = await sharp(stored, { raw: { width, height, channels: 3 } })
      .jpeg({ quality: 100, chromaSubsampling: '4:4:4' })
      .withMetadata({ orientation: Number(orientation) })
      .toBuffer()
    const image = await decode(encoded)
    assert.deepEqual([image.width, image.height], [WIDTH, HEIGHT])
    assert.ok(meanDifference(image, original) < 1.5)
  })
}

const UNUSUAL: Readonly<Record<string, () => Promise<Uint8Array>>> = {
  'lossless PNG': () => sharp(original, { raw }).png().toBuffer(),
  'lossless WebP': () => sharp(original, { raw }).webp({ lossless: true }).toBuffer(),
  '16-bit PNG': () => sharp(original, { raw }).toColourspace('rgb16').png().toBuffer(),
  'PNG with an opaque alpha channel': () => sharp(original, { raw }).ensureAlpha().png().toBuffer(),
  'palette PNG': () => sharp(original, { raw }).png({ palette: true, colours: 256, dither: 0 }).toBuffer(),
  'progressive JPEG': () => sharp(original, { raw }).jpeg({ quality: 98, progressive: true }).toBuffer(),
  'CMYK JPEG': () => sharp(original, { raw }).toColourspace('cmyk').jpeg({ quality: 98 }).toBuffer(),
  'JPEG with a tail of other data': async () =>
    Buffer.concat([
      await sharp(original, { raw }).jpeg({ quality: 98 }).toBuffer(),
      Buffer.from('PK\x03\x04 tail'),
    ]),
}
/** Mean absolute difference, levels: none for lossless formats, more where colours are approximate. */
const TOLERANCE: Readonly<Record<string, number>> = { 'palette PNG': 8, 'CMYK JPEG': 30 }

for (const [name, encode] of Object.entries(UNUSUAL)) {
  test(`a ${name} is read as RGB`, async () => {
    const image = await decode(await encode())
    assert.deepEqual([image.width, image.height], [WIDTH, HEIGHT])
    assert.ok(meanDifference(image, original) <= (TOLERANCE[name] ?? 3), `${meanDifference(image, original)}`)
  })
}

test('the frame of an ordinary JPEG is read, of one that might be turned, progressive, cut or double it is not', async () => {
  const jpeg = await sharp(original, { raw }).jpeg().toBuffer()
  const size = { width: WIDTH, height: HEIGHT }
  assert.deepEqual(ordinaryFrame(jpeg), size)
  assert.deepEqual(ordinaryFrame(await sharp(jpeg).greyscale().jpeg().toBuffer()), size)
  const profiled = await sharp(original, { raw }).withIccProfile('srgb').jpeg().toBuffer()
  assert.deepEqual(ordinaryFrame(profiled), size, 'a profile has no say')
  const others = {
    turned: await sharp(jpeg).withMetadata({ orientation: 3 }).jpeg().toBuffer(),
    'EXIF without orientation': await sharp(jpeg)
      .withExif({ IFD0: { Make: 'x' } })
      .jpeg()
      .toBuffer(),
    progressive: await sharp(jpeg).jpeg({ progressive: true }).toBuffer(),
    CMYK: await sharp(jpeg).toColourspace('cmyk').jpeg().toBuffer(),
  }
  for (const [name, other] of Object.entries(others)) assert.equal(ordinaryFrame(other), undefined, name)
  const [frame, scan] = [0xc0, 0xda].map((marker) => jpeg.indexOf(Buffer.from([0xff, marker])))
  assert.ok(frame !== undefined && scan !== undefined)
  const header = jpeg.subarray(frame, frame + 2 + jpeg.readUInt16BE(frame + 2))
  const before = (at: number, ...more: Uint8Array[]) =>
    Buffer.concat([jpeg.subarray(0, at), ...more, jpeg.subarray(at)])
  assert.equal(ordinaryFrame(before(scan, header)), undefined, 'two frames')
  assert.equal(ordinaryFrame(before(frame, Buffer.of(0xff))), undefined, 'a byte between the segments')
  assert.equal(ordinaryFrame(before(frame, Buffer.of(0xff, 0xfe, 0, 0))), undefined, 'a segment of no length')
  assert.equal(ordinaryFrame(before(frame, Buffer.of(0xff, 0x01, 0, 2))), undefined, 'an unknown segment')
  const scanEnd = scan + 2 + jpeg.readUInt16BE(scan + 2)
  for (let length = 0; length < scanEnd; length++)
    assert.equal(ordinaryFrame(jpeg.subarray(0, length)), undefined, `${length} bytes`)
})

test('an ordinary JPEG has the pixels of one that is opened twice', async () => {
  const jpeg = await sharp(original, { raw }).jpeg().toBuffer()
  const comment = Buffer.concat([jpeg.subarray(0, 2), Buffer.of(0xff, 0xe1, 0, 4, 0, 0), jpeg.subarray(2)])
  assert.ok(ordinaryFrame(jpeg) && !ordinaryFrame(comment))
  assert.deepEqual(await decode(comment), await decode(jpeg))
})

test('a grey JPEG is read as RGB with three equal channels', async () => {
  const image = await decode(await sharp(original, { raw }).greyscale().jpeg().toBuffer())
  for (let i = 0; i < image.data.length; i += 3) {
    assert.equal(image.data[i], image.data[i + 1])
    assert.equal(image.data[i], image.data[i + 2])
  }
})

test('transparency is laid over grey, never over what lies hidden below it', async () => {
  const hidden = Uint8Array.from({ length: 4 * 32 * 32 }, (_, i) => (i % 4 === 3 ? 0 : 255))
  const png = await sharp(hidden, { raw: { width: 32, height: 32, channels: 4 } })
    .png()
    .toBuffer()
  const image = await decode(png)
  assert.ok(image.data.every((value) => value === 0x80))
})

test('a large photograph is shrunk to the limit, a small one is never enlarged', async () => {
  const large = await sharp(photograph('sample6')).resize(3000, 2000, { fit: 'fill' }).jpeg().toBuffer()
  const image = await decode(large)
  assert.equal(Math.max(image.width, image.height), DECODE_LIMITS.maxLongSide)
  assert.equal((await decode(await sharp(original, { raw }).png().toBuffer())).width, WIDTH)
})

test('loaders of other formats are switched off for the whole process', async () => {
  await assert.rejects(
    sharp(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')).png().toBuffer(),
  )
  await assert.doesNotReject(sharp(photograph('sample1')).metadata())
})
