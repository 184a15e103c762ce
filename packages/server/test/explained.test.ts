/** Every line of evidence explains itself; an operator's PAD network judges at its own operating point, the shipped ones never. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type Adverse,
  type AssuranceLevel,
  assessed,
  type Decision,
  EVIDENCE_WEIGHTS,
  type Evidence,
  failed,
  type Measurement,
  PURPOSES,
  REASONS,
  type Reason,
  type ResolvedPolicy,
  type ResolvedRule,
  SIGNAL_NAMES,
  type Signal,
} from '@ipse/protocol'
import fc from 'fast-check'
import type { CaptureRecord, FrameObservation } from '../src/domain/capture-record.ts'
import { decide } from '../src/domain/decide.ts'
import { POLICIES, resolvePolicy } from '../src/domain/policies/index.ts'
import type { PadSlot } from '../src/domain/policies/pad-rules.ts'
import { texture } from '../src/domain/signals/texture.ts'

const POINTS = [{ fmr: 0.001, threshold: 0.7 }]
const SEVERITY: Readonly<Record<Decision, number>> = { accept: 0, retry: 1, review: 2, reject: 3 }
const REASON_NAMES = Object.keys(REASONS) as Reason[]
const PADS: readonly PadSlot[] = [
  {
    id: 'crop-wide',
    operatingPoints: [
      { apcer: 0.1, threshold: 0.3 },
      { apcer: 0.05, threshold: 0.4 },
      { apcer: 0.01, threshold: 0.6 },
    ],
  },
  { id: 'crop-close', operatingPoints: [{ apcer: 0.1, threshold: 0.5 }] },
  { id: 'never-measured', operatingPoints: [] },
]

/** Meets every demand; networks of the slot get a mean each, the shipped ones say "attack". */
function good({ rules }: ResolvedPolicy, means: Readonly<Record<string, Measurement>> = {}): Signal[] {
  const plain = SIGNAL_NAMES.filter((name) => name !== 'texture').map((name): Signal => {
    const demands = rules.filter(({ signal }) => signal === name).map(({ atLeast }) => atLeast)
    return { name, measurement: assessed(Math.max(0, ...demands), 1), samples: 9 }
  })
  const networks = { antispoof: assessed(0, 0), liveness: assessed(0, 0), ...means }
  return [
    ...plain,
    ...Object.entries(networks).map(
      ([model, measurement]): Signal => ({ name: 'texture', model, measurement, samples: 9 }),
    ),
  ]
}

const outcome = (policy: ResolvedPolicy, given: readonly Signal[]) => {
  const { decision, reasons, assurance } = decide(policy, given, 'liveness')
  return [decision, reasons[0], assurance]
}

const adverse = fc.constantFrom<Adverse>('reject', 'retry', 'review')
const signal: fc.Arbitrary<Signal> = fc
  .record({
    name: fc.constantFrom(...SIGNAL_NAMES),
    model: fc.constantFrom(undefined, 'a', 'b'),
    native: fc.oneof(fc.double({ min: -2, max: 2, noNaN: true }), fc.constant(Number.NaN)),
  })
  .map(({ name, model, native }) => ({
    name,
    ...(model === undefined ? {} : { model }),
    measurement: assessed(native, 0.5),
    samples: 5,
  }))
const rule: fc.Arbitrary<ResolvedRule> = fc
  .record({
    signal: fc.constantFrom(...SIGNAL_NAMES),
    atLeast: fc.double({ min: -2, max: 2, noNaN: true }),
    otherwise: adverse,
    missing: adverse,
    reason: fc.constantFrom(...REASON_NAMES),
    model: fc.constantFrom(undefined, 'a', 'b'),
  })
  .map(({ model, ...rest }) => ({ ...rest, ...(model === undefined ? {} : { model }) }))

test('every signal and every demand is in the evidence, with its weight; a reason exactly where a demand is not met', () => {
  const standard = resolvePolicy(POLICIES.standard!, POINTS)
  fc.assert(
    fc.property(
      fc.array(rule, { maxLength: 10 }),
      fc.array(signal, { maxLength: 15 }),
      fc.constantFrom(...PURPOSES),
      (rules, given, purpose) => {
        const { evidence, reasons, decision } = decide({ ...standard, rules }, given, purpose)
        for (const one of given)
          assert.ok(evidence.some((line) => line.signal === one.name && line.model === one.model))
        for (const demand of rules)
          assert.ok(evidence.some((line) => line.signal === demand.signal && line.atLeast === demand.atLeast))
        for (const line of evidence) {
          assert.ok(line.weight in EVIDENCE_WEIGHTS)
          assert.equal(line.reason !== undefined, line.verdict === 'fail' || line.verdict === 'insufficient')
          assert.equal(line.weight === 'none', line.verdict === 'reported')
          if (line.verdict === 'pass') assert.equal(line.measurement.status, 'assessed')
        }
        const explained = new Set(evidence.flatMap(({ reason }) => reason ?? []))
        assert.deepEqual(new Set(reasons), explained)
        assert.equal(decision === 'accept', explained.size === 0)
      },
    ),
    { numRuns: 1000 },
  )
})

test('weights say what a demand can do', () => {
  const high = resolvePolicy(POLICIES.high!, POINTS)
  const { evidence } = decide(high, good(high), 'verification')
  const weights = (name: Evidence['signal']) =>
    evidence.filter((line) => line.signal === name).map((line) => line.weight)
  assert.deepEqual(weights('planarity'), ['decisive', 'step'])
  assert.deepEqual(weights('moire'), ['hint'])
  assert.deepEqual(weights('surface-colour'), ['none'])
  assert.deepEqual(weights('texture'), ['none', 'none'])
})

