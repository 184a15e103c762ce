/**
 * Was the step answered? Pure: (state, frame) → state, verdict and the one hint that the person gets.
 * Angles are changes from the person's own neutral, because absolute pose carries a bias of 4–5° per person and camera;
 * pose networks are trustworthy to about ±30° (measured, see docs/evaluation.md).
 */
import type { ChallengeStep, Direction, Guidance, StepMessage } from '@ipse/protocol'
import type { FrameObservation, PoseDeg } from './capture-record.ts'
import { framingHint } from './framing.ts'

/** Angles at which the person counts as looking straight during the hold, degrees (docs/evaluation.md). */
const STRAIGHT = { yawDeg: 15, pitchDeg: 25, rollDeg: 20 }
/** Change between neighbouring frames at which the head counts as still: degrees, and share of the frame's width. */
const STEADY = { angleDeg: 4, shift: 0.04 }
/** Angle from the own neutral that counts as back, degrees: twice the jitter of the pose (docs/evaluation.md). */
const CENTRED_DEG = 7
/** Frames in a row that show an answer; one alone may be a failure of the mesh. */
const ANSWER_FRAMES = 2
/** A wrong answer: this share of its target in another direction, that many frames in a row. */
const WRONG_SHARE = 0.8
const WRONG_FRAMES = 3
/** Share of the target at which an answer has begun: beyond idle sway of the head. */
const ONSET_SHARE = 0.4

export interface Targets {
  readonly yawDeg: number
  readonly pitchDeg: number
  readonly holdFrames: number
}

export interface StepState {
  readonly step: ChallengeStep
  readonly sentMs: number
  readonly targets: Targets
  /** Own neutral; absent during the hold. */
  readonly neutral: PoseDeg | undefined
  /** Poses of the good frames of a hold. */
  readonly held: readonly PoseDeg[]
  /** Frames in a row that show the answer, and another answer. */
  readonly reached: number
  readonly wrong: number
  readonly onsetMs: number | undefined
  readonly previous: FrameObservation['face'] | undefined
}

export type Verdict = 'pending' | 'answered' | 'wrong-answer'

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
  step: StepMessage['step'],
  sentMs: number,
  targets: Targets,
  neutral?: PoseDeg,
): StepState {
  return {
    step,
    sentMs,
    targets,
    neutral,
    held: [],
    reached: 0,
    wrong: 0,
    onsetMs: undefined,
    previous: undefined,
  }
}

export function judgeFrame(state: StepState, frame: FrameObservation): Judgement {
  const { step } = state
  const framing = framingHint(frame, step.kind === 'hold')
  const face = frame.face
  if (framing !== undefined || face === undefined) {
    const broken = { ...state, reached: 0, wrong: 0, previous: undefined }
    return {
      state: broken,
      verdict: 'pending',
      hint: framing ?? 'show-face',
      progress: progressOf(state),
      good: false,
    }
  }
  const next = { ...state, previous: face }
  if (step.kind === 'hold') return judgeHold(state, next, face)
  const change = changeFrom(state.neutral ?? face.pose, face.pose)
  return step.kind === 'center'
    ? judgeCentre(next, change)
    : judgeTurn(next, step.direction, change, frame.arrivedMs - state.sentMs)
}

function judgeHold(
  before: StepState,
  state: StepState,
  face: NonNullable<FrameObservation['face']>,
): Judgement {
  const { pose } = face
  const pending = (hint: Guidance): Judgement => ({
    state,
    verdict: 'pending',
    hint,
    progress: progressOf(state),
    good: false,
  })
  const straight =
    Math.abs(pose.yawDeg) < STRAIGHT.yawDeg &&
    Math.abs(pose.pitchDeg) < STRAIGHT.pitchDeg &&
    Math.abs(pose.rollDeg) < STRAIGHT.rollDeg
  if (!straight) return pending('look-straight')
  if (before.previous === undefined || !isSteady(before.previous, face)) return pending('hold-still')
  const held = [...state.held, pose]
  const done = held.length >= state.targets.holdFrames
  const next = { ...state, held }
  return {
    state: next,
    verdict: done ? 'answered' : 'pending',
    hint: done ? 'well-done' : 'hold-still',
    progress: progressOf(next),
    good: true,
  }
}

