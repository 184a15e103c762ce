/** What every store must do with policy versions, counts of decisions, stored decisions and model sets. */
import assert from 'node:assert/strict'
import { IpseError } from '@ipse/protocol'
import { POLICIES } from '../../src/domain/policies/index.ts'
import type { OutcomeCount } from '../../src/domain/rollout/outcomes.ts'
import { moveVersion, type PolicyVersion } from '../../src/domain/rollout/stages.ts'
import type { Decided } from '../../src/store/rollout-records.ts'
import type { Check } from './contract.ts'
import { anAudit, aSession, sweepSessions } from './records.ts'

const POLICY = POLICIES.standard!

const aVersion = (change: Partial<PolicyVersion> = {}): PolicyVersion => ({
  tenant: 'shop',
  name: 'bank',
  version: 1,
  digest: 'd1',
  stage: 'draft',
  createdAt: 1000,
  changedAt: 1000,
  ...change,
})

const aCount = (change: Partial<OutcomeCount> = {}): OutcomeCount => ({
  role: 'shadow',
  candidate: 2,
  version: 1,
  purpose: 'liveness',
  decision: 'accept',
  would: 'reject',
  reason: 'face_mismatch',
  count: 1,
  ...change,
})

/** @param attempt from 1 */
export function aDecided(sessionId: string, attempt: number, decidedAt = 1500, tenant = 'shop'): Decided {
  return {
    record: {
      tenant,
      sessionId,
      attempt,
      purpose: 'liveness',
      decidedAt,
      basis: 'basis-1',
      signals: [
        { name: 'single-face', measurement: { status: 'assessed', native: 0.1 + 0.2, score: 1 }, samples: 3 },
      ],
      decision: 'retry',
      reasons: ['several_faces'],
    },
    basis: { policy: { ...POLICY, rules: [] }, operatingPoints: [{ fmr: 0.01, threshold: 0.5 }], pads: [] },
  }
}

