/**
 * frame-freshness and capture-variety: a live camera never gives the same frame twice, and a person never moves the same
 * way twice. Zero exact repeats in twelve clips; a frozen stream repeats every frame (docs/evaluation.md). Only frames with
 * a face are compared, one after the other: a covered lens and an empty room are still, and nobody's attack.
 */
import { assessed, equalBytes, failed, type Signal } from '@ipse/protocol'
import type { CaptureRecord, FrameObservation } from '../capture-record.ts'

/** Fewer frames say nothing about repetition. */
const MIN_FRAMES = 12
/** A loop is sought at lags of at least this many frames, over windows of that many: about a second each. */
const MIN_LAG = 10
const WINDOW = 12
/** Mean change between neighbouring thumbnails, in grey levels, below which nothing moves and nothing can be told. */
const MIN_MOTION = 0.5

/** Native: 1 − share of frames that are the frame before them, byte for byte or thumbnail for thumbnail. */
export function frameFreshness(record: CaptureRecord): Signal {
  const frames = withFace(record)
  const pairs = frames.length - 1
  const repeats = frames.filter((frame, i) => i > 0 && isRepeat(frames[i - 1], frame)).length
  const share = 1 - repeats / pairs
  return {
    name: 'frame-freshness',
    measurement: pairs < 1 ? failed('too-few-frames') : assessed(share, share),
    samples: Math.max(0, pairs),
  }
}

function withFace({ frames }: CaptureRecord): readonly FrameObservation[] {
  return frames.filter(({ face }) => face !== undefined)
}

function isRepeat(before: FrameObservation | undefined, frame: FrameObservation): boolean {
  if (before === undefined) return false
  return before.digest === frame.digest || equalBytes(before.thumbnail, frame.thumbnail)
}

/**
 * Native: over all lags, the smallest (difference between windows that lie apart) / (motion inside them). A loop is near
 * zero however it was encoded; a person who keeps still reads about 1, one who moves again reads more. 0 for exact repeats.
 */
export function captureVariety(record: CaptureRecord): Signal {
  const frames = withFace(record)
  if (frames.length < MIN_FRAMES)
    return { name: 'capture-variety', measurement: failed('too-few-frames'), samples: frames.length }
  const native = hasDistantRepeat(frames) ? 0 : smallestRatio(frames)
  return {
    name: 'capture-variety',
    measurement: assessed(native, Math.min(1, native)),
    samples: frames.length,
    ...(native === 0 ? { finding: 'capture_looped' } : {}),
  }
}

function hasDistantRepeat(frames: readonly FrameObservation[]): boolean {
  const lastSeen = new Map<string, number>()
  for (const [i, { digest }] of frames.entries()) {
    const seen = lastSeen.get(digest)
    if (seen !== undefined && i - seen > 1) return true
    lastSeen.set(digest, i)
  }
  return false
}

function smallestRatio(frames: readonly FrameObservation[]): number {
  const pictures = frames.map(({ thumbnail }) => pooled(thumbnail))
  const motion = pictures.map((picture, i) => (i === 0 ? 0 : difference(pictures[i - 1]!, picture)))
  let smallest = 1
  for (let lag = MIN_LAG; lag + WINDOW <= pictures.length; lag++) {
    const apart = pictures.slice(lag).map((picture, i) => difference(pictures[i]!, picture))
    for (let start = 0; start + WINDOW <= apart.length; start++) {
      const moved = sum(motion, start + 1, start + WINDOW)
      if (moved < POOL * MIN_MOTION * (WINDOW - 1)) continue
      const ratio = sum(apart, start, start + WINDOW) / WINDOW / (moved / (WINDOW - 1))
      smallest = Math.min(smallest, ratio)
    }
  }
  return smallest
}

function sum(values: readonly number[], from: number, to: number): number {
  let total = 0
  for (let i = from; i < to; i++) total += values[i]!
  return total
}

/** So many neighbouring values of the row-major thumbnail become one, their sum: a quarter of the work, and less noise. */
const POOL = 4

/** Whole numbers, because every picture is compared with nearly every other one. */
function pooled(thumbnail: Uint8Array): Uint16Array {
  const out = new Uint16Array(Math.floor(thumbnail.length / POOL))
  for (let i = 0; i < thumbnail.length; i++) out[Math.floor(i / POOL)]! += thumbnail[i]!
  return out
}

/** Mean absolute difference of two pictures of one size, in the unit of their values. */
function difference(a: Uint16Array, b: Uint16Array): number {
  let total = 0
  for (let i = 0; i < a.length; i++) total += Math.abs(a[i]! - b[i]!)
  return a.length === 0 ? 0 : total / a.length
}
