/** A picture that is drawn anew has the pixels and nothing else: no place, no maker, no text, no thumbnail. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import sharp from 'sharp'
import { redraw } from '../src/image/redraw.ts'

const CANARY = 'canary-of-a-maker-4711'
const pixels = { create: { width: 96, height: 64, channels: 3, background: '#804020' } } as const

function marked(format: 'jpeg' | 'png' | 'webp'): Promise<Buffer> {
  return sharp(pixels)
    .withExif({ IFD0: { Make: CANARY, ImageDescription: CANARY }, IFD3: { GPSLatitude: '51/1 30/1 0/1' } })
    .withIccProfile('srgb')
    .toFormat(format)
    .toBuffer()
}

for (const format of ['jpeg', 'png', 'webp'] as const)
  test(`nothing but pixels is left of a ${format}`, async () => {
    const original = await marked(format)
    const before = await sharp(original).metadata()
    assert.ok(original.includes(CANARY) && before.exif && before.icc, 'it was there to be lost')
    const drawn = await redraw(original)
    const { format: now, width, height, exif, icc, xmp, iptc, comments } = await sharp(drawn).metadata()
    assert.deepEqual({ now, width, height }, { now: 'jpeg', width: 96, height: 64 })
    assert.deepEqual([exif, icc, xmp, iptc, comments].filter(Boolean), [])
    assert.ok(!Buffer.from(drawn).includes(CANARY))
    const [r = 0, g = 0, b = 0] = await sharp(drawn).resize(1, 1).raw().toBuffer()
    for (const [value, wanted] of [
      [r, 0x80],
      [g, 0x40],
      [b, 0x20],
    ] as const)
      assert.ok(Math.abs(value - wanted) < 6, `${r} ${g} ${b}`)
  })

test('bytes after the end of a JPEG are not drawn', async () => {
  const original = Buffer.concat([await sharp(pixels).jpeg().toBuffer(), Buffer.from(CANARY)])
  assert.ok(!Buffer.from(await redraw(original)).includes(CANARY))
})

test('what is no picture is refused', async () => {
  await assert.rejects(redraw(new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3])), {
    code: 'image_unreadable',
  })
})
