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

/** How the turns fit a photograph over a mesh: means over the turns that count. High is a person, but for `explained`. */
export interface PuppetTraits {
  /** ln(structure / .018). */
  readonly structure: number
  /** ln((gaze + .005) / .02); gaze that could not be measured stands in the middle. */
  readonly gaze: number
  /** Share of the parallax that the mesh explains, at most 1. */
  readonly explained: number
  readonly turns: number
}

/** Nothing when fewer than two turns count. */
export function puppetTraits(turns: readonly TurnObservation[]): PuppetTraits | undefined {
  const counted = turns.filter(
    (turn) =>
      isUnbroken(turn) &&
      turn.corners >= MIN_CORNERS &&
      Math.abs(turn.yawChangeDeg) >= MIN_YAW_DEG &&
      turn.outerEyeDistancePx >= MIN_EYE_DISTANCE_PX &&
      turn.structureResidual.status === 'assessed',
  )
  if (counted.length < MIN_TURNS) return undefined
  const mean = (of: (turn: TurnObservation) => number) =>
    counted.reduce((sum, turn) => sum + of(turn), 0) / counted.length
  return {
    structure: mean(lnStructure),
    gaze: mean(lnGaze),
    explained: mean(explained),
    turns: counted.length,
  }
}

/** Native: mean over the turns of ln(structure / .018) + .7 ln((gaze + .005) / .02). Puppets lie below .2, people above. */
export function puppet({ turns }: CaptureRecord): Signal {
  const traits = puppetTraits(turns)
  if (!traits) return { name: 'puppet', measurement: failed('too-few-frames'), samples: 0 }
  const native = traits.structure + GAZE.weight * traits.gaze
  return {
    name: 'puppet',
    measurement: assessed(native, 1 / (1 + Math.exp(0.2 - native))),
    samples: traits.turns,
  }
}

function lnStructure({ structureResidual }: TurnObservation): number {
  return Math.log(Math.max(LEAST_STRUCTURE, nativeOf(structureResidual)) / STRUCTURE_CENTRE)
}

function lnGaze({ gazeCoupling }: TurnObservation): number {
  const gaze = nativeOf(gazeCoupling)
  return Number.isNaN(gaze) ? 0 : Math.log((gaze + GAZE.offset) / GAZE.centre)
}

/** What is not known counts as explained: as a puppet would. */
function explained({ structureExplained }: TurnObservation): number {
  const share = nativeOf(structureExplained)
  return Number.isNaN(share) ? 1 : share
}
