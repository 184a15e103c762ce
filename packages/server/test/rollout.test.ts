/** Policies rolled out over a whole service: fixed for each session, tried in the shadow and as canary, taken back, replayed. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Direction, IpseError, type Policy } from '@ipse/protocol'
import { decodeJwt } from 'jose'
import { POLICIES } from '../src/domain/policies/index.ts'
import { replayDecision } from '../src/domain/rollout/replay.ts'
import { createServer, type Store } from '../src/index.ts'
import { createAuditor } from '../src/work/audit.ts'
import { createPolicyBook } from '../src/work/policy-book.ts'
import { judgeCanaries } from '../src/work/rollout.ts'
import {
  CONSENT,
  createPerson,
  type Fixture,
  type PersonOptions,
  startFixture,
  systemRandom,
  turnTo,
} from './fixture.ts'

/** Nobody reaches this quality: whoever is judged by it is rejected. */
const NOBODY = [
  {
    signal: 'capture-quality',
    atLeast: 101,
    otherwise: 'reject',
    reason: 'quality_too_low',
    missing: 'retry',
  },
]
const document = (version: number, more: object = {}) =>
  JSON.stringify({ name: 'bank', version, extends: 'standard', ...more })

async function publish(fixture: Fixture, version: number, more: object = {}): Promise<void> {
  const { status, body } = await fixture.call('POST', '/v1/policies', {
    document: document(version, more),
    why: 'new',
  })
  assert.equal(status, 201, JSON.stringify(body))
}

async function stage(fixture: Fixture, version: number, to: string, share?: number) {
  const wish = { to, why: `to be ${to}`, ...(share === undefined ? {} : { share }) }
  return fixture.call('POST', `/v1/policies/bank/versions/${version}/stage`, wish)
}

/** Publishes a version and gives it one stage after the other. */
async function roll(
  fixture: Fixture,
  version: number,
  stages: readonly (string | number)[],
  more: object = {},
) {
  await publish(fixture, version, more)
  for (const to of stages) {
    const { status, body } =
      typeof to === 'number' ? await stage(fixture, version, 'canary', to) : await stage(fixture, version, to)
    assert.equal(status, 200, JSON.stringify(body))
  }
}

const report = async (fixture: Fixture) => (await fixture.call('GET', '/v1/policies/bank/report')).body

async function captured(fixture: Fixture, who: PersonOptions = {}) {
  const session = await fixture.createSession({ purpose: 'liveness', policy: 'bank' })
  const result = await fixture.capture(session, createPerson(fixture.clock, who))
  return { id: session.id, result, session: await fixture.readSession(session.id) }
}

test('a session is decided by the policy that it was made with, whatever becomes of it meanwhile', async () => {
  await using fixture = await startFixture()
  await roll(fixture, 1, ['active'])
  const before = await fixture.createSession({ purpose: 'liveness', policy: 'bank' })
  await roll(fixture, 2, ['shadow', 100, 'active'], { rules: NOBODY })
  const after = await fixture.createSession({ purpose: 'liveness', policy: 'bank' })
  assert.equal((await fixture.capture(before, createPerson(fixture.clock))).outcome?.outcome, 'pass')
  assert.equal((await fixture.capture(after, createPerson(fixture.clock))).outcome?.outcome, 'fail')
  const [old, young] = [await fixture.readSession(before.id), await fixture.readSession(after.id)]
  assert.deepEqual(
    [old.policy, young.policy],
    [
      { name: 'bank', version: 1 },
      { name: 'bank', version: 2 },
    ],
  )
  const claims = decodeJwt<{ policy: { version: number } }>(old.receipt ?? '')
  assert.equal(claims.policy.version, 1)
  assert.ok((await fixture.store.findSession('shop', before.id))?.policy.digest)

  const back = await fixture.call('POST', '/v1/policies/bank/rollback', { why: 'nobody passes' })
  assert.equal(back.status, 200)
  assert.equal((await captured(fixture)).session.policy.version, 1)
  const entries = (await fixture.store.listAudit('shop', 999)).filter(({ event }) =>
    event.startsWith('policy.'),
  )
  assert.deepEqual(
    entries.map(({ event, policy, stage: now, note }) => [event, policy, now, note]),
    [
      ['policy.published', 'bank/1', 'draft', 'new'],
      ['policy.staged', 'bank/1', 'active', 'to be active'],
      ['policy.published', 'bank/2', 'draft', 'new'],
      ['policy.staged', 'bank/2', 'shadow', 'to be shadow'],
      ['policy.staged', 'bank/2', 'canary 100 %', 'to be canary'],
      ['policy.staged', 'bank/1', 'retired', 'to be active'],
      ['policy.staged', 'bank/2', 'active', 'to be active'],
      ['policy.rolled-back', 'bank/2', 'retired', 'nobody passes'],
      ['policy.rolled-back', 'bank/1', 'active', 'nobody passes'],
    ],
  )
  assert.ok(entries.every(({ actor, requestId }) => actor !== undefined && requestId !== undefined))
})

