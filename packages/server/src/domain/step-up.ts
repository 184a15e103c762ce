/** What looks odd while a capture still runs. Each suspicion may add a step instead of failing at once. Pure. */
import type { CaptureFacts, Policy, Suspicion } from '@ipse/protocol'
import type { FrameObservation, StepResult } from './capture-record.ts'
import { virtualCameraSigns } from './signals/device-signs.ts'
import { planarity } from './signals/planarity.ts'
import type { TurnObservation } from './turn-observation.ts'

/** Nine of ten intervals between pictures that differ by less come from a program: fake cameras read .4 ms, real ones more. */
const EVEN_MS = 0.1
/** Fewer intervals may be even by chance. */
const LEAST_INTERVALS = 20

export interface SoFar {
  readonly facts: CaptureFacts | undefined
  readonly frames: readonly FrameObservation[]
  readonly steps: readonly StepResult[]
  readonly turns: readonly TurnObservation[]
}

/** How many steps the policy adds for what was found so far. */
export function furtherSteps(
  { virtualCamera, challenge: { stepUp } }: Pick<Policy, 'virtualCamera' | 'challenge'>,
  soFar: SoFar,
): number {
  const adds = (found: Suspicion) =>
    found === 'virtual-camera' ? virtualCamera === 'step-up' : stepUp.on.includes(found)
  return Math.min(suspicionsOf(soFar).filter(adds).length, stepUp.most)
}

/** Every turn that could not be measured is a suspicion of its own, until one could be: it is asked for once more. */
export function suspicionsOf({ facts, frames, steps, turns }: SoFar): Suspicion[] {
  const faces = frames.filter(({ face }) => face !== undefined)
  const signs: readonly (readonly [Suspicion, boolean | number])[] = [
    ['virtual-camera', facts === undefined || virtualCameraSigns(facts).length > 0],
    ['repeated-frames', new Set(faces.map(({ digest }) => digest)).size < faces.length],
    ['perfect-tempo', isTooEven(frames)],
    ['turn-unseen', planarity({ turns }).measurement.status === 'assessed' ? 0 : turns.length],
    ['constraint-ignored', steps.some(({ measures }) => measures?.constraintMet === 0)],
  ]
  return signs.flatMap(([suspicion, times]) => Array<Suspicion>(Number(times)).fill(suspicion))
}

function isTooEven(frames: readonly FrameObservation[]): boolean {
  const intervals = frames
    .slice(1)
    .map(({ capturedUs }, i) => (capturedUs - (frames[i]?.capturedUs ?? 0)) / 1000)
  if (intervals.length < LEAST_INTERVALS) return false
  const middle = quantile(intervals, 0.5)
  const deviations = intervals.map((interval) => Math.abs(interval - middle))
  return quantile(deviations, 0.9) < EVEN_MS
}

function quantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(share * values.length)] ?? 0
}
