/** Comparison as a pure function: symmetric, bounded, monotone, and refusing what it cannot compare. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { IpseError } from '@ipse/protocol'
import fc from 'fast-check'
import { compare, likeness, merge, type Space, similarity } from '../src/compare.ts'
import { toUnitLength } from '../src/face/template.ts'
import type { OperatingPoint, Template } from '../src/types.ts'

const measured = { fnmr: 0.1, dataset: 'made up', mated: 10, nonMated: 1000, date: '2026-01-01' }
const points: OperatingPoint[] = [
  { fmr: 0.1, threshold: -0.2, ...measured },
  { fmr: 0.01, threshold: 0.1, ...measured },
]
const space: Space = {
  modelId: 'm/1',
  parts: [
    { length: 3, cosineWeight: 0, distanceWeight: 1.4 },
    { length: 4, cosineWeight: 0.9, distanceWeight: 0 },
  ],
  operatingPoints: points,
  defaultOperatingPoint: points[1]!,
}

const part = (length: number): fc.Arbitrary<Float32Array> =>
  fc
    .array(fc.float({ min: -1, max: 1, noNaN: true }), { minLength: length, maxLength: length })
    .filter((values) => Math.hypot(...values) > 0.01)
    .map((values) => toUnitLength(Float32Array.from(values)))

const template: fc.Arbitrary<Template> = fc
  .tuple(part(3), part(4))
  .map(([a, b]) => ({ modelId: 'm/1', vector: Float32Array.of(...a, ...b) }))

const MAX = 0.9

test('comparison is symmetric and highest for a template with itself', () => {
  fc.assert(
    fc.property(template, template, (a, b) => {
      const forth = compare(space, a, b)
      assert.ok(Math.abs(forth.score - compare(space, b, a).score) < 1e-9)
      assert.ok(forth.score <= MAX + 1e-6)
      assert.ok(forth.similarity >= 0 && forth.similarity <= 1)
      assert.ok(compare(space, a, a).score > MAX - 2e-3)
    }),
  )
})

test('similarity rises with the score and is one half at the default threshold', () => {
  assert.equal(similarity(space, 0.1), 0.5)
  const score = fc.double({ min: -4, max: 1, noNaN: true })
  fc.assert(
    fc.property(score, score, (a, b) => {
      if (a < b) assert.ok(similarity(space, a) <= similarity(space, b))
    }),
  )
})

test('a merged template has unit vectors; one alone merges into itself', () => {
  fc.assert(
    fc.property(template, template, (a, b) => {
      const same = merge(space, [a])
      same.vector.forEach((value, i) => {
        assert.ok(Math.abs(value - a.vector[i]!) < 1e-6)
      })
      const opposite = compare(space, a, b).score < -2
      if (opposite) return
      const { vector } = merge(space, [a, a, b])
      for (const [from, to] of [
        [0, 3],
        [3, 7],
      ] as const)
        assert.ok(Math.abs(Math.hypot(...vector.subarray(from, to)) - 1) < 1e-5)
    }),
  )
})

test('a damaged template gives an error, never a score', () => {
  const good: Template = { modelId: 'm/1', vector: Float32Array.of(1, 0, 0, 1, 0, 0, 0) }
  const bad: Template = { modelId: 'm/1', vector: Float32Array.of(Number.NaN, 0, 0, 1, 0, 0, 0) }
  const refused = (error: unknown) => error instanceof IpseError && error.code === 'reference_unusable'
  assert.throws(() => compare(space, good, bad), refused)
  assert.throws(() => compare(space, good, { ...good, modelId: 'm/2' }), refused)
  assert.throws(() => toUnitLength(new Float32Array(4)), /without direction/)
  assert.throws(() => toUnitLength(Float32Array.of(Number.POSITIVE_INFINITY, 1)), /without direction/)
})

test('the first part alone is a likeness only where it is near, and a whole vector is compared as ever', () => {
  const narrow = { ...space, sameWithin: 0.3 }
  fc.assert(
    fc.property(template, template, (a, b) => {
      const { score } = compare(space, a, b)
      assert.deepEqual(likeness(narrow, a.vector, b), { score })
      const [mine, known] = [a, b].map(({ vector }) => vector.subarray(0, 3)) as [Float32Array, Float32Array]
      const away = Math.hypot(...mine.map((value, i) => value - known[i]!))
      if (Math.abs(away - 0.3) < 1e-6) return
      if (away > 0.3) assert.throws(() => likeness(narrow, mine, b), { code: 'internal' })
      else {
        const near = likeness(narrow, mine, b)
        assert.ok(Math.abs(near.score + 1.4 * away) < 1e-5)
        assert.ok(near.limit !== undefined && near.score >= near.limit)
      }
      assert.throws(() => likeness(space, mine, b), { code: 'internal' }, 'no limit was measured')
      assert.throws(() => likeness(narrow, mine, { ...b, modelId: 'm/2' }), { code: 'reference_unusable' })
    }),
  )
})

test('a space of one network has no shorter way', () => {
  const single: Space = {
    ...space,
    parts: [{ length: 3, cosineWeight: 1, distanceWeight: 0 }],
    sameWithin: 0.3,
  }
  const known = { modelId: 'm/1', vector: Float32Array.of(1, 0, 0) }
  assert.deepEqual(likeness(single, Float32Array.of(0, 1, 0), known), { score: 0 })
})
