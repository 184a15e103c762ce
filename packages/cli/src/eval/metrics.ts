/**
 * Error rates of comparison scores (ISO/IEC 19795-1). Pure. A comparison is a match when score ≥ threshold.
 * Every trial has a weight, so that the same code serves the sample and its bootstrap replicates.
 */
export interface Trial {
  readonly score: number
  readonly mated: boolean
  /** How often the trial counts; 1 in the sample itself. */
  readonly weight: number
}

/** FMR and FNMR at one threshold, as shares. */
export interface RatePoint {
  readonly threshold: number
  readonly fmr: number
  readonly fnmr: number
}

/**
 * The empirical rates at every threshold that changes them: from "nothing matches" (threshold ∞, FMR 0, FNMR 1) down to
 * "everything matches". Tied scores change the rates together, so a tie can never be split in our favour.
 * @param trials ordered by falling score, see {@link ordered}
 */
export function ratePoints(trials: readonly Trial[]): RatePoint[] {
  const mated = total(trials, true)
  const nonMated = total(trials, false)
  const points: RatePoint[] = [{ threshold: Number.POSITIVE_INFINITY, fmr: 0, fnmr: 1 }]
  let matches = 0
  let falseMatches = 0
  trials.forEach(({ score, mated: isMated, weight }, index) => {
    if (isMated) matches += weight
    else falseMatches += weight
    if (trials[index + 1]?.score !== score)
      points.push({ threshold: score, fmr: share(falseMatches, nonMated), fnmr: 1 - share(matches, mated) })
  })
  return points
}

/** Trials by falling score. @throws RangeError for a score that is no number: it must not vanish in a sort */
export function ordered(trials: readonly Trial[]): Trial[] {
  if (trials.some(({ score }) => !Number.isFinite(score))) throw new RangeError('a score is not a number')
  return [...trials].sort((a, b) => b.score - a.score)
}

function total(trials: readonly Trial[], mated: boolean): number {
  return trials.reduce((sum, trial) => sum + (trial.mated === mated ? trial.weight : 0), 0)
}

/** Not a number when there is nothing to divide by: a rate over no trials is unknown, not zero. */
function share(part: number, whole: number): number {
  return whole > 0 ? part / whole : Number.NaN
}

/** Area under the ROC: the probability that a mated score is above a non-mated one, ties counting half. */
export function areaUnderCurve(points: readonly RatePoint[]): number {
  let area = 0
  for (let i = 1; i < points.length; i++) {
    const [before, here] = [points[i - 1]!, points[i]!]
    area += ((here.fmr - before.fmr) * (2 - here.fnmr - before.fnmr)) / 2
  }
  return area
}

/** The rate at which FMR and FNMR are equal, on the straight line between the two points around the crossing. */
export function equalErrorRate(points: readonly RatePoint[]): number {
  const crossing = points.findIndex(({ fmr, fnmr }) => fmr >= fnmr)
  if (crossing < 1) return Number.NaN
  const [before, here] = [points[crossing - 1]!, points[crossing]!]
  const gapBefore = before.fnmr - before.fmr
  const gapHere = here.fmr - here.fnmr
  const way = gapBefore / (gapBefore + gapHere)
  return before.fmr + way * (here.fmr - before.fmr)
}

/** The lowest threshold whose empirical FMR does not exceed `fmr`. True accept rate there: 1 − FNMR. */
export function pointAtFmr(points: readonly RatePoint[], fmr: number): RatePoint {
  let best = points[0]!
  for (const point of points) {
    if (!(point.fmr <= fmr)) break
    best = point
  }
  return best
}

export interface ErrorCounts {
  readonly mated: number
  readonly falseNonMatches: number
  readonly nonMated: number
  readonly falseMatches: number
}

/** Errors at a threshold that was fixed beforehand. */
export function countErrors(trials: readonly Trial[], threshold: number): ErrorCounts {
  const below = trials.filter(({ mated, score }) => mated && !(score >= threshold))
  const above = trials.filter(({ mated, score }) => !mated && score >= threshold)
  return {
    mated: total(trials, true),
    falseNonMatches: total(below, true),
    nonMated: total(trials, false),
    falseMatches: total(above, false),
  }
}
