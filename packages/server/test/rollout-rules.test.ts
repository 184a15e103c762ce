/** The pure part of rolling a policy out: stages, the draw of canaries, what counts show, decisions made again. */
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { assessed, failed, IpseError, type Policy, SIGNAL_NAMES, type Signal } from '@ipse/protocol'
import fc from 'fast-check'
import { decide } from '../src/domain/decide.ts'
import { POLICIES, parsePolicy, resolvePolicy } from '../src/domain/policies/index.ts'
import { drawVersion, isWithin } from '../src/domain/rollout/draw.ts'
import {
  canaryReports,
  firstDifference,
  type OutcomeCount,
  shadowReports,
} from '../src/domain/rollout/outcomes.ts'
import { replayDecision } from '../src/domain/rollout/replay.ts'
import {
  moveVersion,
  type PolicyVersion,
  rollBack,
  STAGE_NAMES,
  type Stage,
} from '../src/domain/rollout/stages.ts'

const aVersion = (version: number, stage: Stage = 'draft'): PolicyVersion => ({
  tenant: 'shop',
  name: 'bank',
  version,
  digest: `digest${version}`,
  stage,
  ...(stage === 'canary' ? { share: 10 } : {}),
  createdAt: 1,
  changedAt: 1,
})

/** All versions after a change. */
function after(versions: readonly PolicyVersion[], changed: readonly PolicyVersion[]): PolicyVersion[] {
  return versions.map((before) => changed.find(({ version }) => version === before.version) ?? before)
}

const staged = (versions: readonly PolicyVersion[]) =>
  Object.fromEntries(versions.map(({ version, stage }) => [version, stage]))

test('a version goes from shadow to canary to active, and takes the place of the one before', () => {
  let versions = [aVersion(1, 'active'), aVersion(2)]
  const move = (to: Stage, share?: number) => {
    const wish = { version: 2, to, ...(share === undefined ? {} : { share }) }
    versions = after(versions, moveVersion(versions, wish, false, 7))
    return versions.find(({ version }) => version === 2)
  }
  assert.equal(move('shadow')?.stage, 'shadow')
  assert.equal(move('canary', 5)?.share, 5)
  assert.equal(move('canary', 50)?.share, 50)
  const active = move('active')
  assert.deepEqual(
    [active?.stage, active?.share, active?.replaced, active?.changedAt],
    ['active', undefined, 1, 7],
  )
  assert.deepEqual(staged(versions), { 1: 'retired', 2: 'active' })
  versions = after(versions, rollBack(versions, 8))
  assert.deepEqual(staged(versions), { 1: 'active', 2: 'retired' })
})

test('rolling back takes the canary first, and falls back to the file where nothing was active before', () => {
  let versions = [aVersion(1, 'active'), aVersion(2, 'canary')]
  versions = after(versions, rollBack(versions, 2))
  assert.deepEqual(staged(versions), { 1: 'active', 2: 'retired' })
  versions = after(versions, rollBack(versions, 3))
  assert.deepEqual(staged(versions), { 1: 'retired', 2: 'retired' })
  assert.throws(() => rollBack(versions, 4), { code: 'conflict' })
})

test('no step is left out, except where nothing is in force under the name', () => {
  const move = (stage: Stage, to: Stage, hasFile: boolean) =>
    moveVersion(
      [aVersion(1, stage)],
      { version: 1, to, ...(to === 'canary' ? { share: 1 } : {}) },
      hasFile,
      2,
    )
  for (const to of ['canary', 'active'] as const)
    assert.throws(() => move('draft', to, true), { code: 'conflict' })
  assert.throws(() => move('shadow', 'active', true), { code: 'conflict' })
  assert.equal(move('draft', 'active', false)[0]?.stage, 'active')
  assert.throws(() => move('draft', 'shadow', false), /nothing is in force/)
  assert.equal(move('draft', 'shadow', true)[0]?.stage, 'shadow')
})

