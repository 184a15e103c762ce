/** Presentations from disk: pictures in order, whole ones only, and turns found without knowing what was asked. */
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { SIGNAL_NAMES } from '@ipse/protocol'
import type { FrameObservation } from '@ipse/server'
import { readFrames } from '../src/assess/clip-frames.ts'
import { choose, evenly } from '../src/assess/frame-choice.ts'
import { splitJpegs } from '../src/assess/jpeg-stream.ts'
import { LIVE_ONLY, RECORDED_SIGNALS } from '../src/assess/recorded-signals.ts'
import { createTurnFinder } from '../src/assess/turn-finder.ts'
import { emptyFolder } from './run.ts'

const folder = emptyFolder()

/** SOI, an APP1 segment that holds a whole small JPEG as a thumbnail, a scan with stuffing and a restart, EOI. */
function jpeg(mark: number): Buffer {
  const thumbnail = [0xff, 0xd8, 0xff, 0xda, 0, 2, 7, 0xff, 0xd9]
  const app1 = [0xff, 0xe1, 0, 2 + thumbnail.length, ...thumbnail]
  const scan = [0xff, 0xda, 0, 3, mark, 1, 2, 0xff, 0, 3, 0xff, 0xd0, 4]
  return Buffer.from([0xff, 0xd8, ...app1, ...scan, 0xff, 0xff, 0xc4, 0, 2, ...scan, 0xff, 0xd9])
}

test('a stream is cut into whole pictures, thumbnails and restart markers notwithstanding', () => {
  const pictures = [jpeg(1), jpeg(2), jpeg(3)]
  const stream = Buffer.concat(pictures)
  assert.deepEqual(splitJpegs(stream, 10).map(Buffer.from), pictures)
  assert.deepEqual(splitJpegs(stream, 2).map(Buffer.from), pictures.slice(0, 2))
  assert.deepEqual(splitJpegs(Buffer.alloc(0), 9), [])
  for (let cut = 1; cut < pictures[2]!.length; cut++)
    assert.throws(() => splitJpegs(stream.subarray(0, stream.length - cut), 9), /picture 3 is no whole JPEG/)
  assert.throws(() => splitJpegs(Buffer.concat([jpeg(1), Buffer.from('x'), jpeg(2)]), 9), /picture 2/)
  assert.throws(() => splitJpegs(Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 1, 0xff, 0xd9]), 9), /picture 1/)
})

test('no bytes make the cutter run away', () => {
  for (let seed = 1; seed < 300; seed++) {
    const bytes = jpeg(seed & 63)
    bytes[seed % bytes.length] = (seed * 97) & 255
    try {
      const pictures = splitJpegs(bytes, 5)
      assert.ok(pictures.reduce((sum, { length }) => sum + length, 0) <= bytes.length)
    } catch (error) {
      assert.ok(error instanceof RangeError)
    }
  }
})

test('folders are read by number, and only their images', async () => {
  const clip = join(folder, 'clip')
  mkdirSync(clip)
  for (const name of ['10.jpg', '9.jpg', '2.JPG', 'notes.txt']) writeFileSync(join(clip, name), name)
  assert.deepEqual(
    (await readFrames(clip)).map((bytes) => Buffer.from(bytes).toString()),
    ['2.JPG', '9.jpg', '10.jpg'],
  )
  const file = join(folder, 'two.mjpeg')
  writeFileSync(file, Buffer.concat([jpeg(1), jpeg(2)]))
  assert.equal((await readFrames(file)).length, 2)
})

test('what holds no pictures is refused with its name', async () => {
  const empty = join(folder, 'empty')
  mkdirSync(empty)
  await assert.rejects(readFrames(empty), { code: 'image_unreadable', message: /empty: no images/ })
  const broken = join(folder, 'broken.mjpeg')
  writeFileSync(broken, jpeg(1).subarray(0, 20))
  await assert.rejects(readFrames(broken), { code: 'image_unreadable', message: /broken\.mjpeg: picture 1/ })
  writeFileSync(broken, '')
  await assert.rejects(readFrames(broken), { code: 'image_unreadable', message: /it is empty/ })
  await assert.rejects(readFrames(join(folder, 'missing.mp4')), {
    code: 'invalid_request',
    message: /no such file/,
  })
})

test('video needs ffmpeg, and says so where there is none', async () => {
  const video = join(folder, 'clip.mp4')
  writeFileSync(video, 'no video')
  const path = process.env.PATH
  process.env.PATH = folder
  try {
    await assert.rejects(readFrames(video), { code: 'unsupported_media', message: /clip\.mp4: .*ffmpeg/ })
  } finally {
    process.env.PATH = path
  }
})

function frame(yawDeg: number | undefined, faces = 1): FrameObservation {
  const face = { pose: { yawDeg, pitchDeg: 0, rollDeg: 0 } }
  return { faces, ...(yawDeg === undefined ? {} : { face }) } as FrameObservation
}

test('turns are found between two stays at the own neutral', () => {
  const finder = createTurnFinder()
  const yaws = [20, 4, 3, 3.5, 6, 12, 18, 12, 5, 4, -10, -16, undefined, -6, 3]
  assert.deepEqual(
    yaws.map((yaw) => finder.see(frame(yaw))),
    [
      ...['none', 'none', 'none', 'begin', 'none', 'none', 'none', 'none', 'renew', 'none'],
      ...['none', 'none', 'none', 'none', 'renew'],
    ],
  )
  assert.equal(finder.neutral?.yawDeg, 3.5)
  const restless = createTurnFinder()
  for (const yaw of [0, 4, 8, 4, 0, 20, 20, 20, 20])
    assert.equal(restless.see(frame(yaw)), 'none', 'nobody keeps still towards the camera')
})

test('frames are chosen frontal, turned and returned, never with two faces', () => {
  const frames = [0, 1, 15, 40, 2, 1].map((yaw) => frame(yaw))
  const chosen = choose([...frames, frame(1, 2), frame(undefined, 0)], { yawDeg: 1, pitchDeg: 0, rollDeg: 0 })
  assert.deepEqual([chosen.frontal, chosen.turned, chosen.returned], [[0, 1, 4, 5], [2], [4, 5]])
  assert.deepEqual(choose([frame(undefined, 0)], undefined).frontal, [])
  assert.deepEqual(choose([frame(7)], undefined).frontal, [0], 'one picture is its own neutral')
  assert.deepEqual(evenly([1, 2, 3, 4, 5, 6, 7], 3), [1, 3, 5])
  assert.deepEqual(evenly([1], 3), [1])
})

test('every signal is either of recordings or of live captures', () => {
  for (const name of SIGNAL_NAMES)
    assert.equal(RECORDED_SIGNALS.includes(name), !Object.hasOwn(LIVE_ONLY, name) && name !== 'match', name)
  for (const name of ['challenge-response', 'frame-cadence', 'capture-device'] as const)
    assert.ok(LIVE_ONLY[name])
})
