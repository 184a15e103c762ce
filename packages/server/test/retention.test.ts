/** Retention: what each rule ends and when, that the report knows what the sweep does, and that nobody notices. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RETENTION_PRESETS, RETENTION_RULE_KEYS } from '@ipse/protocol'
import { dueAt, PRESETS, RETENTION_RULES, retentionDays, whyDue } from '../src/domain/retention/rules.ts'
import { sweep } from '../src/index.ts'
import { createAuditor } from '../src/work/audit.ts'
import { retentionReport, sweepTenant } from '../src/work/retention.ts'
import { CONSENT, type Fixture, startFixture, systemRandom } from './fixture.ts'
import { scriptedImage } from './scripted-engine.ts'
import { anAudit, aReference, aSession } from './store/records.ts'

const DAY_MS = 86_400_000
const IMAGE = Buffer.from(scriptedImage({})).toString('base64')

const sweepNow = ({ store, clock, keys, settings }: Fixture) =>
  sweep({ store, clock, keys, random: systemRandom }, settings)

test('every rule has its row, every preset its law and its days', () => {
  assert.deepEqual(Object.keys(RETENTION_RULES), [...RETENTION_RULE_KEYS])
  for (const preset of RETENTION_PRESETS) {
    assert.ok(PRESETS[preset].source.length > 10)
    const days = retentionDays({ preset, days: {} }, 30)
    assert.equal(days.session, 30)
    for (const rule of RETENTION_RULE_KEYS) assert.ok(Number.isInteger(days[rule]) && days[rule] >= 0, rule)
    assert.equal(days['reference-withdrawn'], 0)
  }
  const bipa = retentionDays({ preset: 'bipa', days: { session: 7 } }, 30)
  assert.equal(bipa['reference-unused'], 3 * 365, 'three years after the last interaction')
  assert.equal(bipa.session, 7, 'the tenant’s own number counts')
})

test('what is due lies before its days, to the millisecond', () => {
  const now = 1000 * DAY_MS
  const due = dueAt(retentionDays({ preset: 'gdpr', days: { session: 10 } }, 30), now)
  const before = (rule: string) => due.find((one) => one.rule === rule)?.before
  assert.equal(before('session'), now - 10 * DAY_MS)
  assert.equal(before('reference-withdrawn'), now + 1, 'what was withdrawn just now is due')
  assert.match(whyDue(due[0]!), /^A finished session .* ends 10 days after it was created\.$/)
})

test('each kind ends when its rule says, no earlier, and the report said so before', async () => {
  await using fixture = await startFixture({ named: { 'retention.sessionDays': '10' } })
  const { clock } = fixture
  await fixture.call('POST', '/v1/subjects/anna/references', { image: IMAGE, consent: CONSENT })
  const short = { ...CONSENT, validUntil: '2026-11-26T00:00:00Z' }
  await fixture.call('POST', '/v1/subjects/bert/references', { image: IMAGE, consent: short })
  const session = await fixture.createSession({ purpose: 'liveness', subject: 'anna' })
  const report = async () => {
    const { body } = await fixture.call('GET', '/v1/privacy/report')
    return (body.due as { rule: string; count: number }[])
      .filter(({ count }) => count > 0)
      .map(({ rule, count }) => [rule, count])
  }
  await sweepNow(fixture)
  assert.deepEqual(await report(), [])
  clock.advance(5 * DAY_MS)
  assert.deepEqual(await report(), [['reference-purpose-ended', 1]])
  assert.deepEqual((await sweepNow(fixture)).swept, { 'reference-purpose-ended': 1 })
  clock.advance(5 * DAY_MS)
  assert.deepEqual((await sweepNow(fixture)).swept, {}, 'ten days, and not one millisecond more')
  clock.advance(1)
  assert.deepEqual(await report(), [['session', 1]])
  assert.deepEqual((await sweepNow(fixture)).swept, { session: 1 })
  assert.equal((await fixture.call('GET', `/v1/sessions/${session.id}`)).status, 404)

  clock.advance(200 * DAY_MS)
  await fixture.createSession({ purpose: 'verification', subject: 'anna' })
  clock.advance(364 * DAY_MS)
  await sweepNow(fixture)
  assert.equal((await fixture.call('GET', '/v1/subjects/anna')).status, 200, 'used within the year')
  clock.advance(2 * DAY_MS)
  assert.deepEqual(await report(), [['reference-unused', 1]])
  await sweepNow(fixture)
  assert.equal((await fixture.call('GET', '/v1/subjects/anna')).status, 404)
  assert.equal((await fixture.store.listConsents('shop', 'anna')).length, 1, 'the proof stays')
  clock.advance(4 * 365 * DAY_MS)
  const { swept } = await sweepNow(fixture)
  assert.equal(swept.consent, 2)
  assert.equal((await fixture.store.listConsents('shop', 'anna')).length, 0)
  assert.ok((swept.pseudonym ?? 0) >= 2, 'and nothing leads from them to the log any more')
  const entries = (await fixture.store.listAudit('shop', 999)).filter(({ rule }) => rule !== undefined)
  assert.deepEqual(entries.map(({ event, rule, count }) => [event, rule, count]).slice(0, 3), [
    ['retention.swept', 'reference-purpose-ended', 1],
    ['retention.swept', 'session', 1],
    ['retention.swept', 'session', 1],
  ])
})

test('the rules of one tenant end nothing of another', async () => {
  await using fixture = await startFixture()
  const other = await fixture.newKey(['privacy:manage', 'session:create'], 'bank')
  const asBank = { authorization: `Bearer ${other}` }
  const rules = { preset: 'bipa', days: { session: 0 }, approvals: [] }
  assert.deepEqual((await fixture.call('PUT', '/v1/privacy/rules', rules, asBank)).body, rules)
  assert.deepEqual((await fixture.call('GET', '/v1/privacy/rules', undefined, asBank)).body, rules)
  assert.equal((await fixture.call('GET', '/v1/privacy/rules')).body.preset, 'gdpr')
  const ours = await fixture.createSession({ purpose: 'liveness' })
  await fixture.call('POST', '/v1/sessions', { purpose: 'liveness' }, asBank)
  fixture.clock.advance(600_000)
  const { expired, swept } = await sweepNow(fixture)
  assert.deepEqual([expired, swept], [2, { session: 1 }])
  assert.equal((await fixture.readSession(ours.id)).state, 'expired')
  for (const days of [{ session: -1 }, { session: 1.5 }, { dreams: 1 }, { session: 9999 }])
    assert.equal((await fixture.call('PUT', '/v1/privacy/rules', { ...rules, days }, asBank)).status, 400)
})

test('a sweep of thousands is done in small batches, and requests get in between: none fails', async () => {
  await using fixture = await startFixture()
  const { store, clock, keys, settings } = fixture
  const old = { state: 'passed', createdAt: 1 } as const
  const before = clock.now()
  for (let i = 0; i < 3000; i++)
    await store.insertSession(
      aSession({ ...old, id: `ses_old_${i}` }),
      anAudit({ id: `aud_old_${i}`, time: 1 }),
    )
  for (let i = 0; i < 500; i++)
    await store.insertReference(aReference({ createdAt: 1 }), anAudit({ id: `aud_ref_${i}` }))
  const auditor = createAuditor({ clock, keys, random: systemRandom })
  const context = { store, clock, auditor, settings }
  const told = (await retentionReport(context, 'shop')).due.filter(({ count }) => count > 0)
  let sweeping = true
  let between = 0
  const statuses: number[] = []
  const load = async () => {
    while (sweeping) {
      statuses.push((await fixture.call('POST', '/v1/sessions', { purpose: 'liveness' })).status)
      between++
    }
  }
  const [swept] = await Promise.all([
    sweepTenant(context, 'shop').finally(() => {
      sweeping = false
    }),
    load(),
    load(),
  ])
  assert.deepEqual(swept, { session: 3000, 'reference-unused': 500 })
  assert.deepEqual(
    told.map(({ rule, count }) => [rule, count]),
    Object.entries(swept),
  )
  assert.ok(between > 4, `${between} requests were answered meanwhile`)
  assert.deepEqual(new Set(statuses), new Set([201]))
  assert.equal(clock.now(), before)
  const entries = (await store.listAudit('shop', 99_999)).filter(({ event }) => event === 'retention.swept')
  assert.ok(entries.every(({ count = 0 }) => count <= 200))
  assert.equal(
    entries.reduce((sum, { count = 0 }) => sum + count, 0),
    3500,
  )
})
