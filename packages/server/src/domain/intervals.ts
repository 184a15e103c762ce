/**
 * What a number of trials can and cannot show: exact binomial intervals (Clopper & Pearson, Biometrika 26, 1934) and the
 * smallest number of trials without an error that carries a claim (ISO/IEC 19795-1 annex B, "rule of 3").
 */
export interface Interval {
  readonly lower: number
  readonly upper: number
}

/** Two-sided level of every interval that is printed. */
export const CONFIDENCE = 0.95

/** Exact interval of an error rate after `errors` in `trials` independent trials. Without trials nothing is known. */
export function clopperPearson(errors: number, trials: number, confidence = CONFIDENCE): Interval {
  if (!(trials > 0)) return { lower: 0, upper: 1 }
  const tail = (1 - confidence) / 2
  return {
    lower: errors === 0 ? 0 : betaQuantile(tail, errors, trials - errors + 1),
    upper: errors === trials ? 1 : betaQuantile(1 - tail, errors + 1, trials - errors),
  }
}

/** Smallest number of trials that, without any error, shows a rate below `rate` at one-sided 95 %. */
export function minimumTrials(rate: number): number {
  return Math.ceil(Math.log(1 - CONFIDENCE) / Math.log1p(-rate))
}

/** x with I_x(a, b) = p, by bisection to the last bits of a double. */
function betaQuantile(p: number, a: number, b: number): number {
  let low = 0
  let high = 1
  for (let i = 0; i < 100 && low < high; i++) {
    const middle = (low + high) / 2
    if (regularisedBeta(middle, a, b) < p) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** Regularised incomplete beta function, DLMF 8.17.22 (continued fraction, modified Lentz). */
export function regularisedBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  if (x > (a + 1) / (a + b + 2)) return 1 - regularisedBeta(1 - x, b, a)
  const front = Math.exp(a * Math.log(x) + b * Math.log1p(-x) - logBeta(a, b)) / a
  const tiny = 1e-300
  const away = (value: number) => (Math.abs(value) < tiny ? tiny : value)
  let c = 1
  let d = 1 / away(1 - ((a + b) * x) / (a + 1))
  let result = d
  for (let m = 1; m < 10_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / away(1 + even * d)
    c = away(1 + even / c)
    result *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / away(1 + odd * d)
    c = away(1 + odd / c)
    const step = d * c
    result *= step
    if (Math.abs(step - 1) < 1e-15) break
  }
  return front * result
}

function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b)
}

/** Lanczos approximation, g = 7, nine terms (Godfrey 2001): relative error below 1e-14. */
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
]

function logGamma(x: number): number {
  const shifted = x - 1
  const base = shifted + 7.5
  const sum = LANCZOS.reduce((acc, term, i) => (i === 0 ? term : acc + term / (shifted + i)), 0)
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(base) - base + Math.log(sum)
}
