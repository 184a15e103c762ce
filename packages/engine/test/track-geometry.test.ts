/** The pure arithmetic behind planarity: eigenvectors, homographies, the rigid residual, the surround. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { coMotion } from '../src/track/co-motion.ts'
import { smallestEigenvector } from '../src/track/eigen.ts'
import { applyHomography, fitHomography } from '../src/track/homography.ts'
import { planarity } from '../src/track/planarity.ts'
import { rigidResidual } from '../src/track/rigid.ts'

const finite = (min: number, max: number) => fc.double({ min, max, noNaN: true })
/** 25 points of a 400-pixel square, each in its own cell: corners keep their distance, too. */
const cloud = fc
  .array(fc.tuple(finite(0, 60), finite(0, 60)), { minLength: 25, maxLength: 25 })
  .map((cells) =>
    Float64Array.from(cells.flatMap(([x, y], i) => [80 * (i % 5) + x, 80 * Math.floor(i / 5) + y])),
  )
/** Strong but proper views of a plane: the horizon stays outside the square. */
const homography = fc
  .tuple(
    finite(-1, 1),
    finite(0.5, 2),
    finite(0.7, 1.4),
    finite(-0.3, 0.3),
    finite(-6e-4, 6e-4),
    finite(-6e-4, 6e-4),
  )
  .map(([angle, scale, aspect, shear, px, py]) =>
    Float64Array.of(
      scale * Math.cos(angle),
      -scale * Math.sin(angle) + shear,
      30,
      scale * aspect * Math.sin(angle),
      scale * aspect * Math.cos(angle),
      -20,
      px,
      py,
      1,
    ),
  )

function carry(h: Float64Array, points: Float64Array): Float64Array {
  const out = new Float64Array(points.length)
  for (let i = 0; i < points.length; i += 2) out.set(applyHomography(h, points[i], points[i + 1]), i)
  return out
}

function similarity(scale: number, angle: number, dx: number, dy: number): Float64Array {
  const [c, s] = [scale * Math.cos(angle), scale * Math.sin(angle)]
  return Float64Array.of(c, -s, dx, s, c, dy, 0, 0, 1)
}

/** Points of a rough head seen from afar: x, y and a depth that bulges in the middle. */
function headPoints(count: number): [number, number, number][] {
  return Array.from({ length: count }, (_, i) => {
    const x = ((i * 37) % 101) / 50 - 1
    const y = ((i * 59) % 97) / 48 - 1
    return [x * 80, y * 80, 70 * Math.exp(-2 * (x * x + y * y))]
  })
}

function turned(points: [number, number, number][], angle: number): { from: Float64Array; to: Float64Array } {
  const seen = (yaw: number): Float64Array =>
    Float64Array.from(points.flatMap(([x, y, z]) => [x * Math.cos(yaw) + z * Math.sin(yaw), y]))
  return { from: seen(0), to: seen(angle) }
}

test('the smallest eigenvector of a symmetric matrix satisfies its equation', () => {
  fc.assert(
    fc.property(fc.array(finite(-10, 10), { minLength: 45, maxLength: 45 }), (entries) => {
      const matrix = new Float64Array(81)
      for (let r = 0, k = 0; r < 9; r++)
        for (let c = r; c < 9; c++, k++) matrix[9 * r + c] = matrix[9 * c + r] = entries[k]
      const { value, vector } = smallestEigenvector(matrix, 9)
      assert.ok(Math.abs(Math.hypot(...vector) - 1) < 1e-9)
      for (let r = 0; r < 9; r++) {
        let product = 0
        for (let c = 0; c < 9; c++) product += matrix[9 * r + c] * vector[c]
        assert.ok(Math.abs(product - value * vector[r]) < 1e-9)
      }
      /** No vector has a smaller Rayleigh quotient; the axes are nine of them. */
      for (let r = 0; r < 9; r++) assert.ok(value <= matrix[10 * r] + 1e-9)
    }),
  )
})

test('a homography is recovered from the points it carried', () => {
  fc.assert(
    fc.property(cloud, homography, (points, h) => {
      const fit = fitHomography(points, carry(h, points))
      assert.ok(fit !== undefined && fit.rms < 1e-5, `rms ${fit?.rms}`)
      const [x, y] = applyHomography(fit.model, 123, 321)
      const [u, v] = applyHomography(h, 123, 321)
      assert.ok(Math.hypot(x - u, y - v) < 1e-4)
    }),
  )
})

