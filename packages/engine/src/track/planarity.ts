/**
 * Is the thing that turned a plane? A print or a display moves by a homography, a head does not: the nose goes its
 * own way. Says nothing about a replayed recording of a real turn, which moves like the head it shows.
 */
import { assessed, type FailureReason, failed, type Measurement } from '@ipse/protocol'
import { fitHomography } from './homography.ts'
import { rigidResidual } from './rigid.ts'
import { medianDistance } from './tracker.ts'

/** Fewer survivors are not measured; a policy should ask for more (25 in docs/evaluation.md). */
export const MIN_SURVIVORS = 12
/** Sub-pixel limit of the rigid residual in outer-eye distances: below, the ratio would only divide by noise. */
const RIGID_FLOOR = 0.003
/** Native values at which the score is one half: the operating values of docs/evaluation.md. */
const HALF_SCORE = { residual: 0.015, rigidResidual: 0.01, ratio: 1.8, displacement: 0.1 } as const

export interface Planarity {
  /** Corners followed without a gap from the reference to the target. */
  readonly survivors: number
  /** Distance from the best plane motion, RMS of the best 90 %, outer-eye distances. High: not a plane. */
  readonly residual: Measurement
  /** The same from the best rigid motion: noise of tracking and softness of the face. */
  readonly rigidResidual: Measurement
  /** residual / max(rigidResidual, .003). High: the residual is shape, not noise. */
  readonly ratio: Measurement
  /** Median way of the corners, outer-eye distances. Below about .1 a low residual tells nothing. */
  readonly displacement: Measurement
}

/**
 * Compares corners at the reference with the same corners at the target.
 * @param from x, y pairs at the reference; `to` the same corners at the target
 * @param outerEyeDistancePx of the reference face, in the pixels of the points
 */
export function planarity(from: Float64Array, to: Float64Array, outerEyeDistancePx: number): Planarity {
  const survivors = from.length / 2
  if (survivors < MIN_SURVIVORS) return notMeasured(survivors, 'too-few-points')
  const plane = fitHomography(from, to)
  const rigid = rigidResidual(from, to)
  /** Corners on one line determine no plane: there are too few that differ. */
  if (plane === undefined || rigid === undefined) return notMeasured(survivors, 'too-few-points')
  const residual = plane.rms / outerEyeDistancePx
  const rigidity = rigid / outerEyeDistancePx
  return {
    survivors,
    residual: scored(residual, HALF_SCORE.residual),
    rigidResidual: scored(rigidity, HALF_SCORE.rigidResidual),
    ratio: scored(residual / Math.max(rigidity, RIGID_FLOOR), HALF_SCORE.ratio),
    displacement: scored(medianDistance({ from, to }) / outerEyeDistancePx, HALF_SCORE.displacement),
  }
}

/** What is reported when nothing could be measured. */
export function notMeasured(survivors: number, reason: FailureReason): Planarity {
  const failure = failed(reason)
  return { survivors, residual: failure, rigidResidual: failure, ratio: failure, displacement: failure }
}

/** Rises with the value; one half at `half`. Not finite: a failure, see `assessed`. */
function scored(value: number, half: number): Measurement {
  return assessed(value, value / (value + half))
}
