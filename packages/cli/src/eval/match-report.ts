/** From scores to the report of `ipse eval match`: rates, intervals and which claims the number of trials carries. */
import type { OperatingPoint } from '@ipse/engine'
import { clopperPearson, type Interval, minimumTrials } from '@ipse/server/intervals'
import { bootstrapByImage, type ImageTrial } from './bootstrap.ts'
import {
  areaUnderCurve,
  countErrors,
  equalErrorRate,
  ordered,
  pointAtFmr,
  type RatePoint,
  ratePoints,
  type Trial,
} from './metrics.ts'

/** False match rates at which the true accept rate is reported. */
export const TARGETS = [0.1, 0.01, 0.001, 0.0001] as const

/** A rate with its exact interval; the interval takes the pairs for independent. */
export interface Rate extends Interval {
  readonly value: number
  readonly errors: number
  readonly trials: number
}

export interface AtFmr {
  readonly target: number
  readonly tar: number
  readonly threshold: number
  /** The empirical FMR at the threshold; never above the target. */
  readonly fmr: Rate
  /** Bootstrap by image of the true accept rate. */
  readonly interval: Interval
  /** Whether so many non-mated comparisons can show such a rate at all. */
  readonly carried: boolean
  readonly minimumNonMated: number
}

export interface AtPoint {
  /** The error rate that the model claims, and where it was measured. */
  readonly claimed: number
  readonly threshold: number
  readonly default: boolean
  readonly fmr: Rate
  readonly fnmr: Rate
}

export interface MatchReport {
  readonly mated: number
  readonly nonMated: number
  readonly images: number
  readonly auc: number
  readonly aucInterval: Interval
  readonly eer: number
  readonly eerInterval: Interval
  readonly at: readonly AtFmr[]
  readonly operatingPoints: readonly AtPoint[]
  readonly curve: readonly RatePoint[]
}

/**
 * @param images number of images behind the trials, for the bootstrap
 * @param points thresholds fixed before the test; `standard` is the model's default
 */
export function reportMatch(
  unordered: readonly ImageTrial[],
  images: number,
  points: readonly OperatingPoint[],
  standard: OperatingPoint,
): MatchReport {
  const trials = ordered(unordered) as ImageTrial[]
  const curve = ratePoints(trials)
  const nonMated = trials.filter((trial) => !trial.mated).length
  const [auc, eer, ...tars] = bootstrapByImage(trials, images, statistics)
  return {
    mated: trials.length - nonMated,
    nonMated,
    images,
    auc: areaUnderCurve(curve),
    aucInterval: auc ?? UNKNOWN,
    eer: equalErrorRate(curve),
    eerInterval: eer ?? UNKNOWN,
    at: TARGETS.map((target, i) => {
      const { threshold, fnmr } = pointAtFmr(curve, target)
      const { falseMatches } = countErrors(trials, threshold)
      const minimumNonMated = minimumTrials(target)
      return {
        target,
        tar: 1 - fnmr,
        threshold,
        fmr: rate(falseMatches, nonMated),
        interval: tars[i] ?? UNKNOWN,
        carried: nonMated >= minimumNonMated,
        minimumNonMated,
      }
    }),
    operatingPoints: points.map((point) => {
      const counts = countErrors(trials, point.threshold)
      return {
        claimed: point.fmr,
        threshold: point.threshold,
        default: point.threshold === standard.threshold,
        fmr: rate(counts.falseMatches, counts.nonMated),
        fnmr: rate(counts.falseNonMatches, counts.mated),
      }
    }),
    curve,
  }
}

const UNKNOWN: Interval = { lower: Number.NaN, upper: Number.NaN }

function statistics(replicate: readonly Trial[]): number[] {
  const curve = ratePoints(replicate)
  return [
    areaUnderCurve(curve),
    equalErrorRate(curve),
    ...TARGETS.map((target) => 1 - pointAtFmr(curve, target).fnmr),
  ]
}

function rate(errors: number, trials: number): Rate {
  return {
    value: trials > 0 ? errors / trials : Number.NaN,
    errors,
    trials,
    ...clopperPearson(errors, trials),
  }
}
