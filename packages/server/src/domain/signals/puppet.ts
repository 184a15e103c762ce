/**
 * puppet: is it one photograph, warped in three dimensions? Such a face fits the mesh's own depth too well, and its eyes
 * do not move in the head. A hint that may ask for a person's eye and must never reject by itself: it does not see a
 * replayed recording or a re-enactment, and an attacker who knows it gets past it (docs/evaluation.md).
 */
import { assessed, failed, type Signal } from '@ipse/protocol'
import type { CaptureRecord } from '../capture-record.ts'
import type { TurnObservation } from '../turn-observation.ts'
import { nativeOf } from './native.ts'
import { MIN_EYE_DISTANCE_PX } from './planarity.ts'
import { isUnbroken } from './track-unbroken.ts'

/** Turns that count, degrees of yaw, and how many there must be: one alone says little. */
const MIN_YAW_DEG = 13
const MIN_TURNS = 2
const MIN_CORNERS = 25
/** Centres and weight of the score; they belong to the mesh network that is shipped. */
const STRUCTURE_CENTRE = 0.018
/** Finer than tracking resolves, outer-eye distances: keeps the logarithm finite, so that a perfect fit counts in full. */
const LEAST_STRUCTURE = 0.0005
const GAZE = { centre: 0.02, offset: 0.005, weight: 0.7 }

/** Native: mean over the turns of ln(structure / .018) + .7 ln((gaze + .005) / .02). Puppets lie below .2, people above. */
export function puppet({ turns }: CaptureRecord): Signal {
  const scores = turns
    .filter(
      (turn) =>
        isUnbroken(turn) &&
        turn.corners >= MIN_CORNERS &&
        Math.abs(turn.yawChangeDeg) >= MIN_YAW_DEG &&
        turn.outerEyeDistancePx >= MIN_EYE_DISTANCE_PX,
    )
    .map(scoreOf)
    .filter((score) => !Number.isNaN(score))
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length
  return {
    name: 'puppet',
    measurement:
      scores.length < MIN_TURNS ? failed('too-few-frames') : assessed(mean, 1 / (1 + Math.exp(0.2 - mean))),
    samples: scores.length,
  }
}

/** Gaze that could not be measured stands in the middle. */
function scoreOf({ structureResidual, gazeCoupling }: TurnObservation): number {
  const gaze = nativeOf(gazeCoupling)
  const looking = Number.isNaN(gaze) ? 0 : Math.log((gaze + GAZE.offset) / GAZE.centre)
  const structure = Math.max(LEAST_STRUCTURE, nativeOf(structureResidual))
  return Math.log(structure / STRUCTURE_CENTRE) + GAZE.weight * looking
}
