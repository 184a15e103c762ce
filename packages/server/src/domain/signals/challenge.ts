/** challenge-response and challenge-pace: were the steps answered, in the right direction, and by a person's reaction? */
import { assessed, failed, type Signal } from '@ipse/protocol'
import type { CaptureRecord, StepResult } from '../capture-record.ts'

/**
 * Native: answered / planned; with wrong turns, minus their number, also when they were corrected: who may try both ways
 * answers every turn.
 */
export function challengeResponse({ steps, planned }: CaptureRecord): Signal {
  const answered = steps.filter(({ outcome }) => outcome === 'answered').length
  const wrong = steps.reduce((total, step) => total + wrongTurnsOf(step), 0)
  const share = planned > 0 ? answered / planned : Number.NaN
  return {
    name: 'challenge-response',
    measurement: wrong > 0 ? assessed(-wrong, 0) : assessed(share, share),
    samples: steps.length,
    ...(wrong > 0 ? { finding: 'challenge_wrong_answer' } : {}),
  }
}

/** A step that ended with a wrong answer holds one at least, whatever else is known of it. */
function wrongTurnsOf({ outcome, measures }: StepResult): number {
  return Math.max(measures?.wrongTurns ?? 0, outcome === 'wrong-answer' ? 1 : 0)
}

/** Time at which a reaction counts as certainly human, milliseconds (docs/evaluation.md). */
const HUMAN_MS = 300

/** Native: the shortest onset of an answered head-pose step, milliseconds. */
export function challengePace({ steps }: CaptureRecord): Signal {
  const onsets = steps.flatMap(({ onsetMs }) => (onsetMs === undefined ? [] : [onsetMs]))
  const shortest = Math.min(...onsets)
  return {
    name: 'challenge-pace',
    measurement:
      onsets.length === 0 ? failed('not-answered') : assessed(shortest, Math.min(1, shortest / HUMAN_MS)),
    samples: onsets.length,
  }
}
