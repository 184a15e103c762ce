/**
 * The challenge: what the capture subject is asked to do, one step at a time. The server draws the plan and reveals
 * step n+1 only after the evidence of step n has arrived, so a forgery must react in real time.
 */
export const CHALLENGE_VERSION = 'challenge/1'

/** The subject's own directions: `left` is the subject's left, which is the right side of an unmirrored image. */
export const DIRECTIONS = ['left', 'right', 'up', 'down'] as const
export type Direction = (typeof DIRECTIONS)[number]

export type ChallengeStep =
  /** Look straight at the camera and keep still: the person's own neutral and the frames for comparison. */
  | { readonly kind: 'hold' }
  /** Turn the head that way, at least `targetDeg` from the own neutral. */
  | { readonly kind: 'head-pose'; readonly direction: Direction; readonly targetDeg: number }
  /** Back to the own neutral. */
  | { readonly kind: 'center' }

export const STEP_KINDS = ['hold', 'head-pose', 'center'] as const satisfies readonly ChallengeStep['kind'][]

export interface PlannedStep {
  readonly step: ChallengeStep
  /** How long the subject may take, by the server's clock, in milliseconds. */
  readonly limitMs: number
}

export interface ChallengePlan {
  readonly version: typeof CHALLENGE_VERSION
  readonly steps: readonly PlannedStep[]
}

/** What the person is told after a frame. One at a time, most urgent first. Coarse on purpose: no scores. */
export const GUIDANCE = [
  'show-face',
  'one-person',
  'come-closer',
  'move-back',
  'move-into-oval',
  'more-light',
  'less-light',
  'hold-still',
  'look-straight',
  'turn-left',
  'turn-right',
  'look-up',
  'look-down',
  'turn-further',
  'other-way',
  'slower',
  'well-done',
] as const
export type Guidance = (typeof GUIDANCE)[number]
