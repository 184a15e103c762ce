/**
 * camera-constraint: the camera, not the person, is asked for another size and rate, and what its pictures really do is
 * measured. Virtual cameras and canvases often cannot; tuned ones can, and some honest browsers do not. So whatever
 * happens the step is over soon, and what it measured is a signal, never a rejection by itself.
 */
import type { ChallengeStep } from '@ipse/protocol'
import type { FrameObservation } from '../capture-record.ts'
import { type ChallengeKind, clamp } from './kind.ts'

/** Sizes that every camera of the last ten years can be asked for; none is the usual 640 × 480. */
export const SIZES = [
  { width: 480, height: 360 },
  { width: 640, height: 360 },
  { width: 560, height: 420 },
] as const
/** Pictures a second: slower than the usual eight, so that a slow network cannot spoil it. */
export const RATES = [5, 6] as const
/** Frames of the asked size that are enough, and the time after which no more are awaited, milliseconds. */
const FRAMES = 4
const PATIENCE_MS = 1_600
/** Rounding of canvases and encoders, pixels. */
const SLACK_PX = 2
/** Shortest median interval between pictures, as a share of the asked period: jitter of cameras. */
const LEAST_PERIOD = 0.75

type Step = Extract<ChallengeStep, { kind: 'camera-constraint' }>

/** Own: capture times of the frames that have the asked size, microseconds of the device's clock. */
export const cameraConstraint: ChallengeKind<Step, readonly number[]> = {
  strict: false,
  draw({ stepLimitMs }, draw) {
    const step = {
      kind: 'camera-constraint',
      ...draw.pick(SIZES),
      framesPerSecond: draw.pick(RATES),
    } as const
    return [{ step, limitMs: stepLimitMs }]
  },
  begin: () => [],
  lose: (own) => own,
  judge({ own, step }, { frame, elapsedMs }) {
    const met = hasSize(frame, step) ? [...own, frame.capturedUs] : own
    const done = met.length >= FRAMES || elapsedMs >= PATIENCE_MS
    return {
      own: met,
      verdict: done ? 'answered' : 'pending',
      hint: done ? 'well-done' : 'hold-still',
      progress: done ? 1 : clamp(Math.max(met.length / FRAMES, elapsedMs / PATIENCE_MS), 0, 0.95),
      good: false,
    }
  },
  /** 1 when size and rate were met, 0.5 for the size alone, 0 when neither. */
  measures({ own, step }) {
    const sized = own.length >= FRAMES
    const intervals = own.slice(1).map((time, i) => time - (own[i] ?? time))
    const median = intervals.toSorted((a, b) => a - b)[intervals.length >> 1] ?? 0
    const paced = median >= (LEAST_PERIOD * 1e6) / step.framesPerSecond
    return { constraintMet: sized ? (paced ? 1 : 0.5) : 0 }
  },
}

/** Phones held upright deliver the size turned. */
function hasSize({ width, height }: Pick<FrameObservation, 'width' | 'height'>, asked: Step): boolean {
  const near = (a: number, b: number) => Math.abs(a - b) <= SLACK_PX
  return (
    (near(width, asked.width) && near(height, asked.height)) ||
    (near(width, asked.height) && near(height, asked.width))
  )
}
