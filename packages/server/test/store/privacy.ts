/** What every store must do for privacy: consents, what is due, approvals, and an erasure that leaves nothing. */
import assert from 'node:assert/strict'
import { NEW_STANDING } from '../../src/domain/abuse/standing.ts'
import type { ApprovalRecord } from '../../src/store/privacy-records.ts'
import type { Store } from '../../src/store/store.ts'
import type { Check } from './contract.ts'
import { aConsent, anAudit, aReference, aReview, aSession, sweepBy, unique } from './records.ts'

const DAY = 86_400_000

export function privacy(check: Check): void {
  consents(check)
  retention(check)
  approvals(check)
  erasure(check)
}

function consents(check: Check): void {
  check('rests sessions and references on consents that stand, and on no other', async (store) => {
    const consent = aConsent({ validUntil: 5000 })
    await store.insertConsent(consent, anAudit({ event: 'consent.recorded' }))
    assert.deepEqual(await store.findConsent('shop', consent.id), consent)
    assert.equal(await store.findConsent('bank', consent.id), undefined)
    assert.deepEqual(await store.listConsents('shop', 'anna'), [consent])
    const on = { consent: consent.id, subject: 'anna' }
    const session = aSession({ ...on, state: 'deciding' })
    await store.insertSession(session, anAudit())
    assert.equal((await store.findSession('shop', session.id))?.consent, consent.id)
    await store.insertReference(aReference(on), anAudit())
    const missing = { code: 'consent_missing' }
    await assert.rejects(store.insertSession(aSession({ ...on, subject: 'bert' }), anAudit()), missing)
    await assert.rejects(store.insertSession(aSession({ ...on, tenant: 'bank' }), anAudit()), missing)
    await assert.rejects(
      store.insertReference(aReference({ ...on, consent: 'con_none' }), anAudit()),
      missing,
    )
    const late = anAudit({ time: 5000 })
    await assert.rejects(store.insertSession(aSession(on), late), { code: 'consent_withdrawn' })

    const withdrawal = anAudit({ event: 'consent.withdrawn', time: 2000 })
    assert.equal(await store.withdrawConsent('bank', consent.id, withdrawal), undefined)
    assert.deepEqual(await store.withdrawConsent('shop', consent.id, withdrawal), { sessionsEnded: 1 })
    assert.equal(await store.withdrawConsent('shop', consent.id, anAudit()), undefined, 'once')
    assert.equal((await store.findConsent('shop', consent.id))?.withdrawnAt, 2000)
    const ended = await store.findSession('shop', session.id)
    assert.equal(ended?.state, 'cancelled')
    assert.equal(await store.changeSession(session, { state: 'passed' }), undefined, 'a capture under way')
    assert.deepEqual(await store.listReferences('shop', 'anna'), [], 'nothing to compare with')
    assert.equal((await store.listReferences('shop', 'anna', { withdrawn: true })).length, 1)
    await assert.rejects(store.insertReference(aReference(on), anAudit()), { code: 'consent_withdrawn' })
    const events = (await store.listAudit('shop', 99)).map(({ event }) => event)
    assert.equal(events.filter((event) => event === 'consent.withdrawn').length, 1)
  })

  check('stores a consent that comes along with what rests on it, or neither', async (store) => {
    const fresh = aConsent()
    const session = aSession({ consent: fresh.id, subject: 'anna' })
    const idempotency = { tenant: 'shop', key: 'k', digest: 'd', madeId: session.id, expiresAt: 9000 }
    await store.insertSession(session, anAudit(), idempotency, fresh)
    const again = aConsent()
    await store.insertSession(aSession({ consent: again.id, subject: 'anna' }), anAudit(), idempotency, again)
    assert.deepEqual(await store.listConsents('shop', 'anna'), [fresh])
    await assert.rejects(store.insertReference(aReference({ consent: fresh.id }), anAudit(), fresh))
    assert.deepEqual(await store.listReferences('shop', 'anna'), [])
  })
}

