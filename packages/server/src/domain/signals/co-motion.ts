/**
 * co-motion: does the surround turn with the face? Behind a person it does not; on a print or a telephone it does. Blind
 * for a print that is cut out and for a plain wall. Counts in turns only: when nothing but the camera moves, everything
 * moves alike (docs/evaluation.md).
 */
import { assessed, failed, type Signal } from '@ipse/protocol'
import type { CaptureRecord } from '../capture-record.ts'
import type { TurnObservation } from '../turn-observation.ts'
import { assessedNatives } from './native.ts'

/** Turns that count, degrees of yaw. */
const MIN_YAW_DEG = 8
/** Share of the surround from which it is one thing with the face, and the turns that must show it. */
const ONE_THING = 0.6
const TURNS = 2

function shares(turns: readonly TurnObservation[]): number[] {
  const turned = turns.filter(({ yawChangeDeg }) => Math.abs(yawChangeDeg) >= MIN_YAW_DEG)
  return assessedNatives(turned.map(({ coMotion }) => coMotion)).sort((a, b) => b - a)
}

/** Two turns show face and surround as one thing. */
export function movesWithSurround(turns: readonly TurnObservation[]): boolean {
  const share = shares(turns)[TURNS - 1]
  return share !== undefined && share >= ONE_THING
}

/** Native: 1 − the second largest share of the surround that moved with the face; of one turn, its own. */
export function coMotion({ turns }: CaptureRecord): Signal {
  const found = shares(turns)
  const share = found[TURNS - 1] ?? found[0]
  return {
    name: 'co-motion',
    measurement: share === undefined ? failed('too-few-points') : assessed(1 - share, 1 - share),
    samples: found.length,
  }
}
