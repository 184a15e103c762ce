/** What looks odd while a capture still runs. Each suspicion may add a step instead of failing at once. Pure. */
import type { CaptureFacts, Suspicion } from '@ipse/protocol'
import type { FrameObservation, StepResult } from './capture-record.ts'
import { virtualCameraSigns } from './signals/capture-device.ts'

/** Intervals between pictures that vary by less come from a program, milliseconds: fake cameras read .4, real ones more. */
const EVEN_MS = 0.1
/** Fewer intervals may be even by chance. */
const LEAST_INTERVALS = 20

export interface SoFar {
  readonly facts: CaptureFacts | undefined
  readonly frames: readonly FrameObservation[]
  readonly steps: readonly StepResult[]
}

export function suspicionsOf({ facts, frames, steps }: SoFar): Suspicion[] {
  const signs: readonly (readonly [Suspicion, boolean])[] = [
    ['virtual-camera', facts === undefined || virtualCameraSigns(facts).length > 0],
    ['repeated-frames', new Set(frames.map(({ digest }) => digest)).size < frames.length],
    ['perfect-tempo', isTooEven(frames)],
    ['constraint-ignored', steps.some(({ measures }) => measures?.constraintMet === 0)],
  ]
  return signs.flatMap(([suspicion, found]) => (found ? [suspicion] : []))
}

function isTooEven(frames: readonly FrameObservation[]): boolean {
  const intervals = frames
    .slice(1)
    .map(({ capturedUs }, i) => (capturedUs - (frames[i]?.capturedUs ?? 0)) / 1000)
  if (intervals.length < LEAST_INTERVALS) return false
  const middle = medianOf(intervals)
  return medianOf(intervals.map((interval) => Math.abs(interval - middle))) < EVEN_MS
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
}
