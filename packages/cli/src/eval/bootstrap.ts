/**
 * Bootstrap by image. Pairs share images, so they are not independent and binomial intervals over pairs are too narrow.
 * A replicate draws images with replacement; a pair counts as often as both its images were drawn together (the two-sample
 * U-statistic form; Bolle, Ratha & Pankanti, "Error analysis of pattern recognition systems", 2004).
 */
import type { Interval } from '@ipse/server/intervals'
import type { Trial } from './metrics.ts'

export interface ImageTrial extends Trial {
  /** Indices of the two images. */
  readonly a: number
  readonly b: number
}

/** Replicates; 95 % percentiles of 400 vary by about a tenth of the interval's width. */
const REPLICATES = 400

/**
 * Percentile interval (2.5 %, 97.5 %) of several statistics at once.
 * @param trials ordered by falling score
 * @param statistics one number each; replicates in which one is not a number are left out for it
 */
export function bootstrapByImage(
  trials: readonly ImageTrial[],
  images: number,
  statistics: (replicate: readonly Trial[]) => readonly number[],
  seed = 1,
): Interval[] {
  const random = mulberry32(seed)
  const columns: number[][] = []
  for (let r = 0; r < REPLICATES; r++) {
    const drawn = new Uint32Array(images)
    for (let i = 0; i < images; i++) drawn[Math.floor(random() * images)]! += 1
    const replicate: Trial[] = []
    for (const { score, mated, weight, a, b } of trials) {
      const times = weight * drawn[a]! * drawn[b]!
      if (times > 0) replicate.push({ score, mated, weight: times })
    }
    statistics(replicate).forEach((value, column) => {
      columns[column] ??= []
      if (Number.isFinite(value)) columns[column]!.push(value)
    })
  }
  return columns.map(percentiles)
}

function percentiles(values: number[]): Interval {
  const sorted = values.sort((a, b) => a - b)
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))] ?? Number.NaN
  return { lower: at(0.025), upper: at(0.975) }
}

/** Small seeded generator (T. Ettinger, public domain): the same data give the same report. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
