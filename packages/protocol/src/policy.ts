/** Policies are data: named, versioned, printed into every receipt. Thresholds name an error rate or a signal's unit. */

import type { PasskeyCeremony } from './capture-messages.ts'
import type { Direction, Expression } from './challenge.ts'
import type { Measurement } from './measurement.ts'
import type { Purpose } from './session.ts'
import type {
  AssuranceLevel,
  Decision,
  EvidenceWeight,
  Reason,
  SignalName,
  Suspicion,
  Verdict,
} from './vocabulary.ts'

export type Adverse = Exclude<Decision, 'accept'>

/** One demand on one signal. Several rules may name the same signal (tiers). */
export interface Rule {
  readonly signal: SignalName
  /** Of `texture`: only this PAD network is meant. It must be there and must have measured. */
  readonly model?: string
  /**
   * The native value must reach this. A comparison may name a false match rate instead, `texture` an attack error rate:
   * that rule becomes one for every PAD network of the operator, at its own operating point (principle 5).
   */
  readonly atLeast: number | { readonly fmr: number } | { readonly apcer: number }
  readonly otherwise: Adverse
  readonly reason: Reason
  /** What follows when the signal could not be assessed. Never silence: missing evidence is not good evidence. */
  readonly missing: Adverse
  /** The rule applies to these purposes; all when absent. */
  readonly purposes?: readonly Purpose[]
}

/** Whether a virtual camera adds a step says the policy's `virtualCamera`. */
export type StepUpSuspicion = Exclude<Suspicion, 'virtual-camera'>

/** What is drawn for a capture. After the hold, everything comes in random order. */
export interface ChallengePolicy {
  /** Head poses, each with the way back; the first is a turn to the left or right, none twice in a row. */
  readonly headPoseSteps: number
  readonly directions: readonly Direction[]
  readonly yawTargetDeg: number
  readonly pitchTargetDeg: number
  /** Good frames of the hold: that many, and up to `holdSpread` more, so that nobody knows when the next step comes. */
  readonly holdFrames: number
  readonly holdSpread: number
  readonly stepLimitMs: number
  /** Paths to follow with the nose. */
  readonly follows: number
  readonly expressions: readonly Expression[]
  /** Turns with the eyes on a still dot, to either side in turn. */
  readonly gazeHolds: number
  /** Once, another size and rate of pictures. */
  readonly cameraConstraint: boolean
  /** Off in every policy that is shipped: see docs/decisions/0009-challenges-off-by-default.md. */
  readonly distance: boolean
  readonly colourLight: boolean
  /** Suspicions that add a step each instead of failing at once, and how many steps may be added. */
  readonly stepUp: { readonly on: readonly StepUpSuspicion[]; readonly most: number }
}

/**
 * What signs of a virtual camera lead to. All of them are the device's own account: their absence proves nothing.
 *   block    rejects
 *   step-up  adds a step to the challenge, then a person reviews
 *   signal   is reported, nothing more
 */
export const VIRTUAL_CAMERA_POLICIES = ['block', 'step-up', 'signal'] as const
export type VirtualCameraPolicy = (typeof VIRTUAL_CAMERA_POLICIES)[number]

/** An error rate as it was counted, with the upper end of its exact 95 % interval. */
export interface MeasuredRate {
  /** Presentations that got a response. */
  readonly n: number
  readonly rate: number
  readonly upper95: number
}

/** APCER of every PAI species, and BPCER. */
export interface PadRates {
  readonly species: Readonly<Record<string, MeasuredRate>>
  readonly bonaFide: MeasuredRate
}

/** Where a rule's threshold comes from (principle 5): a rule without one of these is the author's own word. */
export interface Calibration {
  /** The rule that is meant. */
  readonly signal: SignalName
  readonly model?: string
  readonly atLeast: number
  /** What was asked for: the APCER of every species lies below, at one-sided 95 %. */
  readonly apcer: number
  readonly measured: PadRates
  /** The same on samples that had no part in the choice of the threshold. Without them the rates above are optimistic. */
  readonly heldOut?: PadRates
  /** Whether one person's samples were never on both sides, nor counted as if independent of each other. */
  readonly bySubject: boolean
  /** File name and SHA-256 (hex) of the list of samples. */
  readonly dataset: { readonly name: string; readonly sha256: string }
  /** SHA-256 (hex) by id of the networks that the signal comes from: the threshold belongs to them. */
  readonly models: Readonly<Record<string, string>>
  /** YYYY-MM-DD. */
  readonly date: string
}

export interface Policy {
  readonly name: string
  readonly version: number
  readonly description: string
  readonly challenge: ChallengePolicy
  /** What a receipt claims when every demand on the challenge was met; `active-geometry` when absent. */
  readonly assurance?: AssuranceLevel
  readonly virtualCamera: VirtualCameraPolicy
  readonly rules: readonly Rule[]
  readonly maxAttempts: number
  readonly ttlSeconds: number
  /** Enrolment without a consent record is refused. */
  readonly consentForEnrolment: boolean
  /** So is every other session. */
  readonly consentForSessions?: boolean
  /** A WebAuthn authenticator must have verified its user (PIN, fingerprint, face); presence is enough when absent. */
  readonly userVerification?: boolean
  /** What is asked of the person's passkey at the end of a capture in a browser; nothing when absent. */
  readonly passkey?: PasskeyCeremony
  /** The policy may be used only where simulated cameras are allowed (development). */
  readonly developmentOnly?: boolean
  readonly calibration?: readonly Calibration[]
}

/** A rule whose threshold is a number in the signal's native unit. */
export interface ResolvedRule extends Omit<Rule, 'atLeast'> {
  readonly atLeast: number
  /** The false match rate the threshold stands for, where it stands for one. */
  readonly fmr?: number
  /** The same for attacks: the APCER of the worst species that was measured. */
  readonly apcer?: number
}

export interface ResolvedPolicy extends Omit<Policy, 'rules'> {
  readonly rules: readonly ResolvedRule[]
}

/** A signal as it goes into a decision. */
export interface Signal {
  readonly name: SignalName
  readonly measurement: Measurement
  /** Id of the network that measured, where several report under one name. */
  readonly model?: string
  /** Number of frames, steps or pairs behind the measurement. */
  readonly samples: number
  /** Which of several possible findings applies, when the signal knows it; replaces the rule's reason. */
  readonly finding?: Reason
}

/** One line of the evidence list: a signal, what was demanded of it, how it stood and what that may do. */
export interface Evidence {
  readonly signal: SignalName
  readonly measurement: Measurement
  /** Id of the network that measured, where several report under one name. */
  readonly model?: string
  readonly samples: number
  readonly verdict: Verdict
  readonly weight: EvidenceWeight
  /** Why the demand was not met; absent when it was, and where there was none. */
  readonly reason?: Reason
  readonly atLeast?: number
  readonly fmr?: number
  readonly apcer?: number
}
