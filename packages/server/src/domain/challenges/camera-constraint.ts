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
/**
 * Frames of the asked size that are enough, and the time after which no more are awaited, milliseconds. Frames that are not
 * measured count with those of the asked size before and after them: nobody knows beforehand which ones are looked at.
 */
const FRAMES = 4
const PATIENCE_MS = 1_600
/** Rounding of canvases and encoders, pixels. */
const SLACK_PX = 2
/** Shortest median interval between pictures, as a share of the asked period: jitter of cameras. */
const LEAST_PERIOD = 0.75

type Step = Extract<ChallengeStep, { kind: 'camera-constraint' }>

/** A measured frame of the asked size. */
type Met = Pick<FrameObservation, 'frame' | 'capturedUs'>

/** Own: the measured frames that have the asked size, since the last one that had not. */
export const cameraConstraint: ChallengeKind<Step, readonly Met[]> = {
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
    const met = hasSize(frame, step) ? [...own, frame] : []
    const count = spanOf(met)
    const done = count >= FRAMES || elapsedMs >= PATIENCE_MS
    return {
      own: met,
      verdict: done ? 'answered' : 'pending',
      hint: done ? 'well-done' : 'hold-still',
      progress: done ? 1 : clamp(Math.max(count / FRAMES, elapsedMs / PATIENCE_MS), 0, 0.95),
      good: false,
    }
  },
  /** 1 when size and rate were met, 0.5 for the size alone, 0 when neither. */
  measures({ own, step }) {
    const sized = spanOf(own) >= FRAMES
    const intervals = own.slice(1).map((met, i) => periodOf(own[i] ?? met, met))
    const median = intervals.toSorted((a, b) => a - b)[intervals.length >> 1] ?? 0
    const paced = median >= (LEAST_PERIOD * 1e6) / step.framesPerSecond
    return { constraintMet: sized ? (paced ? 1 : 0.5) : 0 }
  },
}

/** Frames from the first to the last. */
function spanOf(own: readonly Met[]): number {
  const [first, last] = [own[0], own.at(-1)]
  return first && last ? last.frame - first.frame + 1 : 0
}

/** Mean interval between two frames and those between them, microseconds of the device's clock. */
function periodOf(before: Met, after: Met): number {
  return (after.capturedUs - before.capturedUs) / Math.max(1, after.frame - before.frame)
}

/** Phones held upright deliver the size turned. */
function hasSize({ width, height }: Pick<FrameObservation, 'width' | 'height'>, asked: Step): boolean {
  const near = (a: number, b: number) => Math.abs(a - b) <= SLACK_PX
  return (
    (near(width, asked.width) && near(height, asked.height)) ||
    (near(width, asked.height) && near(height, asked.width))
  )
}