test('a session whose file was changed meanwhile is not decided by another policy', async () => {
  const bank = { ...POLICIES.standard!, name: 'bank' }
  await using fixture = await startFixture({ more: { policies: { ...POLICIES, bank } } })
  const { store, keys } = fixture
  const session = await fixture.createSession({ purpose: 'liveness', policy: 'bank' })
  const record = (await store.findSession('shop', session.id)) ?? assert.fail()
  const changed = { ...bank, maxAttempts: 2 }
  const book = (file: Policy) =>
    createPolicyBook({ files: { ...POLICIES, bank: file }, development: true, store, keys })
  assert.equal(await (await book(bank)).of(record), bank)
  await assert.rejects(
    (await book(changed)).of(record),
    (error) => error instanceof IpseError && error.code === 'session_expired',
  )
})

test('a canary decides for its share, and every process with the keyring draws the same sessions', async () => {
  await using fixture = await startFixture()
  const { store, keys } = fixture
  await roll(fixture, 1, ['active'])
  await roll(fixture, 2, ['shadow', 30])
  const ids = Array.from({ length: 300 }, (_, i) => `ses_${i}`)
  const drawnBy = async (which: typeof keys) => {
    const book = await createPolicyBook({ files: POLICIES, development: false, store, keys: which })
    return Promise.all(ids.map(async (id) => (await book.choose('shop', 'bank', id)).policy.version))
  }
  const drawn = await drawnBy(keys)
  assert.deepEqual(await drawnBy(keys), drawn)
  const share = drawn.filter((version) => version === 2).length
  // Six standard deviations: by chance once in 500 million keyrings.
  assert.ok(Math.abs(share - 90) < 6 * Math.sqrt(300 * 0.3 * 0.7), String(share))
  const session = await fixture.createSession({ purpose: 'liveness', policy: 'bank' })
  const book = await createPolicyBook({ files: POLICIES, development: false, store, keys })
  const chosen = await book.choose('shop', 'bank', session.id)
  assert.equal((await fixture.readSession(session.id)).policy.version, chosen.policy.version)
  await assert.rejects(book.choose('other', 'bank', 'ses_1'), { code: 'policy_unknown' })
})

