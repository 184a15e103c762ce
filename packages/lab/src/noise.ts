/** Noise of an 8-bit sensor, by two tables: which grade of noise falls on a value, and what the value becomes by it. */
import { channelsOf, type Frame } from './frame.ts'
import { createRandom, gaussian, type Random } from './random.ts'

/** Variance at level 1 = SHOT · value + READ²; σ about 1.9 at mid grey, a usual webcam. */
const SHOT = 0.02
const READ = 1
/** Grades of noise, all equally probable: the means of so many equal parts of the normal distribution. */
const GRADES = 256
/** Grades drawn beforehand; every run of so many pixels begins anywhere among them. */
const DRAWN = 65536
export const NOISE_RUN = 256

/** Noise of one exposure. Level 0 is none, 1 a usual webcam, 4 a dark room. */
export interface Grain {
  readonly random: Random
  readonly level: number
}

/** Standard deviation of the noise on a value at a level. */
export function noiseSigma(value: number, level: number): number {
  return level * Math.sqrt(SHOT * value + READ * READ)
}

export interface NoiseTables {
  /** Grades in random order; three channels of a whole run can be read from any place that `begin` names. */
  readonly grades: Uint8Array
  /** What a value becomes, by value · 256 + grade. */
  readonly noisy: Uint8Array
}

let grades: Uint8Array | undefined
const noisyByLevel = new Map<number, Uint8Array>()

/** The tables of a level, computed once. */
export function noiseTables(level: number): NoiseTables {
  if (grades === undefined) {
    const random = createRandom(20261121)
    grades = Uint8Array.from({ length: DRAWN + 3 * NOISE_RUN }, () => Math.floor(GRADES * random()))
  }
  let noisy = noisyByLevel.get(level)
  if (noisy === undefined) {
    noisy = noisyValues(level)
    if (noisyByLevel.size > 64) noisyByLevel.clear()
    noisyByLevel.set(level, noisy)
  }
  return { grades, noisy }
}

/** Where the next run of pixels takes its grades from. */
export function beginRun(random: Random): number {
  return Math.floor(random() * DRAWN)
}

function noisyValues(level: number): Uint8Array {
  const normal = normalGrades()
  const noisy = new Uint8ClampedArray(256 * GRADES)
  for (let value = 0; value < 256; value++) {
    const sigma = noiseSigma(value, level)
    for (let grade = 0; grade < GRADES; grade++) noisy[value * GRADES + grade] = value + sigma * normal[grade]
  }
  return new Uint8Array(noisy.buffer)
}

/** Mean 0 and variance 1 over all grades. */
function normalGrades(): Float64Array {
  const random = createRandom(20261122)
  const sorted = Float64Array.from({ length: GRADES * 256 }, () => gaussian(random)).sort()
  const means = new Float64Array(GRADES)
  for (const [i, value] of sorted.entries()) means[i >> 8] += value / 256
  const mean = means.reduce((sum, value) => sum + value) / GRADES
  const variance = means.reduce((sum, value) => sum + (value - mean) ** 2, 0) / GRADES
  return means.map((value) => (value - mean) / Math.sqrt(variance))
}

/** Adds sensor noise in place. */
export function addSensorNoise(out: Frame, { random, level }: Grain): void {
  if (level <= 0) return
  const { data } = out
  const step = channelsOf(out)
  const { grades, noisy } = noiseTables(level)
  const run = NOISE_RUN * step
  for (let start = 0; start < data.length; start += run) {
    let from = beginRun(random)
    const end = Math.min(data.length, start + run)
    for (let at = start; at < end; at += step, from += 3) {
      data[at] = noisy[(data[at] << 8) | grades[from]]
      data[at + 1] = noisy[(data[at + 1] << 8) | grades[from + 1]]
      data[at + 2] = noisy[(data[at + 2] << 8) | grades[from + 2]]
    }
  }
}
