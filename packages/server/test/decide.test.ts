/** Properties of the decision: it is total, it never accepts without evidence, and less is never better. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  assessed,
  type Decision,
  FAILURE_REASONS,
  failed,
  PURPOSES,
  REASONS,
  type Reason,
  type ResolvedPolicy,
  type ResolvedRule,
  SIGNAL_NAMES,
  type Signal,
  type VirtualCameraPolicy,
} from '@ipse/protocol'
import fc from 'fast-check'
import { decide } from '../src/domain/decide.ts'
import { POLICIES, resolvePolicy, resolveThreshold } from '../src/domain/policies/index.ts'

const POINTS = [
  { fmr: 0.01, threshold: 0.5 },
  { fmr: 0.001, threshold: 0.7 },
]
const standard = resolvePolicy(POLICIES.standard!, POINTS)
const SEVERITY: Record<Decision, number> = { accept: 0, retry: 1, review: 2, reject: 3 }
const REASON_NAMES = Object.keys(REASONS) as Reason[]

const measurement = fc.oneof(
  fc
    .record({
      native: fc.double({ min: -2, max: 400, noNaN: true }),
      score: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    .map(({ native, score }) => assessed(native, score)),
  fc.constantFrom(...FAILURE_REASONS).map(failed),
)
const signal: fc.Arbitrary<Signal> = fc.record({
  name: fc.constantFrom(...SIGNAL_NAMES),
  measurement,
  samples: fc.nat(200),
})
const signals = fc.array(signal, { maxLength: 20 })
const purpose = fc.constantFrom(...PURPOSES)
const rule: fc.Arbitrary<ResolvedRule> = fc.record({
  signal: fc.constantFrom(...SIGNAL_NAMES),
  atLeast: fc.double({ min: -2, max: 400, noNaN: true }),
  otherwise: fc.constantFrom('reject', 'retry', 'review'),
  reason: fc.constantFrom(...REASON_NAMES),
  missing: fc.constantFrom('reject', 'retry', 'review'),
})
const policy = fc.array(rule, { maxLength: 12 }).map((rules): ResolvedPolicy => ({ ...standard, rules }))

/** Signals that meet every demand of a policy. */
function goodSignals({ rules }: ResolvedPolicy): Signal[] {
  return SIGNAL_NAMES.map((name) => {
    const demands = rules.filter((candidate) => candidate.signal === name).map(({ atLeast }) => atLeast)
    return { name, measurement: assessed(Math.max(0, ...demands), 1), samples: 10 }
  })
}

test('accepts when every demand is met, and says active-geometry', () => {
  for (const name of PURPOSES) {
    const result = decide(standard, goodSignals(standard), name)
    assert.deepEqual([result.decision, result.reasons, result.assurance], ['accept', [], 'active-geometry'])
  }
})

test('never accepts unless every demanded signal was assessed and reached its threshold', () => {
  fc.assert(
    fc.property(policy, signals, purpose, (rules, given, name) => {
      const { decision } = decide(rules, given, name)
      if (decision !== 'accept') return
      assert.ok(rules.rules.some((demand) => demand.signal === 'challenge-response'))
      for (const demand of rules.rules) {
        const found = given.filter((candidate) => candidate.name === demand.signal)
        assert.ok(found.length > 0)
        for (const { measurement: measured } of found)
          assert.ok(measured.status === 'assessed' && measured.native >= demand.atLeast)
      }
    }),
    { numRuns: 2000 },
  )
})

test('leaving out, or failing to assess, any one demanded signal never accepts', () => {
  for (const name of PURPOSES)
    for (const missing of new Set(
      standard.rules.filter((r) => !r.purposes || r.purposes.includes(name)).map((r) => r.signal),
    )) {
      const all = goodSignals(standard)
      const without = all.filter((candidate) => candidate.name !== missing)
      assert.notEqual(decide(standard, without, name).decision, 'accept', missing)
      const unassessed = [...without, { name: missing, measurement: failed('internal'), samples: 0 }]
      const result = decide(standard, unassessed, name)
      assert.notEqual(result.decision, 'accept', missing)
      assert.ok(result.reasons.includes('evidence_missing'))
    }
})

test('lowering a measurement never makes the decision better', () => {
  fc.assert(
    fc.property(
      policy,
      signals,
      purpose,
      fc.nat(),
      fc.double({ min: 0, max: 500, noNaN: true }),
      (rules, given, name, at, by) => {
        fc.pre(given.length > 0)
        const before = decide(rules, given, name).decision
        const lowered = given.map((candidate, i) =>
          i === at % given.length && candidate.measurement.status === 'assessed'
            ? { ...candidate, measurement: assessed(candidate.measurement.native - by, 0) }
            : candidate,
        )
        assert.ok(SEVERITY[decide(rules, lowered, name).decision] >= SEVERITY[before])
      },
    ),
    { numRuns: 2000 },
  )
})