function judgeCentre(state: StepState, change: Change): Judgement {
  const away = Math.max(Math.abs(change.yawDeg), Math.abs(change.pitchDeg))
  const reached = away <= CENTRED_DEG ? state.reached + 1 : 0
  const done = reached >= ANSWER_FRAMES
  return {
    state: { ...state, reached },
    verdict: done ? 'answered' : 'pending',
    hint: done ? 'well-done' : 'look-straight',
    progress: done ? 1 : clamp(1 - (away - CENTRED_DEG) / state.targets.yawDeg, 0, 0.95),
    good: reached > 0,
  }
}

function judgeTurn(state: StepState, asked: Direction, change: Change, elapsedMs: number): Judgement {
  const shares = sharesOf(change, state.targets)
  const share = shares[asked]
  const [other, otherShare] = strongestOther(shares, asked)
  const [along, across] =
    asked === 'left' || asked === 'right'
      ? [change.yawDeg, change.pitchDeg]
      : [change.pitchDeg, change.yawDeg]
  const shown = share >= 1 && Math.abs(across) < Math.abs(along)
  const reached = shown ? state.reached + 1 : 0
  const wrong = !shown && otherShare >= WRONG_SHARE && otherShare > share ? state.wrong + 1 : 0
  const onsetMs = state.onsetMs ?? (share >= ONSET_SHARE ? elapsedMs : undefined)
  const verdict = reached >= ANSWER_FRAMES ? 'answered' : wrong >= WRONG_FRAMES ? 'wrong-answer' : 'pending'
  return {
    state: { ...state, reached, wrong, onsetMs },
    verdict,
    hint: turnHint(asked, share, other !== undefined && otherShare > Math.max(share, 0.5), verdict),
    progress: verdict === 'answered' ? 1 : clamp(share, 0, 0.95),
    good: shown,
  }
}

const PROMPTS = { left: 'turn-left', right: 'turn-right', up: 'look-up', down: 'look-down' } as const

function turnHint(asked: Direction, share: number, otherWay: boolean, verdict: Verdict): Guidance {
  if (verdict === 'answered') return 'well-done'
  if (otherWay) return 'other-way'
  return share >= ONSET_SHARE && share < 1 ? 'turn-further' : PROMPTS[asked]
}

interface Change {
  readonly yawDeg: number
  readonly pitchDeg: number
}

export function changeFrom(neutral: PoseDeg, pose: PoseDeg): Change {
  return { yawDeg: pose.yawDeg - neutral.yawDeg, pitchDeg: pose.pitchDeg - neutral.pitchDeg }
}

/** How far the head went each way, in shares of that direction's target. The subject's left is positive yaw. */
function sharesOf({ yawDeg, pitchDeg }: Change, targets: Targets): Record<Direction, number> {
  const [yaw, pitch] = [yawDeg / targets.yawDeg, pitchDeg / targets.pitchDeg]
  return { left: yaw, right: -yaw, up: pitch, down: -pitch }
}

function strongestOther(
  shares: Record<Direction, number>,
  asked: Direction,
): [Direction | undefined, number] {
  let best: [Direction | undefined, number] = [undefined, 0]
  for (const [direction, share] of Object.entries(shares) as [Direction, number][])
    if (direction !== asked && share > best[1]) best = [direction, share]
  return best
}

function isSteady(
  a: NonNullable<FrameObservation['face']>,
  b: NonNullable<FrameObservation['face']>,
): boolean {
  const change = changeFrom(a.pose, b.pose)
  return (
    Math.max(Math.abs(change.yawDeg), Math.abs(change.pitchDeg)) < STEADY.angleDeg &&
    Math.hypot(a.centre.x - b.centre.x, a.centre.y - b.centre.y) < STEADY.shift
  )
}

function progressOf(state: StepState): number {
  return state.step.kind === 'hold' ? clamp(state.held.length / state.targets.holdFrames, 0, 1) : 0
}

/** The person's own neutral: the median of the held frames, each angle for itself. */
export function neutralOf(held: readonly PoseDeg[]): PoseDeg | undefined {
  if (held.length === 0) return undefined
  const middle = (angle: keyof PoseDeg) =>
    held.map((pose) => pose[angle]).sort((a, b) => a - b)[Math.floor(held.length / 2)] ?? 0
  return { yawDeg: middle('yawDeg'), pitchDeg: middle('pitchDeg'), rollDeg: middle('rollDeg') }
}

/** Not a number becomes the least. */
function clamp(value: number, least: number, most: number): number {
  return value > least ? Math.min(most, value) : least
}
