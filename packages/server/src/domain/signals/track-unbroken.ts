/**
 * track-unbroken: was one and the same face followed through the turns? An exchanged photograph keeps 1 to 10 % of the
 * corners, a person who turns most of them (docs/evaluation.md).
 */
import { assessed, failed, type Signal } from '@ipse/protocol'
import type { CaptureRecord } from '../capture-record.ts'
import type { TurnObservation } from '../turn-observation.ts'

/**
 * Share of a turn that may happen between two frames: the fastest people make .52 of it at ten frames a second, .65 at
 * eight; photographs that are exchanged make nearly all of it (docs/evaluation.md).
 */
const MAX_STEP_SHARE = 0.8

/** The same face was seen all the way. */
export function isUnbroken({
  broken,
  largestStepDeg,
  yawChangeDeg,
  pitchChangeDeg,
}: TurnObservation): boolean {
  const angleDeg = Math.max(Math.abs(yawChangeDeg), Math.abs(pitchChangeDeg))
  return !broken && largestStepDeg <= MAX_STEP_SHARE * angleDeg
}

/** Native: share of the turns that were followed to their end, none of them in one jump. */
export function trackUnbroken({ turns }: CaptureRecord): Signal {
  const share = turns.filter(isUnbroken).length / turns.length
  return {
    name: 'track-unbroken',
    measurement: turns.length === 0 ? failed('not-answered') : assessed(share, share),
    samples: turns.length,
  }
}
