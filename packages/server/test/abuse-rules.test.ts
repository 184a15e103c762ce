/** The rules about abuse, without a store: the ladder, the throttle, the score, and any order of beginnings and ends. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { REASONS, type Reason, SPOOF_TYPE_NAMES } from '@ipse/protocol'
import fc from 'fast-check'
import { obstacles, reserve, settle } from '../src/domain/abuse/conduct.ts'
import { climb, DAY_MS } from '../src/domain/abuse/ladder.ts'
import { type AttemptEnd, isBruteForce, scoreNow, spoofTypesOf, weigh } from '../src/domain/abuse/score.ts'
import { type AbuseRules, NEW_STANDING, type Standing } from '../src/domain/abuse/standing.ts'
import { hasPad, throttle } from '../src/domain/abuse/throttle.ts'

const MINUTE = 60_000
const RULES: AbuseRules = {
  failures: 5,
  windowMs: 3 * MINUTE,
  lockMs: 30 * MINUTE,
  blockScore: 10,
  halfLifeMs: DAY_MS,
}
const NOW = Date.UTC(2026, 10, 21)

const ended = (at: number, change: Partial<AttemptEnd> = {}) =>
  ({ at, sessionId: 's', decision: 'reject', reasons: [], purpose: 'verification', ...change }) as const

test('five failures in three minutes lock for thirty, and each further time twice as long, up to a day', () => {
  let standing: Standing = NEW_STANDING
  const minutes: number[] = []
  let at = NOW
  for (let round = 0; round < 8; round++) {
    for (let i = 0; i < 5; i++) {
      assert.ok((standing.lockedUntil ?? 0) <= at, 'not before the fifth')
      standing = climb(standing, at, RULES)
    }
    minutes.push(((standing.lockedUntil ?? 0) - at) / MINUTE)
    at = standing.lockedUntil ?? 0
  }
  assert.deepEqual(minutes, [30, 60, 120, 240, 480, 960, 1440, 1440])
  standing = climb(standing, at + DAY_MS + 1, RULES)
  assert.equal(standing.lockouts, 0, 'a day without a failure begins anew')
})

test('failures further apart never lock', () => {
  let standing: Standing = NEW_STANDING
  for (let i = 0; i < 50; i++) standing = climb(standing, NOW + i * 45_001, RULES)
  assert.equal(standing.lockedUntil, undefined)
})

test('failures in a row: five free, then thirty seconds doubling, then none after fifty; twice that with PAD', () => {
  const delayOf = (consecutive: number, withPad = false) => {
    const found = throttle(consecutive, withPad)
    return found.kind === 'delay' ? found.ms / 1000 : found.kind
  }
  assert.deepEqual(
    [0, 4, 5, 6, 7, 11, 12, 49, 50, 99].map((n) => delayOf(n)),
    ['none', 'none', 30, 60, 120, 1920, 3600, 3600, 'disabled', 'disabled'],
  )
  assert.deepEqual(
    [9, 10, 11, 99, 100].map((n) => delayOf(n, true)),
    ['none', 30, 60, 3600, 'disabled'],
  )
  assert.equal(hasPad([{ signal: 'texture', atLeast: { apcer: 0.05 } }]), true)
  assert.equal(hasPad([{ signal: 'texture', atLeast: 0.5 }]), false, 'a threshold without an error rate')
  assert.equal(hasPad([{ signal: 'match', atLeast: { fmr: 0.001 } }]), false)
})

test('a score is forgotten by halves; attacks weigh more than failures, and retries next to nothing', () => {
  const after = (change: Partial<AttemptEnd>) => weigh(NEW_STANDING, ended(NOW, change), RULES).score
  assert.equal(after({ reasons: ['flat_surface'] }), 3)
  assert.equal(after({ decision: 'review', reasons: ['puppet_suspected'] }), 3)
  assert.equal(after({ reasons: ['attempts_exhausted'] }), 1)
  assert.equal(after({ decision: 'retry', reasons: ['face_mismatch'] }), 0.25)
  assert.equal(after({ decision: 'accept' }), 0)
  const flagged = weigh(NEW_STANDING, ended(NOW, { reasons: ['flat_surface'] }), RULES)
  assert.equal(scoreNow(flagged, NOW + DAY_MS, RULES), 1.5)
  assert.equal(scoreNow(flagged, NOW - DAY_MS, RULES), 3, 'a clock that goes back makes nobody worse')
})

test('one instrument again and again adds up; three different ones, or three subjects, are brute force at once', () => {
  const series = (ends: readonly Partial<AttemptEnd>[]) =>
    ends.reduce<Standing>(
      (standing, end, i) => weigh(standing, ended(NOW + i, { sessionId: `s${i}`, ...end }), RULES),
      NEW_STANDING,
    )
  const same = { reasons: ['flat_surface'] as const, target: 'a' }
  assert.equal(series([same, same, same]).blockedAt, undefined)
  assert.equal(series([same, same, same, same]).blockedAt, NOW + 3)
  const materials = series([
    { reasons: ['flat_surface'] },
    { reasons: ['capture_looped'] },
    { reasons: ['puppet_suspected'] },
  ])
  assert.equal(materials.blockedAt, NOW + 2)
  assert.ok(isBruteForce(materials.flags, NOW + 2))
  assert.ok(!isBruteForce(materials.flags, NOW + DAY_MS + 3), 'not a day later')
  const subjects = series(['a', 'b', 'c'].map((target) => ({ reasons: ['face_mismatch'], target })))
  assert.equal(subjects.blockedAt, NOW + 2)
  assert.deepEqual(
    subjects.flags.map(({ sessionId }) => sessionId),
    ['s2', 's1', 's0'],
  )
})

test('every kind of attack is named by some reason, and what people do too is none', () => {
  const reasons = Object.keys(REASONS) as Reason[]
  assert.deepEqual(new Set(spoofTypesOf(reasons)), new Set(SPOOF_TYPE_NAMES))
  const human: Reason[] = [
    'challenge_not_answered',
    'challenge_wrong_answer',
    'quality_too_low',
    'face_covered',
  ]
  assert.deepEqual(
    spoofTypesOf([...human, 'capture_incomplete', 'attempts_exhausted', 'evidence_missing']),
    [],
  )
})

/** What a run of captures does next. */
const Move = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ kind: 'begin' } as const) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('end' as const),
      which: fc.nat(9),
      decision: fc.constantFrom('reject' as const, 'reject' as const, 'review' as const, 'retry' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(40 * MINUTE) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(20_000) }) },
)

