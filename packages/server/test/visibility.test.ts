/** Visibility as numbers: what covers the face asks for another attempt, what was not measured too. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assessed, failed, type Measurement } from '@ipse/protocol'
import fc from 'fast-check'
import type { CaptureRecord, FrameObservation, StepResult } from '../src/domain/capture-record.ts'
import { coverHint, visibility } from '../src/domain/signals/visibility.ts'

const HOLD: StepResult = { step: { kind: 'hold' }, outcome: 'answered' }
const TURN: StepResult = {
  step: { kind: 'head-pose', direction: 'left', targetDeg: 18 },
  outcome: 'answered',
}
const seen = (eyes: number, lowerFace: number) => ({
  eyes: assessed(eyes, 1),
  lowerFace: assessed(lowerFace, 1),
})
const OPEN = seen(0.2, 0.95)

function nativeOf(shown: readonly (readonly [number, FrameObservation['visibility']])[]): number {
  const frames = shown.map(([step, found]) => ({ step, ...(found ? { visibility: found } : {}) }))
  const record = { frames, steps: [HOLD, TURN] } as unknown as CaptureRecord
  const { measurement } = visibility(record)
  return measurement.status === 'assessed' ? measurement.native : Number.NaN
}
const times = (count: number, found: FrameObservation['visibility'], step = 0) =>
  Array.from({ length: count }, () => [step, found] as const)

test('bare faces are open, dark glasses and masks are not, one odd frame is forgiven', () => {
  assert.ok(nativeOf(times(9, OPEN)) >= 1)
  assert.ok(nativeOf(times(9, seen(0.02, 0.95))) < 1)
  assert.ok(nativeOf(times(9, seen(0.2, 0.5))) < 1)
  assert.ok(nativeOf([...times(8, OPEN), ...times(1, seen(0.01, 0.3))]) >= 1)
})

test('only the hold counts, and what was not measured is not open', () => {
  assert.ok(nativeOf([...times(9, OPEN), ...times(30, seen(0.01, 0.3), 1)]) >= 1)
  assert.ok(Number.isNaN(nativeOf(times(30, OPEN, 1))))
  assert.ok(Number.isNaN(nativeOf(times(9, undefined))))
  const unseen: Measurement = failed('face-too-small')
  assert.ok(Number.isNaN(nativeOf(times(9, { eyes: unseen, lowerFace: unseen }))))
  assert.ok(Number.isNaN(nativeOf(times(9, { ...OPEN, eyes: unseen }))))
})

test('the hint names what to take away, the eyes first; nothing measured, nothing said', () => {
  assert.equal(coverHint(OPEN), undefined)
  assert.equal(coverHint(seen(0.02, 0.5)), 'take-off-glasses')
  assert.equal(coverHint(seen(0.2, 0.5)), 'uncover-face')
  assert.equal(coverHint({ eyes: failed('face-too-small'), lowerFace: failed('internal') }), undefined)
})

test('to cover more never makes the signal better', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true })
  fc.assert(
    fc.property(share, share, share, (eyes, lower, less) => {
      const before = nativeOf(times(5, seen(eyes, lower)))
      assert.ok(nativeOf(times(5, seen(eyes * less, lower))) <= before)
      assert.ok(nativeOf(times(5, seen(eyes, lower * less))) <= before)
    }),
  )
})
