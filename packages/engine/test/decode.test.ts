/** The decoder before hostile and before merely unusual images. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { IpseError } from '@ipse/protocol'
import sharp from 'sharp'
import { decode } from '../src/image/decode.ts'
import { onlyOrientation } from '../src/image/exif.ts'
import { inspect } from '../src/image/inspect.ts'
import { ordinaryFrame } from '../src/image/jpeg.ts'
import { DECODE_LIMITS } from '../src/image/limits.ts'
import type { Image } from '../src/types.ts'
import { hostileImages } from './hostile.ts'
import { halfSoundJpegs } from './hostile-jpeg.ts'
import { chunk, riffChunk, segment, webpOf } from './hostile-parts.ts'
import { photograph } from './photographs.ts'

/** A hang, milliseconds of CPU; what each took is told by the diagnostic. */
const HANG = 5_000
/** Pictures that are looked at one after the other may leave so much behind, bytes. */
const LEFT_BEHIND = 300 * 2 ** 20

/** CPU time of this process, libvips' threads included, milliseconds. */
async function cpuOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

test('hostile images are refused, quickly and always with the same code', async (t) => {
  const images = await hostileImages()
  assert.ok(images.length >= 200)
  assert.equal(new Set(images.map(({ name }) => name)).size, images.length)
  const before = process.memoryUsage().rss
  const costs: { readonly name: string; readonly ms: number }[] = []
  for (const { name, data } of images) {
    const refused = () =>
      assert.rejects(
        decode(data),
        (error) => error instanceof IpseError && error.code === 'image_unreadable',
        name,
      )
    const ms = await cpuOf(refused)
    costs.push({ name, ms })
    assert.ok(ms < HANG, name)
  }
  const grown = process.memoryUsage().rss - before
  const [slowest] = costs.toSorted((a, b) => b.ms - a.ms)
  t.diagnostic(
    `${images.length} images; slowest ${slowest?.ms.toFixed(1)} ms of CPU (${slowest?.name}); +${(grown / 2 ** 20).toFixed(0)} MB`,
  )
  assert.ok(grown < LEFT_BEHIND, `memory grew by ${grown} bytes`)
})

test('what libjpeg makes a picture of although it is not sound stays within the limits', async (t) => {
  const noise = Uint8Array.from({ length: 3 * 64 * 48 }, (_, i) => (i * 7919) % 251)
  const picture = sharp(noise, { raw: { width: 64, height: 48, channels: 3 } })
  const jpeg = await picture.clone().jpeg().toBuffer()
  for (const { name, data } of halfSoundJpegs(jpeg, await picture.jpeg({ progressive: true }).toBuffer())) {
    const ms = await cpuOf(async () => {
      const read = await decode(data).catch((error) => {
        assert.ok(error instanceof IpseError && error.code === 'image_unreadable', name)
      })
      if (read) assert.ok(Math.max(read.width, read.height) <= DECODE_LIMITS.maxLongSide, name)
    })
    t.diagnostic(`${name}: ${ms.toFixed(1)} ms of CPU`)
    assert.ok(ms < HANG, name)
  }
})

test('a picture may carry a profile, texts and many parts, but not so much that reading them costs more than its pixels', async () => {
  const profiled = await sharp(original, { raw }).withIccProfile('p3').png().toBuffer()
  assert.deepEqual((await decode(profiled)).width, WIDTH)
  for (const format of ['jpeg', 'png'] as const) {
    const sound = await sharp(original, { raw })[format]().toBuffer()
    const part = format === 'png' ? chunk('teXt', Buffer.alloc(0)) : Buffer.from([0xff, 0xfe, 0, 2])
    const at = format === 'png' ? 33 : 2
    const withParts = (count: number) =>
      Buffer.concat([sound.subarray(0, at), ...Array.from({ length: count }, () => part), sound.subarray(at)])
    assert.equal((await decode(withParts(4000))).width, WIDTH)
    await assert.rejects(decode(withParts(4097)), /carries too much/)
  }
})

