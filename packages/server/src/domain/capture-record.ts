/** What one attempt left behind, as plain numbers: the input of every signal. No image and no template is in it. */
import type {
  AttestationLevel,
  CaptureFacts,
  ChallengeStep,
  FailureReason,
  Measurement,
  Quality,
} from '@ipse/protocol'
import type { LightResponse } from './challenges/light-response.ts'
import type { ChangeObservation, PictureObservation, TurnObservation } from './turn-observation.ts'

export interface PoseDeg {
  /** Positive: the nose points to the image's right, the subject's own left. */
  readonly yawDeg: number
  /** Positive: the nose points up. */
  readonly pitchDeg: number
  /** Positive: clockwise in the image. */
  readonly rollDeg: number
}

/** How open the face is to view: contrast of the eyes, agreement of the lower face with the skin above. */
export interface VisibilityObservation {
  readonly eyes: Measurement
  readonly lowerFace: Measurement
}

/** Mean linear light of patches of the face and of its surround, [0, 1] each; those that could be read. */
export type LightPatch =
  | 'forehead'
  | 'nose'
  | 'rightCheek'
  | 'leftCheek'
  | 'rightSide'
  | 'leftSide'
  | 'surround'
export type LightObservation = Readonly<
  Partial<Record<LightPatch, readonly [red: number, green: number, blue: number]>>
>

/** One measured frame. */
export interface FrameObservation {
  readonly frame: number
  /** Index of the step that was open by the server's account when the frame arrived. */
  readonly step: number
  /** Server's monotonic clock, milliseconds. */
  readonly arrivedMs: number
  /** Device's clock as it states it, microseconds. */
  readonly capturedUs: number
  /** SHA-256 of the encoded frame, base64url. */
  readonly digest: string
  /** Real size of the decoded picture, pixels. */
  readonly width: number
  readonly height: number
  /** 32 × 32 grey, row-major. */
  readonly thumbnail: Uint8Array
  /** How many there are; absent when the frame was not searched for them. */
  readonly faces?: number
  /** Of the largest face; absent without one. */
  readonly face?: {
    readonly pose: PoseDeg
    /** Probability that the mesh sits on a face, [0, 1]. */
    readonly presence: number
    /** Width of the face box / width of the frame. */
    readonly widthShare: number
    /** Centre of the face box in shares of the frame, [0, 1]. */
    readonly centre: { readonly x: number; readonly y: number }
    /** Eye aspect ratio, open about .27; mouth aspect ratio, closed about .04 (docs/evaluation.md). */
    readonly eyeOpenness: number
    readonly mouthOpenness: number
    /** Distance of the outer eye corners, pixels. */
    readonly outerEyeDistancePx: number
    /** Of frames that were searched. */
    readonly quality?: Quality
  }
  readonly texture?: Readonly<Record<string, Measurement>>
  /** Absent without a face. */
  readonly light?: LightObservation
  readonly visibility?: VisibilityObservation
  /** Of chosen frames of the hold. */
  readonly picture?: PictureObservation
  /** Absent for the first frame of a size. */
  readonly change?: ChangeObservation
}

export type StepOutcome = 'answered' | 'wrong-answer' | 'not-answered'

/** What a step measured beside its outcome; each kind has its own. */
export interface StepMeasures {
  /** follow: how the head went along with the path, the lag behind it, and the share of its spread. */
  readonly correlation?: number
  readonly lagMs?: number
  readonly gain?: number
  /** expression: the most that was shown, as a share of what was asked. */
  readonly expressionShare?: number
  /** head-pose, gaze-hold: turns in another direction than the one asked for, corrected or not. */
  readonly wrongTurns?: number
  /** camera-constraint: share of the demands on size and rate that the pictures met. */
  readonly constraintMet?: number
  /** colour-light: how the face answered; absent when too little of it was seen. */
  readonly light?: LightResponse
}

export interface StepResult {
  readonly step: ChallengeStep
  /** A camera-constraint is answered by pictures of any size; its measures say how far they met it. */
  readonly outcome: StepOutcome
  /** From sending the step to the begin of its answer, milliseconds; steps that began to be answered with a movement only. */
  readonly onsetMs?: number
  readonly measures?: StepMeasures
}

/** Comparison of a frame that answered a step with the probe, the mean of the hold's frames of the same capture. */
export interface ContinuityScore {
  readonly frame: number
  readonly kind: Exclude<ChallengeStep['kind'], 'hold'>
  /** From the person's own neutral, degrees. */
  readonly yawChangeDeg: number
  readonly pitchChangeDeg: number
  readonly score: number
  /** Of a score of the first network alone: what it had to reach, instead of the limits below. */
  readonly limit?: number
}

/** Smallest comparison scores at which faces of one capture count as one person. */
export interface ContinuityLimits {
  readonly frontal: number
  readonly turned: number
}

/** What coming nearer changed in the shape of the face. */
export interface ApproachObservation {
  /** Change of perspective as a share of what the depth of a head makes; 0 for a plane. */
  readonly perspective: number
  /** How many times as large the face became. */
  readonly grown: number
  /** The smaller number of frames of the two distances. */
  readonly frames: number
}

/** What the device proved over the transcript: a level, a proof that was refused, or why there is neither. */
export type AttestationObservation =
  | { readonly level: AttestationLevel }
  | { readonly missing: FailureReason }

export interface CaptureRecord {
  readonly frames: readonly FrameObservation[]
  /** Frame from which on the person was in place: the first good one of the hold step. */
  readonly settledFrame: number | undefined
  /** Results of the steps that were issued, in order. */
  readonly steps: readonly StepResult[]
  /** Number of steps in the plan. */
  readonly planned: number
  readonly facts: CaptureFacts | undefined
  /** Whether the device describes itself otherwise than in an earlier attempt of the session; absent without one. */
  readonly describedOtherwise?: boolean
  /** Turns of the head that were followed, in order. */
  readonly turns: readonly TurnObservation[]
  /** The face from two distances; absent when nothing was asked or it did not come nearer. */
  readonly approach?: ApproachObservation
  readonly continuity: readonly ContinuityScore[]
  /** Scores of the probe's frames among each other, every pair once. */
  readonly probePairs: readonly number[]
  readonly continuityLimits: ContinuityLimits
  /** Frames whose templates were merged into the probe. */
  readonly probeFrames: readonly number[]
  /** The most in common with any one earlier session of the tenant; the reason when the index could not be asked. */
  readonly replay:
    | {
        /** Looked up: segments of the motion, and frames with a face. */
        readonly segments: number
        readonly frames: number
        readonly sameSegments: number
        /** The same picture, byte for byte. */
        readonly sameFrames: number
      }
    | { readonly missing: FailureReason }
  /** Absent where no transcript is: recordings. */
  readonly attestation?: AttestationObservation
  /** Probe against reference; the reason when there is no score. */
  readonly match: { readonly score: number } | { readonly missing: FailureReason }
}
