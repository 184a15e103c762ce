/**
 * identity-continuity: does one person stay in front of the camera? Frames are compared with the mean of the frontal
 * ones; the median of a pose bin decides, never one frame, and far or tilted poses are left out (docs/evaluation.md).
 */
import { assessed, failed, type Signal } from '@ipse/protocol'
import type { CaptureRecord, ContinuityScore } from '../capture-record.ts'

/** Bins by angle from the own neutral, degrees: below the smallest target of a step, up to where scores can be trusted. */
const FRONTAL_DEG = 10
const TURNED_DEG = 35
const TILTED_DEG = 25

/** Native: smallest (median score − limit) over the bins, in units of the comparison score. */
export function identityContinuity({ continuity, continuityLimits }: CaptureRecord): Signal {
  const bins: [ContinuityScore[], number][] = [
    [continuity.filter((score) => angle(score) < FRONTAL_DEG), continuityLimits.frontal],
    [continuity.filter(isTurned), continuityLimits.turned],
  ]
  const margins = bins.flatMap(([scores, limit]) => (scores.length === 0 ? [] : [median(scores) - limit]))
  // Only turned frames beside the frontal ones show that nobody changed places during the challenge.
  const enough = bins.every(([scores]) => scores.length > 0)
  const margin = Math.min(...margins)
  return {
    name: 'identity-continuity',
    measurement: enough ? assessed(margin, margin >= 0 ? 1 : 0) : failed('too-few-frames'),
    samples: continuity.length,
  }
}

function angle({ yawChangeDeg, pitchChangeDeg }: ContinuityScore): number {
  return Math.max(Math.abs(yawChangeDeg), Math.abs(pitchChangeDeg))
}

function isTurned(score: ContinuityScore): boolean {
  return (
    angle(score) >= FRONTAL_DEG &&
    Math.abs(score.yawChangeDeg) <= TURNED_DEG &&
    Math.abs(score.pitchChangeDeg) <= TILTED_DEG
  )
}

function median(scores: readonly ContinuityScore[]): number {
  const sorted = scores.map(({ score }) => score).sort((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN
}