test('a shadow is counted and changes nothing: no outcome, no receipt, no answer and no log tells of it', async () => {
  await using fixture = await startFixture()
  await roll(fixture, 1, ['active'])
  await roll(fixture, 2, ['shadow'], { rules: NOBODY })
  const accepted = await captured(fixture)
  assert.equal(accepted.result.outcome?.outcome, 'pass')
  const mirrored = { left: 'right', right: 'left', up: 'down', down: 'up' } as const
  await captured(fixture, { answer: (asked: Direction) => turnTo(mirrored[asked]) })
  const { shadows, canaries } = await report(fixture)
  assert.deepEqual(canaries, [])
  const [beside, ...others] = shadows
  assert.equal(others.length, 0)
  assert.deepEqual([beside.candidate, beside.version, beside.decisions], [2, 1, 2])
  assert.deepEqual([beside.acceptToReject.count, beside.rejectToAccept.count], [1, 0])
  assert.deepEqual(beside.reasons, [
    { reason: 'quality_too_low', count: beside.decisions - beside.agreement.count },
  ])
  const claims = decodeJwt<{ policy: { version: number } }>(accepted.session.receipt ?? '')
  assert.equal(claims.policy.version, 1)
  assert.ok(!JSON.stringify(accepted).includes('shadow'))
  assert.ok(!/shadow|"would"/.test(fixture.log()))
  const metrics = (await fixture.call('GET', '/metrics')).body as string
  assert.match(metrics, /ipse_policy_candidates_total\{role="shadow",decision="accept",would="reject"\} 1/)

  // The other way round: what is in force rejects, the shadow would accept.
  await fixture.call('POST', '/v1/policies/bank/versions/2/stage', { to: 'canary', share: 100, why: 'on' })
  await stage(fixture, 2, 'active')
  assert.equal((await stage(fixture, 1, 'shadow')).status, 200)
  assert.equal((await captured(fixture)).result.outcome?.outcome, 'fail')
  const back = (await report(fixture)).shadows.find(({ candidate }: { candidate: number }) => candidate === 1)
  assert.equal(back.rejectToAccept.count, 1)
})

test('a shadow that throws, and a store that cannot count, never hurt a session', async () => {
  let broken = true
  const wrapStore = (store: Store): Store => ({
    ...store,
    findPublishedPolicy: async (tenant, name, version) =>
      version === 2
        ? ({ ...POLICIES.standard, rules: null } as unknown as Policy)
        : store.findPublishedPolicy(tenant, name, version),
    countOutcomes: (...counts) =>
      broken ? Promise.reject(new IpseError('storage_unavailable')) : store.countOutcomes(...counts),
  })
  await using fixture = await startFixture({ wrapStore })
  await roll(fixture, 1, ['active'])
  await publish(fixture, 2)
  // Staged in the store itself: the service would look at it before.
  await fixture.store.changePolicyVersions('shop', 'bank', (versions) => ({
    versions: versions.filter(({ version }) => version === 2).map((draft) => ({ ...draft, stage: 'shadow' })),
    audit: [],
  }))
  assert.equal((await captured(fixture)).result.outcome?.outcome, 'pass')
  assert.deepEqual((await report(fixture)).shadows, [])
  broken = false
  const [beside] = (await report(fixture)).shadows
  assert.deepEqual(
    beside.changes.map(({ from, to, count }: { from: string; to: string; count: number }) => [
      from,
      to,
      count,
    ]),
    [['accept', 'error', 1]],
    'what could not be counted was kept',
  )
  assert.match((await fixture.call('GET', '/metrics')).body, /ipse_policy_candidate_errors_total [1-9]/)
})

