/**
 * Was the step answered? Pure: (state, frame) → state, verdict and the one hint that the person gets. What a step asks is
 * known to its kind (challenges/<kind>.ts); here is what all kinds share: framing, the way to the own neutral, cues.
 */
import type { Guidance, PlannedCue, PlannedStep } from '@ipse/protocol'
import type { FrameObservation, StepMeasures } from './capture-record.ts'
import { LEAST_COLOUR_MS } from './challenges/colour-light.ts'
import { kindOf } from './challenges/index.ts'
import { changeFrom, type Neutral, type StepState, type Targets, type Verdict } from './challenges/kind.ts'
import { framingHint } from './framing.ts'

export { neutralOf } from './challenges/hold.ts'
export { changeFrom, type Neutral, type StepState, type Targets, type Verdict } from './challenges/kind.ts'

export interface Judgement {
  readonly state: StepState
  readonly verdict: Verdict
  readonly hint: Guidance
  /** Within this step, [0, 1]. */
  readonly progress: number
  /** The frame is good enough to be used: one face, in place, in the asked pose. */
  readonly good: boolean
}

export function beginStep(
  planned: PlannedStep,
  sentMs: number,
  targets: Targets,
  neutral?: Neutral,
): StepState {
  const { step } = planned
  return {
    step,
    planned,
    sentMs,
    targets,
    neutral,
    held: [],
    onsetMs: undefined,
    previous: undefined,
    revealed: [],
    own: kindOf(step.kind).begin(step),
  }
}

export function judgeFrame(state: StepState, frame: FrameObservation): Judgement {
  const kind = kindOf(state.step.kind)
  const framing = framingHint(frame, kind.strict)
  const { face } = frame
  if (framing !== undefined || face === undefined)
    return {
      state: { ...state, previous: undefined, own: kind.lose(state.own) },
      verdict: 'pending',
      hint: framing ?? 'show-face',
      progress: state.held.length / (state.planned.frames ?? Number.POSITIVE_INFINITY),
      good: false,
    }
  const elapsedMs = frame.arrivedMs - state.sentMs
  const change = changeFrom(state.neutral ?? face.pose, face.pose)
  const { own, held, begun, ...answer } = kind.judge(state, { frame, face, change, elapsedMs })
  return {
    ...answer,
    state: {
      ...state,
      own,
      previous: face,
      held: held ?? state.held,
      onsetMs: state.onsetMs ?? (begun === true ? elapsedMs : undefined),
    },
  }
}

/** The cue whose time has come, if any: one at a time, in order; colours never follow each other faster than planned. */
export function dueCue({ planned, revealed, sentMs }: StepState, nowMs: number): PlannedCue | undefined {
  const next = planned.cues?.[revealed.length]
  if (next === undefined || nowMs - sentMs < next.afterMs) return undefined
  const lastMs = revealed.at(-1)?.atMs ?? sentMs
  return 'colour' in next && nowMs - lastMs < LEAST_COLOUR_MS ? undefined : next
}

/** The state after a cue has left. */
export function afterCue(state: StepState, { afterMs: _, ...cue }: PlannedCue, nowMs: number): StepState {
  return { ...state, revealed: [...state.revealed, { atMs: nowMs, cue }] }
}

export function measuresOf(state: StepState): StepMeasures {
  return kindOf(state.step.kind).measures?.(state) ?? {}
}