test('the distance from a plane does not change with a similarity of the source and scales with one of the target', () => {
  fc.assert(
    fc.property(homography, finite(0.2, 5), finite(-3, 3), finite(-500, 500), (h, scale, angle, shift) => {
      const { from, to } = turned(headPoints(60), 0.3)
      const views = carry(h, to)
      const before = fitHomography(from, views)!.rms
      const moved = similarity(scale, angle, shift, -shift)
      const source = fitHomography(carry(moved, from), views)!.rms
      const target = fitHomography(from, carry(moved, views))!.rms
      assert.ok(before > 0.1)
      assert.ok(Math.abs(source / before - 1) < 1e-5)
      assert.ok(Math.abs(target / (scale * before) - 1) < 1e-5)
    }),
  )
})

test('a tenth of wild points does not move the homography of the others', () => {
  const { from } = turned(headPoints(60), 0)
  const to = carry(similarity(1.1, 0.2, 5, 7), from)
  for (let i = 0; i < 6; i++) to[20 * i] += 40
  assert.ok(fitHomography(from, to)!.rms < 1e-6)
})

test('points on one line, in one place, or fewer than four leave the homography open', () => {
  const line = Float64Array.from({ length: 40 }, (_, i) => (i % 2 ? 3 : 2) * (i >> 1))
  assert.equal(fitHomography(line, line), undefined)
  assert.equal(fitHomography(new Float64Array(40), new Float64Array(40)), undefined)
  assert.equal(fitHomography(Float64Array.of(0, 0, 1, 0, 0, 1), Float64Array.of(0, 0, 1, 0, 0, 1)), undefined)
})

test('any rigid turn seen from afar has no rigid residual, though it is far from a plane', () => {
  fc.assert(
    fc.property(finite(0.1, 0.5), (angle) => {
      const { from, to } = turned(headPoints(60), angle)
      assert.ok(rigidResidual(from, to)! < 1e-6)
      assert.ok(fitHomography(from, to)!.rms > 0.5)
    }),
  )
})

test('a turn of something round reads as not a plane, and the ratio is finite though there is no noise', () => {
  const { from, to } = turned(headPoints(80), (20 * Math.PI) / 180)
  const { residual, ratio, survivors } = planarity(from, to, 100)
  assert.equal(survivors, 80)
  assert.ok(residual.status === 'assessed' && residual.native > 0.02 && residual.score > 0.5)
  assert.ok(ratio.status === 'assessed' && ratio.native > 1.8 && ratio.native < 100 && ratio.score > 0.5)
})

test('too few or degenerate points are a failure to assess, never a residual of zero', () => {
  const few = turned(headPoints(11), 0.3)
  const line = Float64Array.from({ length: 60 }, (_, i) => (i % 2 ? 3 : 2) * (i >> 1))
  for (const { residual, rigidResidual, ratio, displacement } of [
    planarity(few.from, few.to, 100),
    planarity(new Float64Array(0), new Float64Array(0), 100),
    planarity(line, line, 100),
  ]) {
    for (const measured of [residual, rigidResidual, ratio, displacement])
      assert.deepEqual(measured, { status: 'failure-to-assess', reason: 'too-few-points' })
  }
  const { from, to } = turned(headPoints(30), 0.3)
  assert.equal(planarity(from, to, 0).residual.status, 'failure-to-assess')
})

test('a surround that moves with the face obeys it, one that rests does not, and a face that rests is not asked', () => {
  const face = turned(headPoints(40), 0)
  const ring = Float64Array.from(
    { length: 60 },
    (_, i) => (i % 2 ? Math.sin(i >> 1) : Math.cos(i >> 1)) * 150,
  )
  const wave = similarity(1.05, 0.1, 20, 5)
  const waved = { from: face.from, to: carry(wave, face.from) }
  const together = coMotion(waved, { from: ring, to: carry(wave, ring) }, 100)
  const apart = coMotion(waved, { from: ring, to: ring }, 100)
  assert.ok(together.status === 'assessed' && together.native === 1)
  assert.ok(apart.status === 'assessed' && apart.native < 0.1)
  assert.deepEqual(coMotion({ from: face.from, to: face.from }, { from: ring, to: ring }, 100), {
    status: 'failure-to-assess',
    reason: 'not-answered',
  })
  assert.deepEqual(coMotion(waved, { from: ring.slice(0, 10), to: ring.slice(0, 10) }, 100), {
    status: 'failure-to-assess',
    reason: 'too-few-points',
  })
})
