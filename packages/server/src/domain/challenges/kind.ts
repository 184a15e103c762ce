/**
 * What every kind of challenge step is on the server, one file a kind: drawn from a CSPRNG, begun, judged frame by frame,
 * measured at its end. Pure. Angles are changes from the person's own neutral, because absolute pose carries a bias of
 * 4–5° per person and camera; pose networks are trustworthy to about ±30° (measured, see docs/evaluation.md).
 */
import type { ChallengePolicy, ChallengeStep, Cue, Direction, Guidance, PlannedStep } from '@ipse/protocol'
import type { FrameObservation, PoseDeg, StepMeasures } from '../capture-record.ts'
import type { Draw } from './draw.ts'

export type Face = NonNullable<FrameObservation['face']>

/** The person's own neutral: medians of the hold. */
export interface Neutral extends PoseDeg {
  readonly mouthOpenness: number
  readonly eyeOpenness: number
  readonly widthShare: number
}

export interface Targets {
  readonly yawDeg: number
  readonly pitchDeg: number
}

export interface Revealed {
  /** Server's clock at which the cue left, milliseconds. */
  readonly atMs: number
  readonly cue: Cue
}

export interface StepState<Step extends ChallengeStep = ChallengeStep, Own = unknown> {
  readonly step: Step
  readonly planned: PlannedStep
  readonly sentMs: number
  readonly targets: Targets
  /** Absent during the hold. */
  readonly neutral: Neutral | undefined
  /** Good frames of a hold. */
  readonly held: readonly Neutral[]
  /** From sending the step to the begin of its answer. */
  readonly onsetMs: number | undefined
  readonly previous: Face | undefined
  readonly revealed: readonly Revealed[]
  /** What the kind itself keeps. */
  readonly own: Own
}

export type Verdict = 'pending' | 'answered' | 'wrong-answer' | 'not-answered'

/** What a kind makes of a frame with one face in place. */
export interface Answer<Own> {
  readonly own: Own
  readonly verdict: Verdict
  readonly hint: Guidance
  /** Within this step, [0, 1]. */
  readonly progress: number
  /** The frame shows what was asked. */
  readonly good: boolean
  /** The answer begins with this frame, or began before. */
  readonly begun?: boolean
  /** Frames of a hold so far. */
  readonly held?: readonly Neutral[]
}

/** A frame as a kind sees it. */
export interface Sight {
  readonly frame: FrameObservation
  readonly face: Face
  /** Change from the own neutral. */
  readonly change: Change
  readonly elapsedMs: number
}

export interface ChallengeKind<Step extends ChallengeStep = ChallengeStep, Own = unknown> {
  /** Size, place and light of the face matter as well: where frames for comparison are taken. */
  readonly strict: boolean
  /** @param before steps that were drawn already */
  draw(challenge: ChallengePolicy, draw: Draw, before: readonly PlannedStep[]): readonly PlannedStep[]
  begin(step: Step): Own
  judge(state: StepState<Step, Own>, sight: Sight): Answer<Own>
  /** The frame shows no usable face: runs of frames begin anew. */
  lose(own: Own): Own
  /** What is left of the step for signals. */
  measures?(state: StepState<Step, Own>): StepMeasures
}

export interface Change {
  readonly yawDeg: number
  readonly pitchDeg: number
}

export function changeFrom(neutral: PoseDeg, pose: PoseDeg): Change {
  return { yawDeg: pose.yawDeg - neutral.yawDeg, pitchDeg: pose.pitchDeg - neutral.pitchDeg }
}

export function isYaw(direction: Direction): boolean {
  return direction === 'left' || direction === 'right'
}

/** Not a number becomes the least. */
export function clamp(value: number, least: number, most: number): number {
  return value > least ? Math.min(most, value) : least
}