function retention(check: Check): void {
  check('counts and deletes what is due by each rule, and nothing else', async (store) => {
    const old = aConsent({ recordedAt: 10, validUntil: 500 })
    const kept = aConsent({ recordedAt: 10 })
    for (const consent of [old, kept]) await store.insertConsent(consent, anAudit({ time: 10 }))
    await store.insertReference(aReference({ createdAt: 20, consent: old.id }), anAudit({ time: 20 }))
    await store.insertReference(aReference({ createdAt: 30, consent: kept.id }), anAudit({ time: 30 }))
    await store.insertSession(aSession({ createdAt: 40, state: 'passed', subject: 'bert' }), anAudit())
    await store.insertSession(aSession({ createdAt: 40 }), anAudit())
    const decided = { decision: 'block', reason: 'r', at: 60, by: 'per_1' } as const
    await store.changeStandings('shop', [], () => ({
      standings: new Map(),
      reviews: [aReview({ createdAt: 50 }), aReview({ createdAt: 50, decided })],
      result: undefined,
    }))
    const count = (rule: Parameters<typeof sweepBy>[1], before: number) =>
      store.countDue('shop', { rule, kind: 'session', from: 'creation', days: 0, before })
    assert.deepEqual(await count('reference-unused', 30), { count: 1, since: 20 })
    assert.deepEqual(await count('reference-purpose-ended', 501), { count: 1, since: 500 })
    assert.deepEqual(await count('reference-purpose-ended', 500), { count: 0 })
    assert.deepEqual(await count('reference-withdrawn', 9000), { count: 0 })
    assert.deepEqual(await count('session', 41), { count: 1, since: 40 })
    assert.deepEqual(await count('review', 51), { count: 1, since: 50 })
    assert.deepEqual(await count('consent', 9000), { count: 0 }, 'both carry something')
    assert.equal(await sweepBy(store, 'reference-purpose-ended', 501), 1)
    assert.deepEqual(await count('consent', 9000), { count: 1, since: 500 })
    assert.equal(await sweepBy(store, 'consent', 500), 0)
    assert.equal(await sweepBy(store, 'consent', 501), 1)
    assert.equal(await sweepBy(store, 'reference-unused', 31), 1)
    assert.equal(await sweepBy(store, 'session', 41), 1)
    assert.equal(await sweepBy(store, 'review', 51), 1)
    assert.equal((await store.listReviews('shop', 'open', { limit: 9 })).length, 1, 'it waits for a person')
    const swept = (await store.listAudit('shop', 99)).filter(({ event }) => event === 'retention.swept')
    assert.deepEqual(
      swept.map(({ rule, count }) => [rule, count]),
      [
        ['reference-purpose-ended', 1],
        ['consent', 1],
        ['reference-unused', 1],
        ['session', 1],
        ['review', 1],
      ],
    )
  })

  check('notes the use of a template to the day, and deletes in batches', async (store) => {
    await store.insertReference(aReference({ createdAt: 0 }), anAudit())
    const due = (before: number) =>
      store.countDue('shop', {
        rule: 'reference-unused',
        kind: 'reference',
        from: 'last-use',
        days: 0,
        before,
      })
    await store.touchReferences('shop', 'anna', DAY)
    assert.deepEqual(await due(DAY), { count: 1, since: 0 }, 'within a day nothing is written')
    await store.insertSession(aSession({ subject: 'anna' }), anAudit({ time: DAY + 1 }))
    assert.deepEqual(await due(DAY + 1), { count: 0 })
    for (let i = 0; i < 5; i++) await store.insertReference(aReference({ createdAt: 0 }), anAudit())
    assert.equal(await sweepBy(store, 'reference-unused', 9, 3), 3)
    assert.equal(await sweepBy(store, 'reference-unused', 9, 3), 2)
    assert.equal(await sweepBy(store, 'reference-unused', 9, 3), 0)
    assert.equal((await store.listReferences('shop', 'anna')).length, 1)
  })

  check('keeps the rules of a tenant', async (store) => {
    assert.equal(await store.findTenantRules('shop'), undefined)
    const rules = { preset: 'bipa', days: { session: 7 }, approvals: ['erase'] } as const
    await store.changeTenantRules('shop', { ...rules, approvals: [] }, anAudit({ event: 'rules.changed' }))
    await store.changeTenantRules('shop', rules, anAudit({ event: 'rules.changed', time: 2000 }))
    assert.deepEqual(await store.findTenantRules('shop'), { ...rules, changedAt: 2000 })
    assert.equal(await store.findTenantRules('bank'), undefined)
  })
}