test('a canary is counted beside what is in force, and the guard takes one back that does worse', async () => {
  await using fixture = await startFixture({ named: { 'rollout.guard': 'true' } })
  const { store, keys, clock } = fixture
  await roll(fixture, 1, ['active'])
  await roll(fixture, 2, ['shadow', 50])
  for (let i = 0; i < 6; i++) await captured(fixture)
  const [counted] = (await report(fixture)).canaries
  const decisions = [counted.canary, ...counted.inForce].map(({ decisions: count }) => count)
  assert.equal(
    decisions.reduce((a, b) => a + b, 0),
    6,
  )
  const context = { store, clock, auditor: createAuditor({ clock, random: systemRandom, keys }) }
  assert.deepEqual(await judgeCanaries(context), [], 'six captures show nothing')
  const row = { role: 'canary', candidate: 2, purpose: 'liveness' } as const
  await store.countOutcomes('shop', 'bank', [
    { ...row, version: 1, decision: 'accept', count: 200 },
    { ...row, version: 2, decision: 'accept', count: 10 },
    { ...row, version: 2, decision: 'reject', count: 30 },
  ])
  const refused = await stage(fixture, 2, 'active')
  assert.deepEqual([refused.status, refused.body.code], [409, 'conflict'])
  assert.match(refused.body.detail, /does worse: it rejects at least/)
  const taken = await judgeCanaries(context)
  assert.deepEqual(
    taken.map(({ version, stage: now }) => [version, now]),
    [[2, 'retired']],
  )
  const last = (await store.listAudit('shop', 999)).at(-1)
  assert.deepEqual([last?.event, last?.policy, last?.actor], ['policy.rolled-back', 'bank/2', 'guard'])
  assert.match(last?.note ?? '', /rejects at least/)
  assert.deepEqual(await judgeCanaries(context), [])
  assert.equal((await captured(fixture)).session.policy.version, 1)
})

test('what is published stays as it is, and no step is left out', async () => {
  const bank = { ...POLICIES.standard!, name: 'bank', version: 7 }
  await using fixture = await startFixture({ more: { policies: { ...POLICIES, bank } } })
  const asked = async (text: string) => {
    const { status, body } = await fixture.call('POST', '/v1/policies', { document: text, why: 'tried' })
    return [status, body.code ?? body.stage]
  }
  assert.deepEqual(await asked(document(8)), [201, 'draft'])
  assert.deepEqual(await asked(document(8)), [201, 'draft'], 'the same again')
  assert.deepEqual(await asked(document(8, { maxAttempts: 1 })), [409, 'conflict'])
  assert.deepEqual(await asked(document(7, { maxAttempts: 1 })), [409, 'conflict'], 'a file has that version')
  assert.deepEqual(await asked(JSON.stringify({ name: 'standard', version: 9, extends: 'high' })), [
    400,
    'invalid_request',
  ])
  assert.deepEqual(await asked('{'), [400, 'invalid_request'])
  assert.equal((await stage(fixture, 8, 'active')).status, 409, 'the file is in force: first a shadow')
  assert.equal((await stage(fixture, 8, 'shadow')).status, 200)
  assert.equal((await stage(fixture, 8, 'canary')).status, 400, 'a canary has a share')
  assert.equal((await stage(fixture, 9, 'shadow')).status, 404)
  const { items } = (await fixture.call('GET', '/v1/policies')).body
  const banks = items.filter(({ name }: { name: string }) => name === 'bank')
  assert.deepEqual(
    banks.map(({ version, from, stage: now }: Record<string, unknown>) => [version, from, now]),
    [
      [7, 'file', 'active'],
      [8, 'published', 'shadow'],
    ],
  )
})

test('thresholds of other networks are not staged, and where they are loaded nobody is let in by them', async () => {
  await using fixture = await startFixture()
  const calibration = [
    {
      signal: 'planarity',
      atLeast: 0.5,
      apcer: 0.05,
      measured: {
        species: { 'print-photo': { n: 80, rate: 0, upper95: 0.05 } },
        bonaFide: { n: 80, rate: 0, upper95: 0.05 },
      },
      bySubject: true,
      dataset: { name: 'pad.csv', sha256: 'a'.repeat(64) },
      models: { 'other-network': 'b'.repeat(64) },
      date: '2026-11-21',
    },
  ]
  const rules = [
    { signal: 'planarity', atLeast: 0.5, otherwise: 'review', reason: 'flat_surface', missing: 'retry' },
  ]
  await publish(fixture, 1, { rules, calibration })
  const refused = await stage(fixture, 1, 'active')
  assert.deepEqual([refused.status, refused.body.code], [409, 'conflict'])
  assert.match(refused.body.detail, /not the network that is loaded/)
  // As if it had been staged by a node that has the network.
  await fixture.store.changePolicyVersions('shop', 'bank', (versions) => ({
    versions: versions.map((version) => ({ ...version, stage: 'active' })),
    audit: [],
  }))
  const { result, session } = await captured(fixture)
  assert.equal(result.outcome, undefined)
  assert.notEqual(session.decision, 'accept')
})

