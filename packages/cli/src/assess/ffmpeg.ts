/** Video through ffmpeg, where it is installed: no codec of our own, and none in the service. */
import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { IpseError } from '@ipse/protocol'

/** Longest side of the pictures, pixels; captures ask cameras for 640. */
const MAX_SIDE = 1280
/** Longest time for one video, milliseconds. */
const LIMIT_MS = 120_000
const MAX_OUTPUT_BYTES = 512_000_000
/** JPEG quantiser of ffmpeg, 2 to 31: hardly any loss on top of the video's own. */
const QUANTISER = '2'

/**
 * The pictures of a video as a stream of JPEGs, at most `framesPerSecond` of each second and never one twice.
 * @throws IpseError `unsupported_media` without ffmpeg, `image_unreadable` for what it cannot read
 */
export async function videoToJpegs(path: string, framesPerSecond: number, most: number): Promise<Buffer> {
  const gapS = (1 / framesPerSecond - 0.001).toFixed(4)
  const filters = [
    `select='isnan(prev_selected_t)+gte(t-prev_selected_t\\,${gapS})'`,
    `scale=w='min(${MAX_SIDE}\\,iw)':h='min(${MAX_SIDE}\\,ih)':force_original_aspect_ratio=decrease`,
  ]
  const child = spawn(
    'ffmpeg',
    [
      ...['-nostdin', '-v', 'error', '-protocol_whitelist', 'file,pipe', '-i', `file:${resolve(path)}`],
      ...['-an', '-sn', '-vf', filters.join(','), '-fps_mode', 'passthrough', '-frames:v', String(most)],
      ...['-c:v', 'mjpeg', '-q:v', QUANTISER, '-pix_fmt', 'yuvj420p', '-f', 'image2pipe', 'pipe:1'],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const limit = setTimeout(() => child.kill(), LIMIT_MS)
  const parts: Buffer[] = []
  let size = 0
  let said = ''
  child.stdout.on('data', (part: Buffer) => {
    size += part.length
    if (size > MAX_OUTPUT_BYTES) child.kill()
    else parts.push(part)
  })
  child.stderr.on('data', (part: Buffer) => {
    said = `${said}${part}`.slice(-300)
  })
  const code = await new Promise<number | null>((settle, refuse) => {
    child.once('error', (cause: NodeJS.ErrnoException) =>
      refuse(
        cause.code === 'ENOENT'
          ? new IpseError(
              'unsupported_media',
              `${path}: video is read through ffmpeg, which is not installed`,
            )
          : cause,
      ),
    )
    child.once('close', settle)
  }).finally(() => clearTimeout(limit))
  if (code !== 0 || size === 0)
    throw new IpseError('image_unreadable', `${path}: ffmpeg reads no pictures from it: ${lastLine(said)}`)
  return Buffer.concat(parts)
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) || 'no video in it'
}