test('a share belongs to a canary, and one candidate is tried at a time', () => {
  const versions = [aVersion(1, 'active'), aVersion(2, 'shadow'), aVersion(3)]
  const move = (version: number, to: Stage, share?: number) => () =>
    moveVersion(versions, { version, to, ...(share === undefined ? {} : { share }) }, false, 2)
  for (const share of [undefined, 0, -1, 0.5, 101, Number.NaN])
    assert.throws(move(2, 'canary', share), { code: 'invalid_request' })
  assert.throws(move(2, 'retired', 5), { code: 'invalid_request' })
  assert.throws(move(3, 'shadow'), { code: 'conflict' })
  assert.throws(move(4, 'shadow'), { code: 'not_found' })
})

test('whatever is tried, one version at most is active, canary and shadow, and only a canary has a share', () => {
  const act = fc.oneof(
    fc.record({ version: fc.integer({ min: 1, max: 4 }), to: fc.constantFrom(...STAGE_NAMES) }),
    fc.constant('back' as const),
  )
  fc.assert(
    fc.property(fc.array(act, { maxLength: 40 }), fc.boolean(), (acts, hasFile) => {
      let versions: PolicyVersion[] = [1, 2, 3, 4].map((version) => aVersion(version))
      for (const tried of acts)
        try {
          const share = tried !== 'back' && tried.to === 'canary' ? { share: 20 } : {}
          const changed =
            tried === 'back'
              ? rollBack(versions, 2)
              : moveVersion(versions, { ...tried, ...share }, hasFile, 2)
          versions = after(versions, changed)
        } catch (error) {
          assert.ok(error instanceof IpseError && error.code === 'conflict')
        }
      for (const stage of ['active', 'canary', 'shadow'])
        assert.ok(versions.filter((version) => version.stage === stage).length <= 1, stage)
      for (const { stage, share } of versions) assert.equal(share !== undefined, stage === 'canary')
    }),
    { numRuns: 1000 },
  )
})

const macOf = (key: string) => (session: number, version: number) =>
  createHmac('sha256', key)
    .update(JSON.stringify([session, version]))
    .digest('base64url')

test('a canary gets its share of the sessions, the same ones whenever it is drawn, and more when the share grows', () => {
  const mac = macOf('one keyring')
  const drawn = (share: number) =>
    Array.from({ length: 20_000 }, (_, session) => isWithin(mac(session, 2), share))
  const few = drawn(5)
  // Binomial, six standard deviations: by this keyring the count never changes.
  const count = few.filter(Boolean).length
  assert.ok(Math.abs(count - 1000) < 6 * Math.sqrt(20_000 * 0.05 * 0.95), String(count))
  assert.deepEqual(drawn(5), few)
  assert.ok(drawn(50).every((within, i) => within || !few[i]))
  assert.ok(drawn(100).every(Boolean))
  const other = macOf('another keyring')
  assert.notDeepEqual(
    few,
    few.map((_, session) => isWithin(other(session, 2), 5)),
    'without the keyring nobody knows',
  )
})

test('what is not drawn for the canary is decided by what is active, or by the file', () => {
  const none = () => Buffer.alloc(32, 0xff).toString('base64url')
  const all = () => Buffer.alloc(32, 0).toString('base64url')
  const versions = [
    aVersion(1, 'active'),
    aVersion(2, 'canary'),
    aVersion(3, 'shadow'),
    aVersion(4, 'retired'),
  ]
  assert.equal(drawVersion(versions, all)?.version, 2)
  assert.equal(drawVersion(versions, none)?.version, 1)
  assert.equal(drawVersion(versions.slice(1), none), undefined)
  assert.equal(drawVersion(versions.slice(2), all), undefined)
})

const aCount = (change: Partial<OutcomeCount>): OutcomeCount => ({
  role: 'shadow',
  candidate: 2,
  version: 1,
  purpose: 'liveness',
  decision: 'accept',
  would: 'accept',
  count: 1,
  ...change,
})