function anApproval(change: Partial<ApprovalRecord> = {}): ApprovalRecord {
  return {
    id: unique('apr'),
    tenant: 'shop',
    action: 'erase',
    target: 'anna',
    requestedBy: 'per_1',
    createdAt: 1000,
    expiresAt: 2000,
    state: 'waiting',
    ...change,
  }
}

function approvals(check: Check): void {
  check(
    'keeps one live request of a party for a thing, and changes it once from each state',
    async (store) => {
      const first = anApproval()
      const ask = (wish: ApprovalRecord) =>
        store.requestApproval(wish, anAudit({ event: 'approval.requested' }))
      assert.deepEqual(await ask(first), first)
      assert.deepEqual(await ask(anApproval()), first, 'asked for already')
      const others = [
        anApproval({ requestedBy: 'per_2' }),
        anApproval({ target: 'bert' }),
        anApproval({ action: 'export' }),
        anApproval({ createdAt: 2000, expiresAt: 3000 }),
      ]
      for (const other of others) assert.equal((await ask(other)).id, other.id)
      assert.equal((await store.listAudit('shop', 9)).length, 5)
      const grant = () =>
        store.changeApproval(
          first,
          { state: 'approved', decidedBy: 'per_9', decidedAt: 1500 },
          anAudit({ event: 'approval.granted' }),
        )
      const tries = await Promise.all([grant(), grant(), grant()])
      assert.equal(tries.filter(Boolean).length, 1)
      const approved = await store.findApproval('shop', first.id)
      assert.deepEqual(approved, { ...first, state: 'approved', decidedBy: 'per_9', decidedAt: 1500 })
      assert.equal(await store.findApproval('bank', first.id), undefined)
      const use = () => store.changeApproval({ ...first, state: 'approved' }, { state: 'used' }, anAudit())
      assert.deepEqual((await Promise.all([use(), use()])).toSorted(), [false, true])
      const anew = anApproval({ createdAt: 3500, expiresAt: 4500 })
      assert.equal((await ask(anew)).id, anew.id, 'what was used is asked for anew')
      assert.equal((await store.listApprovals('shop', { limit: 99 })).length, 6)
      const end = (now: number, limit = 99) =>
        store.endApprovals('shop', now, limit, ({ id }) =>
          anAudit({ event: 'approval.expired', approval: id }),
        )
      assert.equal(await end(1999), 0)
      assert.deepEqual([await end(2000, 3), await end(2000), await end(2000)], [3, 1, 0])
      const expired = (await store.listAudit('shop', 99)).filter(({ event }) => event === 'approval.expired')
      assert.equal(expired.length, 3, 'the one that was used has not expired')
      assert.ok(!expired.some(({ approval }) => approval === first.id))
      assert.equal((await store.listApprovals('bank', { limit: 99 })).length, 0)
    },
  )
}

