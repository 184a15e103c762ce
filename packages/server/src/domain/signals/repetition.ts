/**
 * frame-freshness and capture-variety: a live camera never gives the same frame twice, and a person never moves the same
 * way twice. Zero exact repeats in twelve clips; a frozen stream repeats every frame (docs/evaluation.md). Only frames with
 * a face are compared, one after the other: a covered lens and an empty room are still, and nobody's attack.
 */
import { assessed, failed, type Signal } from '@ipse/protocol'
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
  return before.digest === frame.digest || difference(before, frame) === 0
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

function smallestRatio(observations: readonly FrameObservation[]): number {
  const frames = observations.map((frame) => ({ thumbnail: pooled(frame.thumbnail) }))
  const motion = frames.map((frame, i) => (i === 0 ? 0 : difference(frames[i - 1]!, frame)))
  let smallest = 1
  for (let lag = MIN_LAG; lag + WINDOW <= frames.length; lag++) {
    const apart = frames.slice(lag).map((frame, i) => difference(frames[i]!, frame))
    for (let start = 0; start + WINDOW <= apart.length; start++) {
      const moved = sum(motion, start + 1, start + WINDOW)
      if (moved < MIN_MOTION * (WINDOW - 1)) continue
      const ratio = sum(apart, start, start + WINDOW) / WINDOW / (moved / (WINDOW - 1))
      smallest = Math.min(smallest, ratio)
    }
  }
  return smallest
}

function sum(values: readonly number[], from: number, to: number): number {
  let total = 0
  for (let i = from; i < to; i++) total += values[i] ?? 0
  return total
}

/** Four neighbouring values of the row-major thumbnail become one: a quarter of the work, and less noise. */
function pooled(thumbnail: Uint8Array): Float32Array {
  const out = new Float32Array(thumbnail.length >> 2)
  for (let i = 0; i < thumbnail.length; i++) out[i >> 2] = (out[i >> 2] ?? 0) + (thumbnail[i] ?? 0) / 4
  return out
}

/** Mean absolute difference of two thumbnails, grey levels. */
function difference(
  a: { readonly thumbnail: ArrayLike<number> },
  b: { readonly thumbnail: ArrayLike<number> },
): number {
  let total = 0
  for (let i = 0; i < a.thumbnail.length; i++)
    total += Math.abs((a.thumbnail[i] ?? 0) - (b.thumbnail[i] ?? 0))
  return a.thumbnail.length === 0 ? 0 : total / a.thumbnail.length
}