test('the order of signals does not matter, and one given twice keeps the worse', () => {
  fc.assert(
    fc.property(policy, signals, purpose, signal, (rules, given, name, extra) => {
      const { decision } = decide(rules, given, name)
      assert.equal(decide(rules, given.toReversed(), name).decision, decision)
      assert.equal(decide(rules, [...given, ...given], name).decision, decision)
      if (given.some((candidate) => candidate.name === extra.name))
        assert.ok(SEVERITY[decide(rules, [...given, extra], name).decision] >= SEVERITY[decision])
    }),
    { numRuns: 1000 },
  )
})

test('is total: garbage and not-a-number lead to a decision, and never to accept', () => {
  const garbage = fc.record({
    name: fc.oneof(fc.constantFrom(...SIGNAL_NAMES), fc.string()),
    measurement: fc.anything(),
    samples: fc.anything(),
  })
  fc.assert(
    fc.property(fc.array(garbage), purpose, (given, name) => {
      const { decision } = decide(standard, given as Signal[], name)
      assert.notEqual(decision, 'accept')
      assert.ok(decision in SEVERITY)
    }),
  )
  const poisoned = goodSignals(standard).map((candidate) => ({
    ...candidate,
    measurement: { status: 'assessed', native: Number.NaN, score: Number.NaN } as const,
  }))
  assert.notEqual(decide(standard, poisoned, 'liveness').decision, 'accept')
})

test('a policy that demands no liveness never accepts', () => {
  const rules = standard.rules.filter((demand) => demand.signal !== 'challenge-response')
  const result = decide({ ...standard, rules }, goodSignals(standard), 'verification')
  assert.deepEqual([result.decision, result.assurance], ['review', 'none'])
  assert.notEqual(decide({ ...standard, rules: [] }, [], 'liveness').decision, 'accept')
})

test('two wrong turns reject, one and an unanswered step ask for another attempt, a virtual camera for a review', () => {
  const change = (name: Signal['name'], native: number) =>
    goodSignals(standard).map((given) =>
      given.name === name ? { ...given, measurement: assessed(native, 0) } : given,
    )
  const outcome = (given: Signal[]) => {
    const { decision, reasons } = decide(standard, given, 'verification')
    return [decision, reasons[0]]
  }
  assert.deepEqual(outcome(change('challenge-response', -2)), ['reject', 'challenge_wrong_answer'])
  assert.equal(outcome(change('challenge-response', -1))[0], 'retry')
  assert.deepEqual(outcome(change('challenge-response', 0.5)), ['retry', 'challenge_not_answered'])
  assert.deepEqual(outcome(change('challenge-pace', 149)), ['reject', 'challenge_too_fast'])
  assert.deepEqual(outcome(change('challenge-pace', 299)), ['retry', 'challenge_too_fast'])
  assert.deepEqual(outcome(change('capture-device', 0)), ['review', 'virtual_camera'])
  assert.deepEqual(outcome(change('frame-freshness', 0.99)), ['review', 'frames_repeated'])
  assert.deepEqual(outcome(change('frame-freshness', 0.5)), ['reject', 'frames_repeated'])
  assert.deepEqual(outcome(change('match', 0.69)), ['reject', 'face_mismatch'])
  assert.deepEqual(outcome(change('texture', -5)), ['accept', undefined])
})

test('a virtual camera is rejected, reviewed or reported, as the policy says; a silent one is never better off', () => {
  const outcomes = (virtualCamera: VirtualCameraPolicy) => {
    const resolved = resolvePolicy({ ...POLICIES.standard!, virtualCamera }, POINTS)
    const given = (measured: Signal['measurement']) =>
      goodSignals(resolved).map((good) =>
        good.name === 'capture-device' ? { ...good, measurement: measured } : good,
      )
    const decisionOn = (measured: Signal['measurement']) =>
      decide(resolved, given(measured), 'verification').decision
    return [decisionOn(assessed(1, 1)), decisionOn(assessed(0, 0)), decisionOn(failed('not-supported'))]
  }
  assert.deepEqual(outcomes('block'), ['accept', 'reject', 'review'])
  assert.deepEqual(outcomes('step-up'), ['accept', 'review', 'review'])
  assert.deepEqual(outcomes('signal'), ['accept', 'accept', 'accept'])
})

test('a demanded false match rate becomes the loosest threshold that keeps it, or the strictest there is', () => {
  assert.deepEqual(resolveThreshold(0.005, POINTS), { fmr: 0.001, threshold: 0.7 })
  assert.deepEqual(resolveThreshold(0.01, POINTS), { fmr: 0.01, threshold: 0.5 })
  assert.deepEqual(resolveThreshold(1e-6, POINTS), { fmr: 0.001, threshold: 0.7 })
  assert.throws(() => resolveThreshold(0.01, []), { code: 'model_invalid' })
  assert.throws(() => resolveThreshold(0.01, [{ fmr: 0.01, threshold: Number.NaN }]), {
    code: 'model_invalid',
  })
})
