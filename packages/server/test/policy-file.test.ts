/** Policies of the operator: read strictly, never weaker than they say, never in the place of a shipped one. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { type ChallengePolicy, IpseError, type Policy, type Rule } from '@ipse/protocol'
import fc from 'fast-check'
import { drawPlan } from '../src/domain/challenge-plan.ts'
import {
  checkCalibratedModels,
  findPolicy,
  POLICIES,
  parsePolicy,
  resolvePolicy,
} from '../src/domain/policies/index.ts'
import { startFixture, systemRandom } from './fixture.ts'

const OWN = { name: 'branch', version: 1, extends: 'standard' }
const RULE = {
  signal: 'moire',
  atLeast: 1,
  otherwise: 'review',
  reason: 'display_suspected',
  missing: 'retry',
} as const satisfies Rule
const TEXTURE = { ...RULE, signal: 'texture', reason: 'texture_suspicious', model: 'my-pad', atLeast: 0.6 }
const SHA = 'a'.repeat(64)
const CALIBRATION = {
  signal: 'texture',
  model: 'my-pad',
  atLeast: 0.6,
  apcer: 0.05,
  measured: {
    species: {
      'print-photo': { n: 60, rate: 0, upper95: 0.06 },
      'screen-replay': { n: 100, rate: 0.02, upper95: 0.07 },
    },
    bonaFide: { n: 100, rate: 0.03, upper95: 0.09 },
  },
  bySubject: true,
  dataset: { name: 'pad.csv', sha256: SHA },
  models: { 'my-pad': SHA },
  date: '2026-11-21',
}

function parse(more: object): Policy {
  return parsePolicy({ ...OWN, ...more }, POLICIES)
}

test('a file stands on a shipped policy and adds to it; the base stays as it was', () => {
  const { standard } = POLICIES
  const before = structuredClone(standard)
  const policy = parse({ challenge: { headPoseSteps: 3 }, rules: [RULE], maxAttempts: 1 })
  assert.deepEqual(policy.rules, [...standard!.rules, RULE])
  assert.deepEqual(policy.challenge, { ...standard!.challenge, headPoseSteps: 3 })
  assert.deepEqual([policy.name, policy.version, policy.maxAttempts], ['branch', 1, 1])
  assert.ok(!('extends' in policy) && !('withoutRules' in policy))
  assert.deepEqual(standard, before)
  assert.deepEqual(
    parse({ withoutRules: ['moire'], rules: [{ ...RULE, atLeast: 0.5 }] }).rules.filter(
      ({ signal }) => signal === 'moire',
    ),
    [{ ...RULE, atLeast: 0.5 }],
  )
})

test('whatever is not a policy is refused with the place in it', () => {
  const cases: readonly (readonly [object, RegExp])[] = [
    [{ colour: 1 }, /^colour is not known/],
    [{ name: 'standard' }, /^name standard comes with Ipse/],
    [{ name: 'A b' }, /^name must be a name/],
    [{ version: 1.5 }, /^version must be a whole number/],
    [{ extends: 'strict' }, /^extends must be one of standard, high/],
    [{ extends: 'constructor' }, /^extends must be one of/],
    [{ challenge: { headPoses: 1 } }, /^challenge\.headPoses is not known/],
    [{ challenge: { yawTargetDeg: Number.POSITIVE_INFINITY } }, /^challenge\.yawTargetDeg must be a number/],
    [{ challenge: { stepUp: { on: ['virtual-camera'], most: 1 } } }, /^challenge\.stepUp\.on\[0\] must be/],
    [{ challenge: { stepUp: { on: [] } } }, /^challenge\.stepUp\.most is missing/],
    [{ challenge: { directions: ['up', 'down'] } }, /^challenge\.directions must have left or right/],
    [{ challenge: { headPoseSteps: 2, directions: ['left'] } }, /^challenge\.directions must have two/],
    [{ rules: [RULE, { ...RULE, signal: 'aura' }] }, /^rules\[1\]\.signal must be one of/],
    [{ rules: [{ ...RULE, atLeast: Number.POSITIVE_INFINITY }] }, /^rules\[0\]\.atLeast must be a number/],
    [{ rules: [{ ...RULE, atLeast: '1' }] }, /^rules\[0\]\.atLeast must be a number/],
    [{ rules: [{ ...RULE, atLeast: null }] }, /^rules\[0\]\.atLeast must be an object/],
    [{ rules: [{ ...RULE, atLeast: {} }] }, /^rules\[0\]\.atLeast\.fmr or apcer/],
    [{ rules: [{ ...RULE, atLeast: { fmr: 0.1 } }] }, /^rules\[0\] names a false match rate/],
    [{ rules: [{ ...RULE, atLeast: { apcer: 0.1 } }] }, /^rules\[0\] names an APCER/],
    [{ rules: [{ ...RULE, otherwise: 'accept' }] }, /^rules\[0\]\.otherwise must be one of/],
    [{ rules: [{ ...RULE, missing: undefined }] }, /^rules\[0\]\.missing must be one of/],
    [{ rules: [{ ...RULE, model: 'x' }] }, /^rules\[0\] names a model/],
    [{ rules: [{ ...RULE, purposes: ['liveness', 'liveness'] }] }, /^rules\[0\]\.purposes names .* twice/],
    [{ rules: [{ ...RULE, signal: 'puppet', otherwise: 'reject' }] }, /^rules\[0\] rejects by puppet/],
    [
      { rules: [{ ...RULE, signal: 'weak-signs', otherwise: 'reject' }] },
      /^rules\[0\] rejects by weak-signs/,
    ],
    [{ rules: {} }, /^rules must be a list/],
    [{ withoutRules: ['blink'] }, /^withoutRules\[0\] : standard has no rule on blink/],
    [{ withoutRules: ['match'] }, /^withoutRules leaves verifications without a comparison/],
    [{ withoutRules: ['challenge-response'] }, /^assurance active-geometry is more .* none at most/],
    [{ withoutRules: ['planarity'] }, /^assurance active-geometry .* active-reduced at most/],
    [{ extends: 'passive', assurance: 'active-geometry' }, /^assurance active-geometry .* passive at most/],
    [{ assurance: 'active+pad-model' }, /^assurance active\+pad-model .* for each session/],
    [{ extends: 'demo', developmentOnly: false }, /^developmentOnly cannot be false/],
    [{ calibration: [{ ...CALIBRATION, dataset: {} }] }, /^calibration\[0\]\.dataset\.name is missing/],
    [{ calibration: [{ ...CALIBRATION, models: { m: 'x' } }] }, /^calibration\[0\]\.models\.m must be 64/],
  ]
  for (const [more, message] of cases)
    assert.throws(
      () => parse(more),
      (error: IpseError) => {
        assert.ok(error instanceof IpseError && error.code === 'policy_invalid')
        assert.match(error.message, message)
        return true
      },
    )
  for (const value of [null, [], 'standard', 7])
    assert.throws(() => parsePolicy(value, POLICIES), /^IpseError: the policy must be an object/)
  assert.throws(() => parsePolicy({ name: 'x', version: 1 }, POLICIES), /extends is missing/)
})

test('what asks for less may say so, and claims less', () => {
  const reduced = parse({ withoutRules: ['planarity'], assurance: 'active-reduced' })
  assert.equal(reduced.assurance, 'active-reduced')
  assert.equal(parse({ extends: 'demo' }).developmentOnly, true)
  assert.equal(parse({ withoutRules: ['challenge-response'], assurance: 'none' }).assurance, 'none')
})

test('every shipped policy can be stood on', () => {
  for (const { name, rules, challenge } of Object.values(POLICIES)) {
    const policy = parsePolicy({ ...OWN, extends: name }, POLICIES)
    assert.deepEqual([policy.rules, policy.challenge], [rules, challenge])
  }
})

test('whatever challenge is taken can be drawn', () => {
  const challenge = fc.record(
    {
      headPoseSteps: fc.integer({ min: 0, max: 8 }),
      directions: fc.uniqueArray(fc.constantFrom('left', 'right', 'up', 'down')),
      follows: fc.integer({ min: 0, max: 3 }),
      gazeHolds: fc.integer({ min: 0, max: 4 }),
      expressions: fc.uniqueArray(fc.constantFrom('mouth-open', 'blink')),
      cameraConstraint: fc.boolean(),
      distance: fc.boolean(),
      colourLight: fc.boolean(),
    },
    { requiredKeys: [] },
  )
  let taken = 0
  fc.assert(
    fc.property(challenge, (drawn) => {
      let policy: { challenge: ChallengePolicy }
      try {
        policy = parse({ challenge: drawn, assurance: 'none' })
      } catch (error) {
        assert.equal((error as IpseError).code, 'policy_invalid')
        return
      }
      taken++
      const { steps } = drawPlan(policy.challenge, systemRandom.bytes)
      assert.equal(steps[0]?.step.kind, 'hold')
    }),
    { numRuns: 300 },
  )
  assert.ok(taken > 100, `${taken}`)
})

test('sessions find the policies of this service and no other', () => {
  const policies = { ...POLICIES, branch: parse({}), trial: parse({ name: 'trial', developmentOnly: true }) }
  assert.equal(findPolicy(policies, 'branch', false).name, 'branch')
  for (const name of ['trial', 'demo', 'toString', ''])
    assert.throws(() => findPolicy(policies, name, false), { code: 'policy_unknown' })
  assert.throws(() => findPolicy(POLICIES, 'branch', true), { code: 'policy_unknown' })
})

test('a session may name a policy of the operator, and is asked by it', async () => {
  const branch = parse({ version: 4, maxAttempts: 1, ttlSeconds: 60 })
  await using service = await startFixture({ more: { policies: { ...POLICIES, branch } } })
  const wish = { purpose: 'liveness', allowedOrigins: ['https://shop.test'] }
  const made = await service.call('POST', '/v1/sessions', { ...wish, policy: 'branch' })
  assert.equal(made.status, 201)
  const session = await service.readSession(made.body.id)
  assert.deepEqual(session.policy, { name: 'branch', version: 4 })
  assert.equal(Date.parse(session.expiresAt) - Date.parse(session.createdAt), 60_000)
  const unknown = await service.call('POST', '/v1/sessions', { ...wish, policy: 'other' })
  assert.deepEqual([unknown.status, unknown.body.code], [422, 'policy_unknown'])
  assert.match(unknown.body.detail, /standard.*branch/)
})

test('a service does not start with a threshold of another network', async () => {
  const branch = parse({ rules: [TEXTURE], calibration: [CALIBRATION] })
  await assert.rejects(startFixture({ more: { policies: { ...POLICIES, branch } } }), {
    code: 'policy_invalid',
  })
})

test('a calibrated rule shows the rate that was measured, of the worst species, held out where there is such', () => {
  const POINTS = [{ fmr: 1e-3, threshold: 0.5 }]
  const apcer = (calibration: object) =>
    resolvePolicy(parse({ rules: [TEXTURE], calibration: [calibration] }), POINTS).rules.find(
      ({ model }) => model === 'my-pad',
    )?.apcer
  assert.equal(apcer(CALIBRATION), 0.02)
  const heldOut = { ...CALIBRATION.measured, species: { print: { n: 9, rate: 0.1, upper95: 0.5 } } }
  assert.equal(apcer({ ...CALIBRATION, heldOut }), 0.1)
  assert.equal(apcer({ ...CALIBRATION, atLeast: 0.5 }), undefined, 'another threshold is not this one')
})

test('a threshold that belongs to another network is refused', () => {
  const policies = { branch: parse({ rules: [TEXTURE], calibration: [CALIBRATION] }) }
  checkCalibratedModels(policies, [{ id: 'my-pad', sha256: SHA }])
  for (const models of [[], [{ id: 'my-pad', sha256: 'b'.repeat(64) }], [{ id: 'other', sha256: SHA }]])
    assert.throws(() => checkCalibratedModels(policies, models), {
      code: 'policy_invalid',
      message: /branch.*my-pad/,
    })
})

test('the example of the documentation is sound', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/calibration.md'), 'utf8')
  const [, example = ''] = /```json\n([\s\S]*?)```/.exec(page) ?? []
  const policy = parsePolicy(JSON.parse(example), POLICIES)
  assert.deepEqual(
    [policy.name, policy.challenge.headPoseSteps, policy.maxAttempts, policy.virtualCamera],
    ['branch', 2, 2, 'block'],
  )
  assert.equal(policy.rules.at(-1)?.model, policy.calibration?.[0]?.model)
})