test('a shadow report counts agreement and every change, with exact intervals', () => {
  const [report, ...more] = shadowReports([
    aCount({ count: 90 }),
    aCount({ purpose: 'verification', count: 4 }),
    aCount({ would: 'reject', reason: 'face_mismatch', count: 3 }),
    aCount({ decision: 'reject', would: 'accept', reason: 'face_mismatch', count: 1 }),
    aCount({ decision: 'retry', would: 'error', count: 2 }),
    aCount({ role: 'canary', count: 50 }),
  ])
  assert.equal(more.length, 0)
  assert.equal(report?.decisions, 100)
  assert.equal(report?.agreement.rate, 0.94)
  // R: binom.test(3, 100)$conf.int and binom.test(1, 100)$conf.int
  const { acceptToReject, rejectToAccept } = report ?? assert.fail()
  assert.deepEqual([acceptToReject.count, acceptToReject.rate], [3, 0.03])
  assert.ok(
    Math.abs(acceptToReject.lower - 0.006229972) < 1e-7 && Math.abs(acceptToReject.upper - 0.08517605) < 1e-7,
  )
  assert.ok(
    Math.abs(rejectToAccept.lower - 0.000253146) < 1e-7 && Math.abs(rejectToAccept.upper - 0.05445938) < 1e-7,
  )
  assert.deepEqual(
    report?.changes.map(({ from, to, count }) => [from, to, count]),
    [
      ['accept', 'reject', 3],
      ['retry', 'error', 2],
      ['reject', 'accept', 1],
    ],
  )
  assert.deepEqual(report?.reasons, [{ reason: 'face_mismatch', count: 4 }])
  assert.deepEqual(shadowReports([]), [])
  assert.equal(firstDifference(['face_mismatch'], ['face_mismatch', 'flat_surface']), 'flat_surface')
  assert.equal(firstDifference(['face_mismatch'], []), 'face_mismatch')
  assert.equal(firstDifference(['face_mismatch'], ['face_mismatch']), undefined)
})

test('a canary is worse when it rejects more than chance explains, or cannot decide; not before', () => {
  const counts = (rejected: number, of: number, errors = 0): OutcomeCount[] => [
    aCount({ role: 'canary', decision: 'accept', count: 900 }),
    aCount({ role: 'canary', decision: 'reject', count: 100 }),
    aCount({ role: 'canary', version: 2, decision: 'accept', count: of - rejected }),
    aCount({ role: 'canary', version: 2, decision: 'reject', count: rejected }),
    aCount({ role: 'canary', version: 2, decision: 'error', count: errors }),
  ]
  const judged = (...given: Parameters<typeof counts>) =>
    canaryReports(counts(...given))[0]?.worse ?? assert.fail()
  assert.deepEqual(judged(10, 100), [])
  assert.deepEqual(judged(2, 4), [], 'four captures show nothing')
  assert.equal(judged(30, 100).length, 2)
  assert.deepEqual(judged(0, 100), [], 'a canary may reject less')
  assert.match(judged(0, 100, 1).join(), /could not decide/)
  const [report] = canaryReports(counts(30, 100))
  assert.deepEqual([report?.canary.rejected.count, report?.inForce[0]?.rejected.rate], [30, 0.1])
  assert.equal(canaryReports([aCount({ role: 'canary', version: 1 })])[0]?.canary.rejected.rate, undefined)
})

const POINTS = [
  { fmr: 0.01, threshold: 0.5 },
  { fmr: 0.001, threshold: 0.7 },
]
const PADS = [{ id: 'pad', operatingPoints: [{ apcer: 0.05, threshold: 0.4 }] }]
const strict = parsePolicy(
  {
    name: 'strict',
    version: 4,
    extends: 'standard',
    challenge: { headPoseSteps: 2 },
    rules: [
      {
        signal: 'match',
        atLeast: { fmr: 0.001 },
        otherwise: 'review',
        reason: 'face_mismatch',
        missing: 'reject',
      },
      {
        signal: 'texture',
        atLeast: { apcer: 0.05 },
        otherwise: 'reject',
        reason: 'texture_suspicious',
        missing: 'reject',
      },
      {
        signal: 'motion-naturalness',
        atLeast: 0.5,
        otherwise: 'retry',
        reason: 'challenge_too_fast',
        missing: 'retry',
      },
    ],
  },
  POLICIES,
)

