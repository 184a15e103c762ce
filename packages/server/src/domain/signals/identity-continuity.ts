/**
 * identity-continuity: does one person stay in front of the camera? The hold's frames are compared with each other, those
 * that answered a step with their mean. The lower quartile decides, so that one bad frame does not, and a face that shows
 * every other frame does; far poses are left out (docs/evaluation.md).
 */
import { assessed, failed, type Signal } from '@ipse/protocol'
import type { CaptureRecord, ContinuityScore } from '../capture-record.ts'

/** Angles from the own neutral beyond which comparison is not trustworthy, degrees. */
const MAX_YAW_DEG = 35
const MAX_PITCH_DEG = 25

/** Native: smallest (lower quartile − limit) of hold, way back and turns, in units of the comparison score. */
export function identityContinuity({ continuity, probePairs, continuityLimits }: CaptureRecord): Signal {
  const usable = continuity.filter(
    ({ yawChangeDeg, pitchChangeDeg }) =>
      Math.abs(yawChangeDeg) <= MAX_YAW_DEG && Math.abs(pitchChangeDeg) <= MAX_PITCH_DEG,
  )
  const { frontal, turned } = continuityLimits
  const marginOf = (kind: ContinuityScore['kind']) => {
    const usual = kind === 'center' ? frontal : turned
    const own = usable.filter((compared) => compared.kind === kind)
    return lowerQuartile(own.map(({ score, limit = usual }) => score - limit))
  }
  // Every kind of step for itself: somebody else may have stood in for one of them. NaN where there is no frame: without
  // turned frames nobody knows who turned.
  const kinds = new Set<ContinuityScore['kind']>(['center', 'head-pose', ...usable.map(({ kind }) => kind)])
  const margin = Math.min(lowerQuartile(probePairs) - frontal, ...[...kinds].map(marginOf))
  return {
    name: 'identity-continuity',
    measurement: Number.isNaN(margin) ? failed('too-few-frames') : assessed(margin, margin >= 0 ? 1 : 0),
    samples: usable.length + probePairs.length,
  }
}

/** NaN of nothing. */
function lowerQuartile(scores: readonly number[]): number {
  const sorted = scores.toSorted((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) / 4)] ?? Number.NaN
}
