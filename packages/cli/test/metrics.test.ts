import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  areaUnderCurve,
  countErrors,
  equalErrorRate,
  ordered,
  pointAtFmr,
  ratePoints,
  type Trial,
} from '../src/eval/metrics.ts'

const trial = (score: number, mated: boolean, weight = 1): Trial => ({ score, mated, weight })
const set = (mated: readonly number[], nonMated: readonly number[]): Trial[] =>
  ordered([...mated.map((score) => trial(score, true)), ...nonMated.map((score) => trial(score, false))])

/** Few distinct values, so that ties are common. */
const scores = fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 1, maxLength: 30 })
const close = (actual: number, wanted: number) =>
  assert.ok(Math.abs(actual - wanted) < 1e-12, `${actual} is not ${wanted}`)

test('the area under the curve is the share of pairs of trials in the right order, ties counting half', () => {
  fc.assert(
    fc.property(scores, scores, (mated, nonMated) => {
      let wins = 0
      for (const m of mated) for (const n of nonMated) wins += m > n ? 1 : m === n ? 0.5 : 0
      close(areaUnderCurve(ratePoints(set(mated, nonMated))), wins / (mated.length * nonMated.length))
    }),
  )
})

test('rates at every threshold are what counting gives', () => {
  fc.assert(
    fc.property(scores, scores, (mated, nonMated) => {
      for (const { threshold, fmr, fnmr } of ratePoints(set(mated, nonMated))) {
        close(fmr, nonMated.filter((score) => score >= threshold).length / nonMated.length)
        close(fnmr, mated.filter((score) => score < threshold).length / mated.length)
      }
    }),
  )
})

test('the true accept rate at an FMR is the best over all thresholds that keep it', () => {
  fc.assert(
    fc.property(scores, scores, fc.constantFrom(0, 0.001, 0.1, 0.25, 0.5, 1), (mated, nonMated, target) => {
      const thresholds = [...mated, ...nonMated, Number.POSITIVE_INFINITY]
      const tars = thresholds
        .filter((t) => nonMated.filter((score) => score >= t).length / nonMated.length <= target)
        .map((t) => mated.filter((score) => score >= t).length / mated.length)
      close(1 - pointAtFmr(ratePoints(set(mated, nonMated)), target).fnmr, Math.max(...tars))
    }),
  )
})

test('the equal error rate lies between the rates around the crossing', () => {
  fc.assert(
    fc.property(scores, scores, (mated, nonMated) => {
      const points = ratePoints(set(mated, nonMated))
      const eer = equalErrorRate(points)
      const at = points.findIndex(({ fmr, fnmr }) => fmr >= fnmr)
      const [before, here] = [points[at - 1]!, points[at]!]
      assert.ok(eer >= before.fmr - 1e-12 && eer <= here.fmr + 1e-12)
      assert.ok(eer >= here.fnmr - 1e-12 && eer <= before.fnmr + 1e-12)
    }),
  )
})

test('separated scores have no error, reversed ones nothing else', () => {
  const good = ratePoints(set([3, 4, 5], [0, 1, 2]))
  assert.deepEqual([areaUnderCurve(good), equalErrorRate(good), 1 - pointAtFmr(good, 0).fnmr], [1, 0, 1])
  const bad = ratePoints(set([0, 1, 2], [3, 4, 5]))
  assert.deepEqual([areaUnderCurve(bad), equalErrorRate(bad), 1 - pointAtFmr(bad, 0).fnmr], [0, 1, 0])
  const same = ratePoints(set([1, 1], [1, 1]))
  assert.deepEqual([areaUnderCurve(same), equalErrorRate(same)], [0.5, 0.5])
})

test('known values: four and four trials', () => {
  const points = ratePoints(set([0.9, 0.8, 0.7, 0.3], [0.6, 0.4, 0.2, 0.1]))
  assert.equal(equalErrorRate(points), 0.25)
  assert.equal(areaUnderCurve(points), 14 / 16)
  assert.equal(1 - pointAtFmr(points, 0.01).fnmr, 0.75)
  assert.equal(pointAtFmr(points, 0.25).threshold, 0.6)
})

test('a weight counts as so many equal trials', () => {
  const weighted = ordered([trial(2, true, 3), trial(1, false, 2), trial(0, true), trial(3, false)])
  const repeated = set([2, 2, 2, 0], [1, 1, 3])
  close(areaUnderCurve(ratePoints(weighted)), areaUnderCurve(ratePoints(repeated)))
  close(equalErrorRate(ratePoints(weighted)), equalErrorRate(ratePoints(repeated)))
})

test('errors at a fixed threshold: equal to it is a match', () => {
  const counts = countErrors(set([1, 2, 3], [0, 2, 5]), 2)
  assert.deepEqual(counts, { mated: 3, falseNonMatches: 1, nonMated: 3, falseMatches: 2 })
})

test('rates without trials are unknown, and scores that are no numbers are refused', () => {
  assert.ok(Number.isNaN(ratePoints(set([1], []))[1]!.fmr))
  assert.ok(Number.isNaN(equalErrorRate(ratePoints(set([1], [])))))
  assert.throws(() => set([Number.NaN], [1]), RangeError)
})