function erasure(check: Check): void {
  check('erases every trace of a subject, keeps proofs without it and counts both', async (store) => {
    const subject = { mac: 'mac-anna', pseudonym: 'subj_1' }
    await fill(store, subject)
    assert.equal((await store.listSubjectAudit('shop', 'mac-anna', 9)).length, 1)
    const pictures = await store.listSubjectMedia('shop', 'anna', 4999)
    assert.deepEqual(
      pictures.map(({ createdAt, expiresAt }) => [createdAt, expiresAt]),
      [[1000, 5000]],
    )
    assert.deepEqual(await store.listSubjectMedia('bank', 'anna', 0), [])
    const audit = anAudit({ event: 'subject.erased', subject, time: 3000 })
    const { erased, proofsKept, place } = await store.eraseSubject('shop', 'anna', audit)
    assert.deepEqual(erased, {
      references: 2,
      sessions: 1,
      traces: 2,
      idempotencyKeys: 1,
      media: 2,
      authenticators: 1,
      standings: 2,
      approvals: 1,
      pseudonyms: 1,
    })
    assert.equal(proofsKept, 1)
    assert.deepEqual(await store.listReferences('shop', 'anna', { withdrawn: true }), [])
    assert.deepEqual(await store.listConsents('shop', 'anna'), [])
    assert.deepEqual(await store.listSubjectMedia('shop', 'anna', 0), [])
    const [proof] = await Promise.all([store.findConsent('shop', 'con_anna')])
    assert.deepEqual(proof, {
      id: 'con_anna',
      tenant: 'shop',
      consent: { version: '1', textSha256: 'A'.repeat(43), givenAt: '2026-11-21T10:00:00Z' },
      recordedAt: 1000,
      withdrawnAt: 3000,
    })
    const left = (await store.findStandings('shop', ['device:1'])).get('device:1')
    assert.deepEqual(left?.flags, [
      { sessionId: 'ses_x', at: 1, spoofTypes: ['surface'] },
      { sessionId: 'ses_y', at: 2, spoofTypes: [], target: 'mac-bert' },
    ])
    assert.deepEqual(await store.listSubjectAudit('shop', 'mac-anna', 9), [])
    const entries = await store.listAudit('shop', 99)
    const last = entries.at(-1)
    assert.deepEqual([last?.event, last?.subject, last?.erased?.sessions], ['subject.erased', 'subj_1', 1])
    assert.equal(last?.index, place.index)
    const idempotency = { tenant: 'shop', key: 'k', digest: 'other', madeId: 'ses_new', expiresAt: 9000 }
    assert.equal(await store.insertSession(aSession(), anAudit(), idempotency), undefined)
    const again = await store.eraseSubject('shop', 'anna', { ...audit, id: unique('aud') })
    assert.deepEqual([again.erased.references, again.erased.sessions, again.proofsKept], [0, 0, 0])
    assert.equal((await store.listReferences('shop', 'bert')).length, 1)
  })
}

/** Everything that a store can know of anna, and something of bert. */
async function fill(store: Store, subject: { mac: string; pseudonym: string }): Promise<void> {
  const consent = { version: '1', textSha256: 'A'.repeat(43), givenAt: '2026-11-21T10:00:00Z' }
  await store.insertConsent(
    aConsent({ id: 'con_anna', consent: { ...consent, channel: 'web', locale: 'de' } }),
    anAudit({ event: 'consent.recorded', subject }),
  )
  await store.insertReference(aReference({ consent: 'con_anna' }), anAudit())
  await store.insertReference(aReference(), anAudit())
  await store.insertReference(aReference({ subject: 'bert' }), anAudit())
  const session = aSession({ subject: 'anna', consent: 'con_anna' })
  const idempotency = { tenant: 'shop', key: 'k', digest: 'd', madeId: session.id, expiresAt: 9000 }
  await store.insertSession(session, anAudit(), idempotency)
  const picture = { tenant: 'shop', sessionId: session.id, key: { id: 'dk_1' }, sealed: new Uint8Array([1]) }
  const keep = [5000, 4000].map((expiresAt, n) => ({ ...picture, n, createdAt: 1000, expiresAt }))
  await store.changeSession(session, { state: 'bound' }, { media: { keep } })
  const traces = { tenant: 'shop', sessionId: session.id, sought: [], now: 1000, expiresAt: 9000 }
  await store.leaveTraces({ ...traces, kept: ['a', 'b'] })
  const key = { tenant: 'shop', kind: 'webauthn', level: 'valid', counter: 0, createdAt: 1 } as const
  await store.insertDeviceKey({ ...key, id: 'd1', subject: 'anna', publicKey: new Uint8Array([1]) })
  const flags = [
    { sessionId: 'ses_x', at: 1, spoofTypes: ['surface'], target: subject.mac },
    { sessionId: 'ses_y', at: 2, spoofTypes: [], target: 'mac-bert' },
  ] as const
  await store.changeStandings('shop', [], () => ({
    standings: new Map([
      [`subject:${subject.mac}`, { ...NEW_STANDING, staleAt: undefined }],
      ['device:1', { ...NEW_STANDING, flags, staleAt: undefined }],
    ]),
    result: undefined,
  }))
  await store.requestApproval(anApproval(), anAudit())
}