const signal: fc.Arbitrary<Signal> = fc.record(
  {
    name: fc.constantFrom(...SIGNAL_NAMES),
    measurement: fc.oneof(
      fc
        .record({ native: fc.double(), score: fc.double({ min: 0, max: 1 }) })
        .map(({ native, score }) => assessed(native, score)),
      fc.constantFrom('too-few-frames' as const, 'not-supported' as const).map(failed),
    ),
    samples: fc.nat(100),
    model: fc.constant('pad'),
    finding: fc.constantFrom('face_mismatch' as const, 'flat_surface' as const),
  },
  { requiredKeys: ['name', 'measurement', 'samples'] },
)

/** As a store keeps it. */
const stored = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T

test('a decision that went through the store is made again to the last bit, whatever was measured', () => {
  fc.assert(
    fc.property(
      fc.array(signal, { maxLength: 40 }),
      fc.constantFrom(...(Object.values(POLICIES) as Policy[]), strict),
      fc.constantFrom('liveness' as const, 'verification' as const, 'enrolment' as const),
      (signals, policy, purpose) => {
        const basis = { policy: resolvePolicy(policy, POINTS, PADS), operatingPoints: POINTS, pads: PADS }
        const { decision, reasons } = decide(basis.policy, signals, purpose)
        const record = {
          tenant: 'shop',
          sessionId: 'ses_1',
          attempt: 1,
          purpose,
          decidedAt: 1,
          basis: 'b',
          signals,
          decision,
          reasons,
        }
        const replay = replayDecision(stored(record), stored(basis), stored(policy))
        assert.ok(replay.reproduced)
        assert.deepEqual([replay.candidate?.decision, replay.candidate?.reasons], [decision, reasons])
        assert.deepEqual([replay.candidate?.differs, replay.candidate?.otherChallenge], [false, false])
        for (const { before, after: now } of replay.candidate?.lines ?? []) assert.deepEqual(before, now)
      },
    ),
    { numRuns: 500 },
  )
})

test('another policy is put beside the one that decided, rule by rule, and what was altered is noticed', () => {
  const purpose = 'verification'
  const standard = resolvePolicy(POLICIES.standard!, POINTS)
  const signals = SIGNAL_NAMES.map((name): Signal => {
    const demands = standard.rules.filter((rule) => rule.signal === name).map(({ atLeast }) => atLeast)
    return { name, measurement: assessed(Math.max(0, ...demands), 1), samples: 10 }
  })
  const basis = { policy: standard, operatingPoints: POINTS, pads: PADS }
  const { decision, reasons } = decide(standard, signals, purpose)
  const record = {
    tenant: 'shop',
    sessionId: 'ses_1',
    attempt: 2,
    purpose,
    decidedAt: 1,
    basis: 'b',
    signals,
    decision,
    reasons,
  } as const
  assert.equal(decision, 'accept')
  const { candidate, policy } = replayDecision(record, basis, strict)
  assert.deepEqual([policy, candidate?.policy], ['standard/3', 'strict/4'])
  // Its PAD network measured nothing, so what it demands of it is missing.
  assert.deepEqual(
    [candidate?.decision, candidate?.differs, candidate?.otherChallenge],
    ['reject', true, true],
  )
  const texture = candidate?.lines.find(({ model }) => model === 'pad')
  assert.deepEqual(
    [texture?.before, texture?.after?.verdict, texture?.after?.atLeast],
    [undefined, 'insufficient', 0.4],
  )
  const match = candidate?.lines.filter((line) => line.signal === 'match') ?? []
  assert.deepEqual(
    match.map(({ before, after: now }) => [before?.atLeast, now?.atLeast]),
    [
      [0.7, 0.7],
      [undefined, 0.7],
    ],
  )
  const forged = { ...record, decision: 'reject' as const }
  assert.equal(replayDecision(record, basis).reproduced, true)
  assert.equal(replayDecision(forged, basis, strict).reproduced, false)
})
