/** What needs Node: photographs from files, JPEG and Motion JPEG. The rendering core does not need this file. */
import { open } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { ChallengeStep } from '@ipse/protocol'
import sharp from 'sharp'
import type { CaptureCamera } from './capture-client.ts'
import type { Feed } from './feed.ts'
import { CLOSE_UP, type Fixture, SURROUND } from './fixtures.ts'
import { channelsOf, createFrame, type Frame, type Photo } from './frame.ts'

/** Huffman tables of the standard, as hardware uses them: half the time, 3 % more bytes, the same picture. */
const QUICK = { optimiseCoding: false } as const

/** Encodes a frame as JPEG, 4:2:0 as cameras do. Bytes vary with the codec's version: assert on measurements. */
export function toJpeg(frame: Frame, quality = 85): Promise<Buffer> {
  const { width, height, data } = frame
  const pixels = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  return sharp(pixels, { raw: { width, height, channels: channelsOf(frame) } })
    .removeAlpha()
    .jpeg({ quality, ...QUICK })
    .toBuffer()
}

/** A camera for the capture client that films a feed, passes every step on to it and obeys what is asked of cameras. */
export function filmFeed(feed: Feed, quality = 85): CaptureCamera {
  const picture = createFrame(feed.width, feed.height)
  let shown: ChallengeStep | undefined
  return {
    async frame(step, tMs) {
      if (step !== shown) feed.prompt(step, tMs)
      shown = step
      feed.render(tMs, picture)
      return step.kind === 'camera-constraint' ? resized(picture, step, quality) : toJpeg(picture, quality)
    },
  }
}

/** Another mode of the sensor: the same view, cut to the shape that is asked for. */
function resized(frame: Frame, { width, height }: { width: number; height: number }, quality: number) {
  const pixels = Buffer.from(frame.data.buffer, frame.data.byteOffset, frame.data.byteLength)
  const raw = { width: frame.width, height: frame.height, channels: channelsOf(frame) }
  return sharp(pixels, { raw })
    .removeAlpha()
    .resize(width, height, { fit: 'cover' })
    .jpeg({ quality, ...QUICK })
    .toBuffer()
}

/**
 * Writes concatenated JPEGs, what Chromium's `--use-file-for-fake-video-capture` takes as `.mjpeg`.
 * @returns how many frames were written
 */
export async function writeMjpeg(frames: Iterable<Frame>, path: string, quality = 85): Promise<number> {
  const file = await open(path, 'w')
  let count = 0
  try {
    for (const frame of frames) {
      await file.write(await toJpeg(frame, quality))
      count++
    }
  } finally {
    await file.close()
  }
  return count
}

/** Decodes a photograph to RGB with its orientation applied. */
export async function loadPhoto(source: string | Uint8Array): Promise<Photo> {
  const { data, info } = await sharp(source)
    .rotate()
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { width: info.width, height: info.height, channels: 3, data }
}

/** Finds the 468 landmarks (x, y, z in pixels) of the one face in an encoded picture, or nothing. */
export type Locate = (encoded: Uint8Array) => Promise<Float32Array | undefined>

export interface FixtureSource {
  readonly photo: Photo
  readonly landmarks: Float32Array
  /** The photograph around the face as JPEG, for instance as a reference image. */
  readonly portrait: Buffer
}

/**
 * Loads a fixture from the installed package.
 * @param locate for instance `async (jpeg) => (await engine.measure(jpeg)).mesh?.landmarks`
 * @throws Error when no face is found where the fixture says
 */
export async function loadFixture(fixture: Fixture, locate: Locate): Promise<FixtureSource> {
  const whole = await loadPhoto(join(photographFolder(), fixture.photo))
  const around = cut(whole, fixture, SURROUND)
  const close = cut(whole, fixture, CLOSE_UP)
  const portrait = await toJpeg(close.photo, 95)
  const found = await locate(portrait)
  if (found === undefined) throw new Error(`No face was found for ${fixture.name} in ${fixture.photo}.`)
  const landmarks = Float32Array.from(found, (value, i) => {
    if (i % 3 === 0) return value + close.left - around.left
    return i % 3 === 1 ? value + close.top - around.top : value
  })
  return { photo: around.photo, landmarks, portrait }
}

function photographFolder(): string {
  return join(dirname(createRequire(import.meta.url).resolve('@vladmandic/face-api/package.json')), 'demo')
}

/** The square of `reach` face widths around the face, as far as the photograph goes. */
function cut(photo: Photo, { face }: Fixture, reach: number): { photo: Photo; left: number; top: number } {
  const left = Math.max(0, Math.round(face.x - reach * face.width))
  const top = Math.max(0, Math.round(face.y - reach * face.width))
  const width = Math.min(photo.width, Math.round(face.x + reach * face.width)) - left
  const height = Math.min(photo.height, Math.round(face.y + reach * face.width)) - top
  const data = new Uint8Array(3 * width * height)
  for (let y = 0; y < height; y++) {
    const from = 3 * ((top + y) * photo.width + left)
    data.set(photo.data.subarray(from, from + 3 * width), 3 * y * width)
  }
  return { photo: { width, height, channels: 3, data }, left, top }
}