export function rollout(check: Check): void {
  check(
    'publishes a version of a policy once, for its tenant, and gives it back as it was',
    async (store) => {
      const version = aVersion()
      const published = anAudit({ event: 'policy.published' })
      assert.equal(await store.insertPolicyVersion(version, POLICY, published), true)
      const again = anAudit({ event: 'policy.published' })
      assert.equal(await store.insertPolicyVersion({ ...version, digest: 'd2' }, POLICY, again), false)
      await store.insertPolicyVersion(aVersion({ name: 'airline' }), POLICY, anAudit())
      await store.insertPolicyVersion(aVersion({ tenant: 'other' }), POLICY, anAudit({ tenant: 'other' }))
      assert.deepEqual(await store.listPolicyVersions('shop'), [aVersion({ name: 'airline' }), version])
      assert.deepEqual(await store.listPolicyVersions('shop', 'bank'), [version])
      assert.deepEqual(await store.findPublishedPolicy('shop', 'bank', 1), POLICY)
      assert.equal(await store.findPublishedPolicy('shop', 'bank', 2), undefined)
      const entries = await store.listAudit('shop', 9)
      assert.equal(entries.filter(({ event }) => event === 'policy.published').length, 1)
    },
  )

  check('changes versions one after the other, with their audit entry or not at all', async (store) => {
    for (const version of [1, 2, 3]) await store.insertPolicyVersion(aVersion({ version }), POLICY, anAudit())
    const move = (version: number) =>
      store.changePolicyVersions('shop', 'bank', (versions) => ({
        versions: moveVersion(versions, { version, to: 'shadow' }, true, 2000),
        audit: [anAudit({ event: 'policy.staged' })],
      }))
    const tries = await Promise.allSettled([1, 2, 3].map(move))
    assert.equal(tries.filter(({ status }) => status === 'fulfilled').length, 1)
    for (const tried of tries)
      if (tried.status === 'rejected')
        assert.ok(tried.reason instanceof IpseError && tried.reason.code === 'conflict')
    const versions = await store.listPolicyVersions('shop', 'bank')
    assert.equal(versions.filter(({ stage }) => stage === 'shadow').length, 1)
    const staged = (await store.listAudit('shop', 99)).filter(({ event }) => event === 'policy.staged')
    assert.equal(staged.length, 1)
    assert.deepEqual(await store.listCanaries(), [])
    const canary = aVersion({ stage: 'canary', share: 7, replaced: 1 })
    await store.changePolicyVersions('shop', 'bank', () => ({ versions: [canary], audit: [] }))
    assert.deepEqual((await store.listPolicyVersions('shop', 'bank'))[0], canary)
    assert.deepEqual(await store.listCanaries(), [{ tenant: 'shop', name: 'bank' }])
  })

  check('adds up what candidates decided, whoever counts at the same time', async (store) => {
    const served: OutcomeCount = {
      role: 'canary',
      candidate: 2,
      version: 2,
      purpose: 'liveness',
      decision: 'error',
      count: 4,
    }
    await Promise.all(
      Array.from({ length: 5 }, () =>
        store.countOutcomes('shop', 'bank', [aCount({ count: 2 }), aCount({ purpose: 'enrolment' }), served]),
      ),
    )
    await store.countOutcomes('shop', 'bank', [])
    await store.countOutcomes('other', 'bank', [aCount()])
    const counts = (await store.listOutcomes('shop', 'bank')).toSorted((a, b) => a.count - b.count)
    assert.deepEqual(counts, [
      aCount({ purpose: 'enrolment', count: 5 }),
      aCount({ count: 10 }),
      { ...served, count: 20 },
    ])
  })

  check('keeps what an attempt was decided from as long as its session, to the last bit', async (store) => {
    const [first, second] = [aSession({ subject: 'anna' }), aSession({ state: 'failed' })]
    for (const session of [first, second]) await store.insertSession(session, anAudit())
    const decided = aDecided(first.id, 1)
    assert.ok(await store.changeSession(first, { state: 'bound' }, { decided }))
    const stale = store.changeSession(first, { state: 'bound' }, { decided: aDecided(first.id, 2) })
    assert.equal(await stale, undefined, 'of a change that came too late nothing is kept')
    await store.changeSession(
      { ...first, version: 2 },
      { state: 'failed' },
      { decided: aDecided(first.id, 2, 1600) },
    )
    await store.changeSession(second, { state: 'failed' }, { decided: aDecided(second.id, 1, 1400) })
    const records = await store.findDecisionRecords('shop', first.id)
    assert.deepEqual(records, [decided.record, aDecided(first.id, 2, 1600).record])
    assert.deepEqual(await store.findDecisionBasis('shop', 'basis-1'), decided.basis)
    assert.equal(await store.findDecisionBasis('other', 'basis-1'), undefined)
    assert.deepEqual(await store.findDecisionRecords('other', first.id), [])

    const page = await store.listDecisionRecords('shop', { since: 0, limit: 2 })
    assert.deepEqual(
      page.map(({ decidedAt }) => decidedAt),
      [1400, 1500],
    )
    const rest = await store.listDecisionRecords('shop', { since: 0, limit: 9, after: page[1]! })
    assert.deepEqual(
      rest.map(({ decidedAt }) => decidedAt),
      [1600],
    )
    assert.equal((await store.listDecisionRecords('shop', { since: 1500, limit: 9 })).length, 2)

    assert.deepEqual(await store.listSubjectDecisions('shop', 'anna', 9), records)
    assert.deepEqual(await store.listSubjectDecisions('other', 'anna', 9), [])
    await store.eraseSubject('shop', 'anna', anAudit({ event: 'subject.erased' }))
    assert.deepEqual(await store.findDecisionRecords('shop', first.id), [])
    await sweepSessions(store, 9_000_000)
    assert.deepEqual(await store.listDecisionRecords('shop', { since: 0, limit: 9 }), [])
  })

  check(
    'notes every start, and in the audit log those with other models than the start before',
    async (store) => {
      const models = [{ id: 'm', version: '1', sha256: 'aa' }]
      const start = (digest: string, at: number) =>
        store.noteModelSet({ digest, models }, at, anAudit({ event: 'models.changed', tenant: '' }))
      const noted = [
        await start('a', 1),
        await start('a', 2),
        await start('b', 2),
        await start('a', 9),
        await start('a', 9),
      ]
      assert.deepEqual(noted, [true, false, true, true, false])
      const sets = await store.listModelSets()
      assert.deepEqual(
        sets.map(({ digest, firstAt }) => [digest, firstAt]),
        [
          ['a', 1],
          ['b', 2],
        ],
      )
      assert.deepEqual(sets[0]?.models, models)
      assert.equal((await store.listAudit('', 9)).length, 3)
    },
  )
}
