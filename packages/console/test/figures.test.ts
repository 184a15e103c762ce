import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Decision, Reason } from '@ipse/protocol'
import { type Counted, countSessions, percent } from '../src/figures.ts'

const NOW = Date.parse('2026-11-21T12:30:00Z')
const HOUR_MS = 3_600_000

function session(
  hoursAgo: number,
  decision: Decision | undefined,
  attempts = 1,
  reasons: readonly Reason[] = [],
): Counted {
  return {
    createdAt: new Date(NOW - hoursAgo * HOUR_MS).toISOString(),
    ...(decision === undefined ? {} : { decision }),
    reasons,
    attempts: Array.from({ length: attempts }),
  }
}

test('sessions of one day are counted by the hour, without gaps, the present last', () => {
  const { unit, spans } = countSessions([session(0, 'accept'), session(3, 'reject')], NOW)
  assert.equal(unit, 'hour')
  assert.equal(spans.length, 24)
  assert.equal(new Date(spans.at(-1)!.from).toISOString(), '2026-11-21T12:00:00.000Z')
  assert.deepEqual(
    spans.map(({ total }) => total),
    [...Array.from({ length: 20 }, () => 0), 1, 0, 0, 1],
  )
  assert.equal(spans[20]!.decided.reject, 1)
})

test('older sessions are counted by the day of universal time, at most a fortnight of them', () => {
  const { unit, spans } = countSessions([session(13, 'accept'), session(60, 'accept')], NOW)
  assert.equal(unit, 'day')
  assert.deepEqual(
    spans.map(({ total }) => total),
    // Thirteen hours before half past twelve is the evening before.
    [1, 1, 0],
  )
  const old = countSessions([session(24 * 40, 'accept'), session(1, 'accept')], NOW)
  assert.equal(old.spans.length, 14)
  assert.equal(old.total, 2, 'what is too old for the picture is counted all the same')
})

test('only what was decided is counted', () => {
  const { total, accepted, retried, attempts } = countSessions(
    [session(1, undefined), session(1, 'accept', 2), session(1, 'retry', 3), session(1, 'review')],
    NOW,
  )
  assert.deepEqual(
    { total, accepted, retried, attempts },
    { total: 3, accepted: 1, retried: 2, attempts: [1, 1, 1] },
  )
})

test('a reason counts once a session, the most frequent first', () => {
  const { reasons } = countSessions(
    [
      session(1, 'reject', 1, ['face_mismatch', 'face_mismatch']),
      session(1, 'reject', 1, ['virtual_camera']),
      session(1, 'reject', 1, ['virtual_camera', 'face_mismatch']),
      session(1, 'reject', 1, ['virtual_camera']),
    ],
    NOW,
  )
  assert.deepEqual(reasons, [
    { reason: 'virtual_camera', count: 3 },
    { reason: 'face_mismatch', count: 2 },
  ])
})

test('nothing is counted when there is nothing', () => {
  const { spans, total, reasons } = countSessions([], NOW)
  assert.equal(spans.length, 24)
  assert.equal(total, 0)
  assert.deepEqual(reasons, [])
  assert.equal(percent(0, 0), '–')
  assert.equal(percent(1, 3), '33 %')
})
