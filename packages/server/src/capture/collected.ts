/** Everything that a capture leaves behind, in memory, until it is judged. */
import type { Likeness, Template } from '@ipse/engine'
import type {
  CaptureFacts,
  ChallengePlan,
  DeviceAttestation,
  Guidance,
  PasskeyHindrance,
} from '@ipse/protocol'
import type {
  ApproachObservation,
  AttestationObservation,
  ContinuityScore,
  FrameObservation,
  StepResult,
} from '../domain/capture-record.ts'
import type { Neutral } from '../domain/step-judge.ts'
import type { TurnObservation } from '../domain/turn-observation.ts'

export interface Collected {
  facts: CaptureFacts | undefined
  /** The drawn plan, and what suspicion added to it. */
  plan: ChallengePlan
  readonly frames: FrameObservation[]
  readonly steps: StepResult[]
  readonly turns: TurnObservation[]
  approach: ApproachObservation | undefined
  /** Templates of chosen frames of the hold, by frame number. */
  readonly templates: Map<number, Template>
  /** Their mean, once the hold has been answered. */
  probe: Template | undefined
  /** Chosen frames of later steps beside the probe, by frame number. */
  readonly compared: Map<number, Likeness & Pick<ContinuityScore, 'kind'>>
  neutral: Neutral | undefined
  settledFrame: number | undefined
  /** Encoded frames of some steps, where pictures are kept. */
  readonly pictures: Map<number, Uint8Array>
  /** Frames received, measured or not. */
  received: number
  lastHint: Guidance
  /** What came with the signed end, as it came, and what it proved. */
  attestation: DeviceAttestation | undefined
  attested: AttestationObservation
  /** Why no passkey came although one was asked for. */
  passkeyHindrance: PasskeyHindrance | undefined
}

export function emptyCollection(plan: ChallengePlan): Collected {
  return {
    plan,
    facts: undefined,
    frames: [],
    steps: [],
    turns: [],
    approach: undefined,
    templates: new Map(),
    probe: undefined,
    compared: new Map(),
    neutral: undefined,
    settledFrame: undefined,
    pictures: new Map(),
    received: 0,
    lastHint: 'show-face',
    attestation: undefined,
    attested: { missing: 'not-supported' },
    passkeyHindrance: undefined,
  }
}
