/** One presentation of an attack or of a bona fide person: what is asked for, and what came of it. */
import type { Decision } from '@ipse/protocol'

/** The method of sessions that are no attack, and of those that enrol the people. */
export const BONA_FIDE = 'bona-fide'
export const ENROLMENT = 'enrolment'

export interface Job {
  /** Name of a method, `bona-fide` or `enrolment`. */
  readonly method: string
  /** Name of an instrument or of a tampering. */
  readonly instrument: string
  readonly variant: string
  /** Places in the cast: whose session it is, and who attacks. */
  readonly victim: number
  readonly attacker: number
  readonly seed: number
}

export interface Presentation {
  readonly job: Job
  /** The service accepted the session: read from the service, never from what the device was told. */
  readonly accepted: boolean
  /** False when the service was not able to answer; such a presentation says nothing about the attack. */
  readonly responded: boolean
  readonly decision?: Decision
  /** Why it was not accepted; for refusals at the protocol the error's code. */
  readonly reasons: readonly string[]
  /** Native measure of every signal that was assessed. */
  readonly evidence: Readonly<Record<string, number>>
  /** Signals below the threshold of a rule, and signals that could not be assessed. */
  readonly against: readonly string[]
  readonly insufficient: readonly string[]
  /** Kinds of steps that the service asked for. */
  readonly asked: readonly string[]
  readonly frames: number
  /** Share of the frame rate asked for that the camera kept; absent without a camera of this process. */
  readonly rateKept?: number
  readonly seconds: number
}
