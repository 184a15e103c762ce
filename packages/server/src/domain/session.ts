/** From a decision to the session's next state, and to the little that the capture device is told. Pure. */
import type { Decision, Guidance, Outcome, Reason, SessionEvent } from '@ipse/protocol'

export interface Verdict {
  readonly event: SessionEvent
  /** The decision that stands: a retry without attempts left is a rejection. */
  readonly decision: Decision
  readonly reasons: readonly Reason[]
  readonly outcome: Outcome
}

/** What a decision about one attempt means for its session. */
export function concludeAttempt(
  decision: Decision,
  reasons: readonly Reason[],
  attemptsLeft: number,
): Verdict {
  switch (decision) {
    case 'accept':
      return { event: 'accept', decision, reasons, outcome: 'pass' }
    case 'review':
      return { event: 'escalate', decision, reasons, outcome: 'fail' }
    case 'retry':
      if (attemptsLeft > 0) return { event: 'retry', decision, reasons, outcome: 'retry' }
      return { event: 'exhaust', decision: 'reject', reasons: exhausted(reasons), outcome: 'fail' }
    default:
      return { event: 'reject', decision: 'reject', reasons, outcome: 'fail' }
  }
}

/** What a capture that ended early means for its session. */
export function abandonAttempt(attemptsLeft: number): Pick<Verdict, 'event' | 'decision' | 'reasons'> {
  return attemptsLeft > 0
    ? { event: 'abandon', decision: 'retry', reasons: ['capture_incomplete'] }
    : { event: 'exhaust', decision: 'reject', reasons: exhausted(['capture_incomplete']) }
}

function exhausted(reasons: readonly Reason[]): readonly Reason[] {
  return [...reasons, 'attempts_exhausted']
}

/** What to do better next time. Only what the guidance during the capture says too. */
const HINTS: Partial<Record<Reason, Guidance>> = {
  several_faces: 'one-person',
  quality_too_low: 'more-light',
  face_covered: 'uncover-face',
  evidence_missing: 'hold-still',
  track_broken: 'slower',
}

/** @param last the last hint of the capture: what was still to be mended when a step was not answered */
export function retryHint(reasons: readonly Reason[], last: Guidance): Guidance | undefined {
  if (reasons.includes('challenge_not_answered') && last !== 'well-done') return last
  return reasons.map((reason) => HINTS[reason]).find((hint) => hint !== undefined)
}