test('every stored decision is made again as it was, and by another policy as that one decides', async () => {
  await using fixture = await startFixture()
  const { store } = fixture
  await roll(fixture, 1, ['active'])
  const enrolment = await fixture.createSession({ purpose: 'enrolment', subject: 'anna', consent: CONSENT })
  await fixture.capture(enrolment, createPerson(fixture.clock))
  const mirrored = { left: 'right', right: 'left', up: 'down', down: 'up' } as const
  const people: PersonOptions[] = [
    {},
    { person: 2 },
    { reactionMs: 100 },
    { answer: (asked: Direction) => turnTo(mirrored[asked]) },
    { answer: () => ({}) },
    { change: (script, frame) => ({ ...script, person: frame < 30 ? 1 : 2 }) },
  ]
  const policies = ['standard', 'high', 'passive', 'accessible', 'bank']
  for (const who of people)
    for (const policy of policies) {
      const session = await fixture.createSession({ purpose: 'verification', subject: 'anna', policy })
      await fixture.capture(session, createPerson(fixture.clock, who))
    }
  const records = await store.listDecisionRecords('shop', { since: 0, limit: 999 })
  assert.ok(records.length > people.length * policies.length, String(records.length))
  const seen = new Set<string>()
  for (const record of records) {
    const basis = (await store.findDecisionBasis('shop', record.basis)) ?? assert.fail()
    const { name, version } = basis.policy
    const same = name === 'bank' ? await store.findPublishedPolicy('shop', name, version) : POLICIES[name]
    const { reproduced, candidate } = replayDecision(record, basis, same)
    assert.ok(reproduced)
    assert.deepEqual([candidate?.decision, candidate?.reasons], [record.decision, record.reasons])
    assert.deepEqual([candidate?.differs, candidate?.otherChallenge], [false, false])
    const session = await store.findSession('shop', record.sessionId)
    if (record.attempt === session?.attempts.length)
      assert.deepEqual(
        candidate?.lines.map(({ signal, after }) => [signal, after?.verdict]).toSorted(),
        session.evidence.map(({ signal, verdict }) => [signal, verdict]).toSorted(),
        'the evidence is the same too',
      )
    seen.add(record.decision)
  }
  assert.ok(seen.has('accept') && seen.has('reject') && seen.has('retry'), [...seen].join())
  const kept = JSON.stringify(records)
  assert.ok(
    !kept.includes('anna') && kept.length / records.length < 20_000,
    'numbers, no names and no pictures',
  )
  const erased = await fixture.call('DELETE', '/v1/subjects/anna')
  assert.equal(erased.status, 200)
  assert.deepEqual(await store.listDecisionRecords('shop', { since: 0, limit: 999 }), [])
})

test('a start with other models than the start before is in the audit log, one with the same is not', async () => {
  await using fixture = await startFixture()
  const { engine, store, keys, clock, settings } = fixture
  const start = async (models: typeof engine.models) => {
    const app = await createServer(
      { engine: { ...engine, models }, store, keys, clock, random: systemRandom },
      settings,
    )
    await app.close()
  }
  const others = engine.models.map((model, i) => (i === 0 ? { ...model, sha256: 'f'.repeat(64) } : model))
  await start(engine.models)
  await start(others)
  await start(others)
  const entries = (await store.listAudit('', 99)).filter(({ event }) => event === 'models.changed')
  assert.equal(entries.length, 2, 'the first start and the exchange')
  assert.ok(entries[1]?.models?.some((model) => model.endsWith('f'.repeat(64))))
  assert.deepEqual(
    (await store.listModelSets()).map(({ models }) => models[0]?.sha256),
    ['f'.repeat(64), engine.models[0]?.sha256],
  )
})
