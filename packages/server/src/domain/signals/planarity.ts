/**
 * planarity: did a head turn, or a plane? Corners of the face are compared with the best motion of a plane. A print or a
 * display fits it, a nose does not; a replayed recording of a real turn passes, because it shows one (docs/evaluation.md).
 */
import { assessed, type FailureReason, failed, type Measurement, type Signal } from '@ipse/protocol'
import type { CaptureRecord } from '../capture-record.ts'
import type { TurnObservation } from '../turn-observation.ts'
import { movesWithSurround } from './co-motion.ts'
import { nativeOf } from './native.ts'
import { isUnbroken } from './track-unbroken.ts'

/** Fewer corners or smaller faces are not measured (docs/evaluation.md). */
const MIN_CORNERS = 25
export const MIN_EYE_DISTANCE_PX = 60
/**
 * Turns that count, degrees. Aside: what a step of 18° leaves when its track begins up to 3.5° off the neutral pose; below,
 * bent prints are not told from heads. Up or down: the smallest that was measured.
 */
const MIN_YAW_DEG = 14
const MIN_PITCH_DEG = 12
/** What a turn must show: residual in outer-eye distances, and its ratio to the noise. A wide turn shows more. */
const DEMAND = { residual: 0.015, ratio: 1.8 }
const WIDE_DEG = 20
const WIDE_DEMAND = { residual: 0.02, ratio: 2 }
/**
 * Least way of the corners for every degree of the turn, in outer-eye distances: rendered heads move .009, photographs that
 * are faded into each other .0003 to .003. Not measured on real footage; less is another attempt.
 */
const WAY_PER_DEG = 0.004
/** A turn that reads this flat while the face moved this far is a plane, whatever the other turns show. */
const FLAT = { residual: 0.01, displacement: 0.1 }
/** Native of a plane, at most: two thirds of what is asked. */
const PLANE = FLAT.residual / DEMAND.residual

/**
 * Native: the best yaw turn's smaller share of its two demands, 1 is enough; at most ⅔ when any turn is a plane or the
 * surround moves along. Turns up or down count when there is no other, and can only pass.
 */
export function planarity({ turns }: Pick<CaptureRecord, 'turns'>): Signal {
  const sound = turns.filter((turn) => reasonAgainst(turn) === undefined)
  const wide = sound.filter(({ yawChangeDeg }) => Math.abs(yawChangeDeg) >= MIN_YAW_DEG)
  return {
    name: 'planarity',
    measurement: wide.length > 0 ? yawMeasurement(wide, turns) : pitchMeasurement(sound, turns),
    samples: sound.length,
  }
}

function yawMeasurement(wide: readonly TurnObservation[], all: readonly TurnObservation[]): Measurement {
  const best = Math.max(...wide.map(shareOf))
  const flattest = Math.min(
    ...wide
      .filter((turn) => nativeOf(turn.displacement) >= FLAT.displacement)
      .map((turn) => nativeOf(turn.residual))
      .filter((residual) => residual < FLAT.residual),
  )
  const native = Math.min(best, flattest / DEMAND.residual, movesWithSurround(all) ? PLANE / 2 : best)
  return assessed(native, Math.max(0, Math.min(1, native)))
}

function pitchMeasurement(sound: readonly TurnObservation[], all: readonly TurnObservation[]): Measurement {
  const turned = sound.filter(({ pitchChangeDeg }) => Math.abs(pitchChangeDeg) >= MIN_PITCH_DEG)
  const best = Math.max(...turned.map(shareOf))
  if (best >= 1 && !movesWithSurround(all)) return assessed(best, 1)
  const [reason = 'pose-out-of-range'] = all.flatMap((turn) => reasonAgainst(turn) ?? [])
  return failed(all.length === 0 ? 'not-answered' : reason)
}

function shareOf({ residual, ratio, yawChangeDeg }: TurnObservation): number {
  const demand = Math.abs(yawChangeDeg) >= WIDE_DEG ? WIDE_DEMAND : DEMAND
  return Math.min(nativeOf(residual) / demand.residual, nativeOf(ratio) / demand.ratio)
}

/** Why a turn cannot be measured. */
function reasonAgainst(turn: TurnObservation): FailureReason | undefined {
  if (!isUnbroken(turn)) return 'track-lost'
  if (!(turn.outerEyeDistancePx >= MIN_EYE_DISTANCE_PX)) return 'face-too-small'
  if (!(turn.corners >= MIN_CORNERS)) return 'too-few-points'
  for (const measured of [turn.residual, turn.ratio, turn.displacement])
    if (measured.status !== 'assessed') return measured.reason
  const angleDeg = Math.max(Math.abs(turn.yawChangeDeg), Math.abs(turn.pitchChangeDeg))
  if (!(nativeOf(turn.displacement) >= WAY_PER_DEG * angleDeg)) return 'track-lost'
  return undefined
}
