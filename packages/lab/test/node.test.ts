import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import sharp from 'sharp'
import { createFrame, FIXTURES } from '../src/index.ts'
import { loadFixture, loadPhoto, toJpeg, writeMjpeg } from '../src/node.ts'

function even(value: number, channels: 3 | 4) {
  const frame = createFrame(64, 48, channels)
  frame.data.fill(value)
  return frame
}

test('a Motion JPEG file is JPEG after JPEG, in order', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lab-'))
  try {
    const path = join(folder, 'clip.mjpeg')
    const shades = [20, 120, 220]
    assert.equal(
      await writeMjpeg(
        shades.map((shade) => even(shade, 3)),
        path,
      ),
      3,
    )
    const bytes = await readFile(path)
    const starts: number[] = []
    const soi = Buffer.from([0xff, 0xd8, 0xff])
    for (let at = bytes.indexOf(soi); at >= 0; at = bytes.indexOf(soi, at + 2)) starts.push(at)
    assert.equal(starts.length, 3)
    for (const [i, start] of starts.entries()) {
      const photo = await loadPhoto(bytes.subarray(start, starts[i + 1]))
      assert.ok(Math.abs(photo.data[0] - shades[i]) <= 2)
    }
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('RGBA frames lose their alpha on the way to JPEG', async () => {
  const { format, width, height, channels } = await sharp(await toJpeg(even(90, 4))).metadata()
  assert.deepEqual(
    { format, width, height, channels },
    { format: 'jpeg', width: 64, height: 48, channels: 3 },
  )
})

test('a fixture is loaded from the installed package; a place without a face is refused', async () => {
  let shown = 0
  const source = await loadFixture(FIXTURES[0], async (jpeg) => {
    shown = jpeg.length
    return new Float32Array(1404).fill(7)
  })
  assert.ok(shown > 10_000 && source.photo.width > 400)
  assert.ok(source.landmarks[0] > 7 && source.landmarks[2] === 7, 'x moves with the cut, z does not')
  await assert.rejects(
    loadFixture(FIXTURES[0], async () => undefined),
    /No face was found for subject-a/,
  )
})
