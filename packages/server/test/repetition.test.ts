/** capture-variety is searched for in whole numbers; here it is written as it is defined, and both say the same. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { CaptureRecord } from '../src/domain/capture-record.ts'
import { captureVariety } from '../src/domain/signals/repetition.ts'
import { observed } from './observed.ts'

/** Windows of twelve frames, ten frames apart or more; two frames differ by the mean over groups of four values. */
function varietyAsDefined(thumbnails: readonly Uint8Array[]): number {
  const grouped = thumbnails.map((values) =>
    Array.from({ length: values.length / 4 }, (_, i) => mean([...values.subarray(4 * i, 4 * i + 4)])),
  )
  const apart = (a: number, b: number) =>
    mean(grouped[a]!.map((value, i) => Math.abs(value - grouped[b]![i]!)))
  const ratios = [1]
  for (let a = 0; a + 12 <= grouped.length; a++)
    for (let b = a + 10; b + 12 <= grouped.length; b++) {
      const window = Array.from({ length: 12 }, (_, i) => i)
      const motion = mean(window.slice(1).map((i) => apart(a + i - 1, a + i)))
      const difference = mean(window.map((i) => apart(a + i, b + i)))
      if (motion >= 0.5) ratios.push(difference / motion)
    }
  return Math.min(...ratios)
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

test('the smallest ratio is the one of the definition, for loops, walks and what keeps still', () => {
  const seen = { low: 0, one: 0 }
  fc.assert(
    fc.property(
      fc.integer({ min: 12, max: 40 }),
      fc.array(fc.uint8Array({ minLength: 16, maxLength: 16 }), { minLength: 8, maxLength: 40 }),
      fc.integer({ min: 1, max: 64 }),
      (count, round, shrink) => {
        const thumbnails = Array.from({ length: count }, (_, i) =>
          round[i % round.length]!.map((value, at) => value / shrink + (at === i % 16 ? 1 : 0)),
        )
        const frames = thumbnails.map((thumbnail, i) => observed(100 * i, { thumbnail }))
        const { measurement } = captureVariety({ frames } as unknown as CaptureRecord)
        assert.ok(measurement.status === 'assessed')
        const wanted = varietyAsDefined(thumbnails)
        assert.ok(Math.abs(measurement.native - wanted) < 1e-12, `${measurement.native}, not ${wanted}`)
        seen[wanted < 0.5 ? 'low' : 'one']++
      },
    ),
  )
  assert.ok(seen.low > 0 && seen.one > 0, JSON.stringify(seen))
})
