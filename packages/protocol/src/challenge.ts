/**
 * The challenge: what the capture subject is asked to do, one step at a time. The server draws the plan and reveals
 * step n+1 only after the evidence of step n has arrived, so a forgery must react in real time. Within a step, cues move
 * a dot or change a colour; they too are revealed one by one.
 */
export const CHALLENGE_VERSION = 'challenge/2'

/** The subject's own directions: `left` is the subject's left, which is the right side of an unmirrored image. */
export const DIRECTIONS = ['left', 'right', 'up', 'down'] as const
export type Direction = (typeof DIRECTIONS)[number]

/** Place of a dot in the mirrored view, [-1, 1] each: x to the viewer's right, which is the subject's right; y up. */
export interface DotPlace {
  readonly x: number
  readonly y: number
}

export const EXPRESSIONS = ['mouth-open', 'blink'] as const
export type Expression = (typeof EXPRESSIONS)[number]

/** Colours of `colour-light`: told apart by cameras, none a saturated red (WCAG 2.3.1). */
export const LIGHT_COLOURS = ['white', 'green', 'blue', 'violet', 'dark'] as const
export type LightColour = (typeof LIGHT_COLOURS)[number]

/** What the screen shows for each, sRGB 0–255: light enough for dark words, except `dark`. */
export const LIGHT_SRGB: Readonly<Record<LightColour, readonly [red: number, green: number, blue: number]>> =
  {
    white: [255, 255, 255],
    green: [64, 224, 96],
    blue: [96, 144, 255],
    violet: [199, 128, 255],
    dark: [22, 24, 29],
  }

export type ChallengeStep =
  /** Look straight at the camera and keep still: the person's own neutral and the frames for comparison. */
  | { readonly kind: 'hold' }
  /** Turn the head that way, at least `targetDeg` from the own neutral. */
  | { readonly kind: 'head-pose'; readonly direction: Direction; readonly targetDeg: number }
  /** Back to the own neutral. */
  | { readonly kind: 'center' }
  /** The nose follows the dot, which is here now; cues move it. */
  | { readonly kind: 'follow'; readonly at: DotPlace }
  | { readonly kind: 'expression'; readonly expression: Expression }
  /** Turn the head while the eyes stay on a still dot. */
  | {
      readonly kind: 'gaze-hold'
      readonly direction: Direction
      readonly targetDeg: number
      readonly at: DotPlace
    }
  /** The camera, not the person: another size and rate of pictures, for the length of the step. */
  | {
      readonly kind: 'camera-constraint'
      readonly width: number
      readonly height: number
      readonly framesPerSecond: number
    }
  /** Come closer until the face is `nearer` times as wide as during the hold. */
  | { readonly kind: 'distance'; readonly nearer: number }
  /** The screen lights the face in this colour; cues change it, at most three times a second. */
  | { readonly kind: 'colour-light'; readonly colour: LightColour }

export const STEP_KINDS = [
  'hold',
  'head-pose',
  'center',
  'follow',
  'expression',
  'gaze-hold',
  'camera-constraint',
  'distance',
  'colour-light',
] as const satisfies readonly ChallengeStep['kind'][]

/** What changes within a step. */
export type Cue = { readonly at: DotPlace } | { readonly colour: LightColour }

/** The step as it is after a cue; a cue that does not belong to the step changes nothing. */
export function applyCue(step: ChallengeStep, cue: Cue): ChallengeStep {
  if (step.kind === 'follow' && 'at' in cue) return { ...step, at: cue.at }
  if (step.kind === 'colour-light' && 'colour' in cue) return { ...step, colour: cue.colour }
  return step
}

/** A cue and when it is revealed, milliseconds after the step at the earliest. */
export type PlannedCue = Cue & { readonly afterMs: number }

export interface PlannedStep {
  readonly step: ChallengeStep
  /** How long the subject may take, by the server's clock, in milliseconds. */
  readonly limitMs: number
  /** In order of time. Never leaves the server before its time. */
  readonly cues?: readonly PlannedCue[]
  /** Good frames that a hold takes. */
  readonly frames?: number
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
  'take-off-glasses',
  'uncover-face',
  'brighter-screen',
  'hold-still',
  'look-straight',
  'turn-left',
  'turn-right',
  'look-up',
  'look-down',
  'turn-further',
  'other-way',
  'slower',
  'follow-dot',
  'open-mouth',
  'open-wider',
  'blink',
  'well-done',
] as const
export type Guidance = (typeof GUIDANCE)[number]