test('a filled PAD slot judges each network at the loosest point that keeps the rate, and raises the level', () => {
  const empty = resolvePolicy(POLICIES.standard!, POINTS)
  assert.deepEqual(outcome(empty, good(empty)), ['accept', undefined, 'active-geometry'])
  const filled = resolvePolicy(POLICIES.standard!, POINTS, PADS)
  const judged = filled.rules.filter((candidate) => candidate.signal === 'texture')
  assert.deepEqual(
    judged.map(({ model, atLeast, apcer }) => [model, atLeast, apcer]),
    [
      ['crop-wide', 0.4, 0.05],
      ['crop-close', 0.5, 0.1],
    ],
  )
  const means = { 'crop-wide': assessed(0.4, 0.4), 'crop-close': assessed(0.8, 0.8) }
  assert.deepEqual(outcome(filled, good(filled, means)), ['accept', undefined, 'active+pad-model'])
  const low = { ...means, 'crop-wide': assessed(0.39, 0.39) }
  assert.deepEqual(outcome(filled, good(filled, low)), ['reject', 'texture_suspicious', 'active-geometry'])
  const broken = { ...means, 'crop-close': failed('internal') }
  assert.deepEqual(outcome(filled, good(filled, broken)), ['retry', 'evidence_missing', 'active-geometry'])
  const { 'crop-close': _, ...gone } = means
  assert.deepEqual(outcome(filled, good(filled, gone)), ['retry', 'evidence_missing', 'active-geometry'])
  const unanswered = good(filled, means).map((given) =>
    given.name === 'challenge-response' ? { ...given, measurement: assessed(0.5, 0.5) } : given,
  )
  assert.equal(outcome(filled, unanswered)[2], 'none')
})

test('no policy with less than a full challenge is raised, and a bare threshold on texture raises nothing', () => {
  const means = { 'crop-wide': assessed(0.9, 0.9), 'crop-close': assessed(0.9, 0.9) }
  const levels: Readonly<Record<string, AssuranceLevel>> = {
    standard: 'active+pad-model',
    high: 'active+pad-model',
    demo: 'active+pad-model',
    passive: 'passive',
    accessible: 'active-reduced',
  }
  for (const policy of Object.values(POLICIES)) {
    const resolved = resolvePolicy(policy, POINTS, PADS)
    assert.equal(decide(resolved, good(resolved, means), 'liveness').assurance, levels[policy.name])
    const failing = good(resolved, { ...means, 'crop-wide': assessed(0.1, 0.1) })
    assert.equal(decide(resolved, failing, 'liveness').decision, 'reject', policy.name)
  }
  const standard = resolvePolicy(POLICIES.standard!, POINTS)
  const weak = resolvePolicy(POLICIES.standard!, POINTS, [
    { id: 'crop-wide', operatingPoints: [{ apcer: 0.3, threshold: 0.1 }] },
  ])
  assert.deepEqual(outcome(weak, good(weak, means)), ['accept', undefined, 'active-geometry'])
  const bare: ResolvedRule = {
    signal: 'texture',
    atLeast: 0.3,
    otherwise: 'reject',
    reason: 'texture_suspicious',
    missing: 'retry',
  }
  const trusting = { ...standard, rules: [...standard.rules, bare] }
  const liked = good(trusting, { antispoof: assessed(1, 1), liveness: assessed(1, 1) })
  assert.deepEqual(outcome(trusting, liked), ['accept', undefined, 'active-geometry'])
})

test('lowering the mean of any network never makes the decision better', () => {
  const filled = resolvePolicy(POLICIES.high!, POINTS, PADS)
  const mean = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constant(undefined))
  const measured = (value: number | undefined) =>
    value === undefined ? failed('too-few-frames') : assessed(value, value)
  fc.assert(
    fc.property(mean, mean, fc.double({ min: 0, max: 1, noNaN: true }), (wide, close, by) => {
      const decisionAt = (value: number | undefined) => {
        const means = { 'crop-wide': measured(value), 'crop-close': measured(close) }
        return SEVERITY[decide(filled, good(filled, means), 'liveness').decision]
      }
      if (wide !== undefined) assert.ok(decisionAt(wide - by) >= decisionAt(wide))
      assert.ok(decisionAt(undefined) > 0)
    }),
  )
})

test('texture is the mean of each network over the frames, and no mean when most of them failed', () => {
  const record = (frames: readonly Readonly<Record<string, Measurement>>[]) =>
    ({
      frames: frames.map((given): Partial<FrameObservation> => ({ texture: given })),
    }) as unknown as CaptureRecord
  const score = (value: number) => assessed(17, value)
  const [wide, close] = texture(
    record([0.2, 0.4, 0.6, 0.8].map((value) => ({ wide: score(value), close: score(1 - value) }))),
  )
  assert.deepEqual([wide?.model, wide?.samples, close?.model], ['wide', 4, 'close'])
  assert.ok(wide?.measurement.status === 'assessed' && Math.abs(wide.measurement.native - 0.5) < 1e-12)
  const reasonOf = ([first]: Signal[]) =>
    first?.measurement.status === 'failure-to-assess' ? first.measurement.reason : first?.measurement
  assert.equal(reasonOf(texture(record([{}, {}]))), 'model-absent')
  assert.equal(reasonOf(texture(record([{ a: score(1) }, { a: score(1) }]))), 'too-few-frames')
  const failing = Array.from({ length: 5 }, () => ({ a: failed('face-too-small') }))
  const sound = Array.from({ length: 4 }, () => ({ a: score(1) }))
  assert.equal(reasonOf(texture(record([...sound, ...failing]))), 'face-too-small')
  const [enough] = texture(record([...sound, ...failing.slice(1)]))
  assert.equal(enough?.measurement.status, 'assessed')
})