test('whatever begins, ends and is never heard of again: five failures in three minutes at most', () => {
  fc.assert(
    fc.property(
      fc.array(Move, { minLength: 40, maxLength: 120, size: 'max' }),
      fc.constantFrom('subject', 'device'),
      (moves, party) => {
        let standing: Standing = NEW_STANDING
        let now = NOW
        let begun = 0
        const open: { id: string; until: number }[] = []
        const failures: number[] = []
        for (const move of moves) {
          if (move.kind === 'wait') {
            now += move.ms
            for (const late of open.filter(({ until }) => until <= now)) {
              failures.push(late.until)
              open.splice(open.indexOf(late), 1)
            }
          } else if (move.kind === 'begin') {
            if (obstacles(party, standing, now, false, RULES).length > 0) continue
            const capture = { id: `att_${begun++}`, until: now + 15 * MINUTE }
            standing = reserve(party, standing, capture.id, now, capture.until, RULES)
            open.push(capture)
          } else {
            const [capture] = open.splice(move.which % Math.max(1, open.length), 1)
            if (!capture) continue
            const { decision } = move
            standing = settle(party, standing, capture.id, ended(now, { decision }), now, RULES)
            if (decision !== 'retry') failures.push(now)
          }
        }
        failures.sort((a, b) => a - b)
        for (const [i, at] of failures.entries())
          assert.ok((failures[i + 5] ?? Number.POSITIVE_INFINITY) - at >= RULES.windowMs)
      },
    ),
    { numRuns: 300 },
  )
})

test('who does nothing but fail gets fifty attempts at a subject, however patient and however many at once', () => {
  for (const [atOnce, heardOf] of [
    [1, true],
    [3, true],
    [8, true],
    [1, false],
    [4, false],
  ] as const) {
    let standing: Standing = NEW_STANDING
    let now = NOW
    let admitted = 0
    for (let round = 0; round < 1000; round++) {
      const ids: string[] = []
      while (ids.length < atOnce && obstacles('subject', standing, now, false, RULES).length === 0) {
        ids.push(`att_${admitted++}`)
        standing = reserve('subject', standing, ids.at(-1) ?? '', now, now + 15 * MINUTE, RULES)
      }
      now += heardOf ? 10_000 : 15 * MINUTE
      if (heardOf) for (const id of ids) standing = settle('subject', standing, id, ended(now), now, RULES)
      now = Math.max(now, ...obstacles('subject', standing, now, false, RULES).map(({ until = 0 }) => until))
    }
    assert.equal(admitted, 50, `${atOnce} at once, ${heardOf ? 'heard' : 'never heard'} of again`)
    assert.deepEqual(
      obstacles('subject', standing, now + 365 * DAY_MS, false, RULES).map(({ code }) => code),
      ['subject_disabled'],
    )
  }
})

test('only an accepted verification begins the count anew, and a capture that never began does not count', () => {
  const failing = (standing: Standing, n: number) =>
    Array.from({ length: n }).reduce<Standing>((so, _, i) => {
      const at = NOW + i * 10 * MINUTE
      return settle('subject', reserve('subject', so, 'a', at, at + 1, RULES), 'a', ended(at), at, RULES)
    }, standing)
  const tried = failing(NEW_STANDING, 4)
  assert.equal(tried.consecutive, 4)
  const later = NOW + 60 * MINUTE
  const after = (end: Parameters<typeof settle>[3]) =>
    settle('subject', reserve('subject', tried, 'b', later, later + 1, RULES), 'b', end, later, RULES)
  assert.equal(after({ ...ended(later), decision: 'accept' }).consecutive, 0)
  assert.equal(after({ ...ended(later), decision: 'accept', purpose: 'liveness' }).consecutive, 4)
  assert.equal(after({ ...ended(later), decision: 'retry' }).consecutive, 4)
  assert.equal(after(undefined).consecutive, 4)
  assert.equal(after(ended(later)).consecutive, 5)
})
