/** challenge-response and challenge-pace: were the steps answered, in the right direction, and by a person's reaction? */
import { assessed, failed, type Signal } from '@ipse/protocol'
import type { CaptureRecord } from '../capture-record.ts'

/** Native: answered / planned, or −1 when a step was answered in another direction than the one asked for. */
export function challengeResponse({ steps, planned }: CaptureRecord): Signal {
  const answered = steps.filter(({ outcome }) => outcome === 'answered').length
  const wrong = steps.some(({ outcome }) => outcome === 'wrong-answer')
  const share = planned > 0 ? answered / planned : Number.NaN
  return {
    name: 'challenge-response',
    measurement: wrong ? assessed(-1, 0) : assessed(share, share),
    samples: steps.length,
    ...(wrong ? { finding: 'challenge_wrong_answer' } : {}),
  }
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