test('what is cut off is refused before it is decoded, with data behind it a whole picture is not', async () => {
  for (const format of ['jpeg', 'png', 'webp'] as const) {
    const sound = await sharp(original, { raw })[format]().toBuffer()
    assert.equal(inspect(sound), format)
    assert.equal(inspect(Buffer.concat([sound, Buffer.alloc(70_000, 0xd9)])), format)
    for (let length = sound.length - 1; length >= 0; length -= 5)
      assert.throws(
        () => inspect(sound.subarray(0, length)),
        { code: 'image_unreadable' },
        `${format} ${length}`,
      )
  }
})

test('a PNG has fewer pixels than other pictures: that it is damaged shows late', async () => {
  const flat = (width: number, height: number) =>
    sharp({ create: { width, height, channels: 3, background: '#888' } })
  const page = await decode(await flat(2480, 3508).png().toBuffer())
  assert.equal(page.height, DECODE_LIMITS.maxLongSide)
  await assert.rejects(decode(await flat(3000, 3001).png().toBuffer()), /PNG of more than 9000000 pixels/)
  await assert.doesNotReject(decode(await flat(3000, 3001).jpeg().toBuffer()))
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

for (const format of ['jpeg', 'png', 'webp'] as const)
  for (const order of ['II', 'MM'])
    test(`the orientation of a ${format} is read in ${order} order, between other entries, and alone handed on`, async () => {
      const plain = await sharp(original, { raw })[format]({ quality: 100 }).toBuffer()
      const encoded = withExif(plain, format, exif(order, 6))
      const image = await decode(encoded)
      assert.deepEqual([image.width, image.height], [HEIGHT, WIDTH])
      const reduced = onlyOrientation(encoded, format)
      assert.equal(reduced.length, encoded.length)
      assert.equal((await sharp(reduced).metadata()).orientation, 6)
      assert.ok(Buffer.from(encoded).includes('somebody'))
      assert.ok(!Buffer.from(reduced).includes('somebody'), 'a name is left')
      assert.equal(onlyOrientation(plain, format), plain)
      for (let length = 0; length < encoded.length; length += 7)
        assert.equal(onlyOrientation(encoded.subarray(0, length), format).length, length)
    })

/** A block with camera, orientation and an owner's name. */
function exif(order: string, orientation: number): Buffer {
  const tiff = Buffer.alloc(80)
  const little = order === 'II'
  const word = (value: number, at: number) =>
    little ? tiff.writeUInt16LE(value, at) : tiff.writeUInt16BE(value, at)
  const long = (value: number, at: number) =>
    little ? tiff.writeUInt32LE(value, at) : tiff.writeUInt32BE(value, at)
  tiff.write(order, 'latin1')
  word(42, 2)
  long(8, 4)
  word(3, 8)
  for (const [i, [tag, type, count]] of [
    [0x010f, 2, 4],
    [0x0112, 3, 1],
    [0x013b, 2, 9],
  ].entries()) {
    word(tag!, 10 + 12 * i)
    word(type!, 12 + 12 * i)
    long(count!, 14 + 12 * i)
  }
  tiff.write('Cam', 18, 'latin1')
  word(orientation, 30)
  long(60, 42)
  tiff.write('somebody', 60, 'latin1')
  return tiff
}

function withExif(plain: Buffer, format: 'jpeg' | 'png' | 'webp', block: Buffer): Buffer {
  if (format === 'png')
    return Buffer.concat([plain.subarray(0, 33), chunk('eXIf', block), plain.subarray(33)])
  const prefixed = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), block])
  // A byte between the segments, which libjpeg passes over, must not hide it.
  if (format === 'jpeg')
    return Buffer.concat([plain.subarray(0, 2), Buffer.of(0xff), segment(0xe1, prefixed), plain.subarray(2)])
  const canvas = Buffer.alloc(10)
  canvas[0] = 0x08
  canvas.writeUIntLE(WIDTH - 1, 4, 3)
  canvas.writeUIntLE(HEIGHT - 1, 7, 3)
  return webpOf(riffChunk('VP8X', canvas), plain.subarray(12), riffChunk('EXIF', block))
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
