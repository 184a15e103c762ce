/** Error rates of comparison scores (ISO/IEC 19795-1): higher scores are more similar. */

export interface Scores {
  readonly mated: Float64Array
  readonly nonMated: Float64Array
}

/** Ascending copies. */
export function scores(mated: readonly number[], nonMated: readonly number[]): Scores {
  return { mated: Float64Array.from(mated).sort(), nonMated: Float64Array.from(nonMated).sort() }
}

/** How many values of an ascending list are at least `threshold`. */
export function atLeast(sorted: Float64Array, threshold: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle]! >= threshold) high = middle
    else low = middle + 1
  }
  return sorted.length - low
}

export const fmrAt = ({ nonMated }: Scores, threshold: number): number =>
  atLeast(nonMated, threshold) / nonMated.length

export const fnmrAt = ({ mated }: Scores, threshold: number): number =>
  1 - atLeast(mated, threshold) / mated.length

/** The lowest threshold whose FMR is at most `fmr`. */
export function thresholdAt({ nonMated }: Scores, fmr: number): number {
  const allowed = Math.floor(fmr * nonMated.length)
  const highestRefused = nonMated[nonMated.length - 1 - allowed]
  return highestRefused === undefined ? Number.NEGATIVE_INFINITY : highestRefused + 1e-6
}

/** Equal error rate: the mean of FMR and FNMR where they meet. */
export function eer(set: Scores): number {
  for (let i = set.nonMated.length - 1; i >= 0; i--) {
    const threshold = set.nonMated[i]!
    const fmr = fmrAt(set, threshold)
    const fnmr = fnmrAt(set, threshold)
    if (fmr >= fnmr) return (fmr + fnmr) / 2
  }
  return 0
}

/** Area under the ROC: how often a mated score is above a non-mated one; ties count half. */
export function auc({ mated, nonMated }: Scores): number {
  let wins = 0
  for (const score of mated) {
    const above = atLeast(nonMated, score)
    const ties = above - atLeast(nonMated, score + Number.EPSILON * 8)
    wins += nonMated.length - above + ties / 2
  }
  return wins / (mated.length * nonMated.length)
}
