import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clopperPearson, minimumTrials, regularisedBeta } from '@ipse/server/intervals'
import fc from 'fast-check'
import { bootstrapByImage } from '../src/eval/bootstrap.ts'
import { areaUnderCurve, ordered, ratePoints } from '../src/eval/metrics.ts'
import { probit } from '../src/eval/probit.ts'

/** P(from ≤ X ≤ to) for n trials, summed term by term in logarithms. */
function binomial(from: number, to: number, n: number, p: number): number {
  let logChoose = 0
  let sum = 0
  for (let k = 0; k <= to; k++) {
    if (k > 0) logChoose += Math.log((n - k + 1) / k)
    if (k >= from) sum += Math.exp(logChoose + k * Math.log(p) + (n - k) * Math.log1p(-p))
  }
  return sum
}

test('no error in n: the published upper bounds', () => {
  const bounds: [number, number, number][] = [
    [50, 0.071, 4e-4],
    [150, 0.0243, 5e-5],
    [300, 0.0122, 5e-5],
    [1000, 0.0037, 2e-5],
    [10_000, 0.00037, 2e-6],
    [30_000, 0.00012, 4e-6],
  ]
  for (const [n, upper, tolerance] of bounds) {
    const interval = clopperPearson(0, n)
    assert.equal(interval.lower, 0)
    assert.ok(Math.abs(interval.upper - upper) < tolerance, `${n}: ${interval.upper}`)
    assert.ok(Math.abs(interval.upper - (1 - 0.025 ** (1 / n))) < 1e-12)
  }
})

test('the smallest numbers that carry a claim without an error', () => {
  const rates = [0.15, 0.07, 0.05, 0.01, 1e-3, 1e-4]
  assert.deepEqual(rates.map(minimumTrials), [19, 42, 59, 299, 2995, 29_956])
})

test('the bounds of an interval are where the tails of the binomial are 2.5 %', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 400 }), fc.double({ min: 0, max: 1, noNaN: true }), (n, share) => {
      const k = Math.round(share * n)
      const { lower, upper } = clopperPearson(k, n)
      assert.ok(lower <= k / n && k / n <= upper)
      if (k < n) assert.ok(Math.abs(binomial(0, k, n, upper) - 0.025) < 1e-8)
      if (k > 0) assert.ok(Math.abs(binomial(k, n, n, lower) - 0.025) < 1e-8)
    }),
    { numRuns: 60 },
  )
})

test('without trials nothing is known', () => {
  assert.deepEqual(clopperPearson(0, 0), { lower: 0, upper: 1 })
})

test('the incomplete beta function at known places', () => {
  for (const x of [0.01, 0.3, 0.5, 0.99]) {
    assert.ok(Math.abs(regularisedBeta(x, 1, 1) - x) < 1e-12)
    assert.ok(Math.abs(regularisedBeta(x, 2, 1) - x * x) < 1e-12)
    assert.ok(Math.abs(regularisedBeta(x, 7, 3) + regularisedBeta(1 - x, 3, 7) - 1) < 1e-12)
  }
})

test('the normal quantile at known places', () => {
  const known: [number, number][] = [
    [0.5, 0],
    [0.975, 1.959963984540054],
    [0.01, -2.3263478740408408],
    [1e-4, -3.719016485455709],
  ]
  for (const [p, z] of known) assert.ok(Math.abs(probit(p) - z) < 1e-7, `${p}: ${probit(p)}`)
  assert.equal(probit(0), Number.NEGATIVE_INFINITY)
  assert.equal(probit(1), Number.POSITIVE_INFINITY)
  assert.ok(Number.isNaN(probit(-0.1)))
})

test('the bootstrap by image is wider than independent pairs would make it, and the same every time', () => {
  // Ten people with four images; one image of each is bad for all its pairs.
  const trials = []
  for (let a = 0; a < 40; a++)
    for (let b = a + 1; b < 40; b++) {
      const mated = a >> 2 === b >> 2
      const bad = a % 4 === 0 || b % 4 === 0
      const score = (mated ? (bad ? 0.2 : 1) : 0) + Math.sin(a * 12.9898 + b * 78.233) * 0.3
      trials.push({ score, mated, weight: 1, a, b })
    }
  const sorted = ordered(trials) as typeof trials
  const statistics = (replicate: Parameters<typeof ratePoints>[0]) => [areaUnderCurve(ratePoints(replicate))]
  const [byImage] = bootstrapByImage(sorted, 40, statistics)
  const [again] = bootstrapByImage(sorted, 40, statistics)
  // The same pairs as if each had two images of its own.
  const separate = sorted.map((trial, i) => ({ ...trial, a: 2 * i, b: 2 * i + 1 }))
  const [byPair] = bootstrapByImage(separate, 2 * separate.length, statistics)
  const value = areaUnderCurve(ratePoints(sorted))
  assert.deepEqual(byImage, again)
  assert.ok(byImage && byPair && byImage.lower < value && value < byImage.upper)
  assert.ok(byImage.upper - byImage.lower > 0)
})
