/**
 * A presentation from disk as pictures in order: an image, a folder of numbered images, a file of concatenated JPEGs
 * (`.mjpeg`), or a video through ffmpeg.
 */
import { readdir, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { IpseError } from '@ipse/protocol'
import { netpbmToPng } from '../eval/netpbm.ts'
import { fileError, readNamedFile } from '../files.ts'
import { videoToJpegs } from './ffmpeg.ts'
import { splitJpegs } from './jpeg-stream.ts'

/** Pictures of a second: taken of videos, assumed of folders and JPEG streams, and what captures ask cameras for. */
export const FRAMES_PER_SECOND = 10
/** A minute. Further pictures are left. */
export const MAX_FRAMES = 600

const IMAGES: readonly string[] = ['.jpg', '.jpeg', '.png', '.webp', '.pgm', '.ppm']
const STREAMS: readonly string[] = ['.mjpeg', '.mjpg']

/** 2 before 10. */
const byNumber = new Intl.Collator('en', { numeric: true })

/**
 * @throws IpseError `invalid_request` when it is not there or not to be read, `image_unreadable` for what holds no
 * pictures, `unsupported_media` for video without ffmpeg
 */
export async function readFrames(path: string): Promise<Uint8Array[]> {
  const found = await stat(path).catch((cause) => {
    throw fileError(path, cause)
  })
  if (found.isDirectory()) return readFolder(path)
  const kind = extname(path).toLowerCase()
  if (IMAGES.includes(kind)) return [await readImage(path)]
  if (STREAMS.includes(kind)) return cut(path, await readNamedFile(path))
  return cut(path, await videoToJpegs(path, FRAMES_PER_SECOND, MAX_FRAMES))
}

async function readFolder(path: string): Promise<Uint8Array[]> {
  const names = (await readdir(path)).filter((name) => IMAGES.includes(extname(name).toLowerCase()))
  if (names.length === 0) throw new IpseError('image_unreadable', `${path}: no images in this folder`)
  const frames: Uint8Array[] = []
  for (const name of names.toSorted(byNumber.compare).slice(0, MAX_FRAMES))
    frames.push(await readImage(join(path, name)))
  return frames
}

async function readImage(path: string): Promise<Uint8Array> {
  const bytes = await readNamedFile(path)
  return netpbmToPng(bytes) ?? bytes
}

function cut(path: string, stream: Uint8Array): Uint8Array[] {
  try {
    const frames = splitJpegs(stream, MAX_FRAMES)
    if (frames.length > 0) return frames
    throw new RangeError('it is empty')
  } catch (cause) {
    throw new IpseError('image_unreadable', `${path}: ${(cause as Error).message}`, { cause })
  }
}
