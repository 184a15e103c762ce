/**
 * Frames from a video: picture → canvas → JPEG at the size, rate and quality that the service asks for. One frame is made
 * when one is asked for, so a slow service slows the camera down and nothing piles up. Each frame is a new picture of the
 * stream, never the same one twice.
 */
import type { Start } from '@ipse/protocol'

export interface CapturedFrame {
  readonly jpeg: Uint8Array<ArrayBuffer>
  /** By the page's monotonic clock, microseconds, strictly rising. */
  readonly capturedUs: number
  readonly width: number
  readonly height: number
}

export interface FrameSource {
  /**
   * The next frame, so many a second on average.
   * @throws the signal's reason when it is aborted
   */
  next(signal: AbortSignal, framesPerSecond: number): Promise<CapturedFrame>
  /** Wipes the canvas. */
  stop(): void
}

export type CaptureFormat = Start['capture']

/** Resolves after that many milliseconds; supplied by effects.ts, which owns the timers. */
export type Pause = (ms: number) => Promise<void>

/** Cameras jitter: a frame counts as due this share of the period early. */
const EARLY_SHARE = 0.25
/** Between two looks for a new picture where the browser does not call back, milliseconds. */
const POLL_MS = 8
/** Quality falls by this factor while a frame is too large, and no lower than the floor. */
const QUALITY_STEP = 0.8
const QUALITY_FLOOR = 0.3

/** The largest size inside the asked-for box, the box turned for portrait pictures; never larger than the picture. */
export function fitFrame(
  picture: { readonly width: number; readonly height: number },
  box: { readonly width: number; readonly height: number },
): { width: number; height: number } {
  const portrait = picture.height > picture.width
  const [long, short] = [Math.max(box.width, box.height), Math.min(box.width, box.height)]
  const [width, height] = portrait ? [short, long] : [long, short]
  const scale = Math.min(1, width / picture.width, height / picture.height)
  return { width: Math.round(picture.width * scale), height: Math.round(picture.height * scale) }
}

/** Resolves with the time at which the next picture of the stream was taken, milliseconds of `performance.now()`. */
async function nextPicture(video: HTMLVideoElement, pause: Pause, signal: AbortSignal): Promise<number> {
  signal.throwIfAborted()
  if (typeof video.requestVideoFrameCallback !== 'function') {
    const before = video.currentTime
    while (video.currentTime === before) {
      await pause(POLL_MS)
      signal.throwIfAborted()
    }
    return performance.now()
  }
  return new Promise((resolve, reject) => {
    const stop = () => {
      video.cancelVideoFrameCallback(handle)
      reject(signal.reason)
    }
    const handle = video.requestVideoFrameCallback((now, { captureTime }) => {
      signal.removeEventListener('abort', stop)
      resolve(captureTime ?? now)
    })
    signal.addEventListener('abort', stop, { once: true })
  })
}

function toJpeg(canvas: HTMLCanvasElement, quality: number): Promise<Blob> {
  return new Promise((resolve, reject) => {
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new TypeError('no JPEG from canvas'))),
      'image/jpeg',
      quality,
    )
  })
}

export function createRecorder(video: HTMLVideoElement, format: CaptureFormat, pause: Pause): FrameSource {
  const canvas = video.ownerDocument.createElement('canvas')
  const context = canvas.getContext('2d', { alpha: false })
  if (!context) throw new TypeError('no 2d canvas')
  let dueMs = Number.NEGATIVE_INFINITY
  let lastUs = 0

  return {
    async next(signal, framesPerSecond) {
      const periodMs = 1000 / framesPerSecond
      let takenMs = await nextPicture(video, pause, signal)
      while (takenMs < dueMs - periodMs * EARLY_SHARE) takenMs = await nextPicture(video, pause, signal)
      // On time on average; a camera that falls behind begins again from now.
      dueMs = (takenMs - dueMs > periodMs ? takenMs : dueMs) + periodMs
      lastUs = Math.max(lastUs + 1, Math.round(takenMs * 1000))
      const { width, height } = fitFrame({ width: video.videoWidth, height: video.videoHeight }, format)
      if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height })
      context.drawImage(video, 0, 0, width, height)
      let quality = format.quality
      let blob = await toJpeg(canvas, quality)
      while (blob.size > format.maxFrameBytes && quality > QUALITY_FLOOR) {
        quality *= QUALITY_STEP
        blob = await toJpeg(canvas, quality)
      }
      return { jpeg: new Uint8Array(await blob.arrayBuffer()), capturedUs: lastUs, width, height }
    },
    stop() {
      canvas.width = 0
      canvas.height = 0
    },
  }
}
