/** Consents from the record to the withdrawal: what may rest on one, and that nothing is compared with after. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { standard } from '../src/domain/policies/standard.ts'
import { SCOPE_NAMES } from '../src/index.ts'
import { CONSENT, createPerson, type Fixture, startFixture } from './fixture.ts'
import { scriptedImage } from './scripted-engine.ts'

const IMAGE = Buffer.from(scriptedImage({ person: 3 })).toString('base64')
const FULL = { ...CONSENT, channel: 'app', locale: 'de-AT' } as const

const record = async (fixture: Fixture, subject: string, more = {}) =>
  (await fixture.call('POST', `/v1/subjects/${subject}/consents`, { ...FULL, ...more })).body.id as string
const enrol = (fixture: Fixture, subject: string, more: object) =>
  fixture.call('POST', `/v1/subjects/${subject}/references`, { image: IMAGE, ...more })
const compare = (fixture: Fixture, subject: string) =>
  fixture.call('POST', '/v1/comparisons', { probe: { image: IMAGE }, reference: { subject } })
const withdraw = (fixture: Fixture, id: string) => fixture.call('POST', `/v1/consents/${id}/withdraw`)

test('a consent is recorded as it was given, and enrolments and sessions rest on it', async () => {
  await using fixture = await startFixture()
  const made = await fixture.call('POST', '/v1/subjects/anna/consents', FULL)
  assert.equal(made.status, 201)
  const { id, recordedAt, ...given } = made.body
  assert.deepEqual(given, FULL)
  assert.match(id, /^con_/)
  assert.equal(recordedAt, '2026-11-21T00:00:00.000Z')
  assert.deepEqual((await fixture.call('GET', '/v1/subjects/anna/consents')).body.items, [made.body])
  const enrolled = await enrol(fixture, 'anna', { consentId: id })
  assert.equal(enrolled.body.references[0].consent, id)
  const session = await fixture.createSession({ purpose: 'enrolment', subject: 'anna', consentId: id })
  assert.equal((await fixture.readSession(session.id)).consent, id)
  const along = await fixture.createSession({ purpose: 'liveness', subject: 'anna', consent: CONSENT })
  const { consent } = await fixture.readSession(along.id)
  assert.notEqual(consent, id)
  assert.equal((await fixture.call('GET', '/v1/subjects/anna/consents')).body.items.length, 2)
  const events = (await fixture.store.listAudit('shop', 99)).filter(({ consent }) => consent === id)
  assert.deepEqual(
    events.map(({ event }) => event),
    ['consent.recorded', 'reference.enrolled', 'session.created'],
  )
})

test('what is no consent of this subject, or none any more, carries nothing', async (t) => {
  const policies = { standard, strict: { ...standard, name: 'strict', consentForSessions: true } }
  await using fixture = await startFixture({ more: { policies } })
  const annas = await record(fixture, 'anna')
  const brief = await record(fixture, 'anna', { validUntil: '2026-11-21T00:10:00Z' })
  const over = await record(fixture, 'anna')
  await withdraw(fixture, over)
  fixture.clock.advance(600_000)
  const open = (more: object) =>
    fixture.call('POST', '/v1/sessions', { purpose: 'liveness', subject: 'anna', ...more })
  const strict = { policy: 'strict' }
  const strangers = await fixture.newKey(SCOPE_NAMES, 'bank')
  const asStranger = { authorization: `Bearer ${strangers}` }
  const cases: readonly [string, () => Promise<{ status: number; body: { code?: string } }>, string][] = [
    ['an enrolment without one', () => open({ purpose: 'enrolment' }), 'consent_missing'],
    ['any session without one, where the policy asks', () => open(strict), 'consent_missing'],
    ['one that was never recorded', () => open({ consentId: `con_${'A'.repeat(22)}` }), 'consent_missing'],
    ["another subject's", () => open({ subject: 'bert', consentId: annas }), 'consent_missing'],
    ['one that was withdrawn', () => open({ consentId: over }), 'consent_withdrawn'],
    ['one whose purpose has ended', () => open({ consentId: brief }), 'consent_withdrawn'],
    [
      'a photograph on a withdrawn one',
      () => enrol(fixture, 'anna', { consentId: over }),
      'consent_withdrawn',
    ],
    ['two at once', () => open({ consent: CONSENT, consentId: annas }), 'invalid_request'],
    ['no id', () => open({ consentId: 'con_1' }), 'invalid_request'],
    [
      "another tenant's",
      () => fixture.call('POST', `/v1/consents/${annas}/withdraw`, undefined, asStranger),
      'not_found',
    ],
    ['a withdrawal twice', () => withdraw(fixture, over), 'consent_withdrawn'],
    [
      'an end before its beginning',
      () =>
        fixture.call('POST', '/v1/subjects/anna/consents', { ...FULL, validUntil: '2026-11-20T00:00:00Z' }),
      'invalid_request',
    ],
    [
      'a channel that is none',
      () => fixture.call('POST', '/v1/subjects/anna/consents', { ...FULL, channel: 'dream' }),
      'invalid_request',
    ],
  ]
  for (const [title, ask, code] of cases)
    await t.test(title, async () => assert.equal((await ask()).body.code, code))
  assert.equal((await open({ ...strict, consentId: annas })).status, 201)
  assert.equal((await fixture.store.listReferences('shop', 'anna', { withdrawn: true })).length, 0)
})

test('from the withdrawal on nothing is compared with what rested on it alone, and it is erased', async () => {
  await using fixture = await startFixture()
  const [one, other] = [await record(fixture, 'anna'), await record(fixture, 'anna')]
  await enrol(fixture, 'anna', { consentId: one })
  assert.equal((await compare(fixture, 'anna')).body.decision, 'match')
  const open = await fixture.createSession({ purpose: 'verification', subject: 'anna', consentId: one })
  const { status, body } = await withdraw(fixture, one)
  assert.equal(status, 200)
  assert.deepEqual([body.id, body.sessionsEnded, body.referencesErased], [one, 1, 1])
  assert.equal((await compare(fixture, 'anna')).body.code, 'reference_not_found')
  assert.equal((await fixture.readSession(open.id)).state, 'cancelled')
  assert.deepEqual(await fixture.store.listReferences('shop', 'anna', { withdrawn: true }), [])
  const again = { purpose: 'verification', subject: 'anna' } as const
  assert.equal((await fixture.call('POST', '/v1/sessions', again)).body.code, 'reference_not_found')
  await enrol(fixture, 'anna', { consentId: other })
  assert.equal((await compare(fixture, 'anna')).body.decision, 'match', 'the other one still stands')
})

test('where the rules keep a withdrawn template, it is kept and still compared with nothing', async () => {
  await using fixture = await startFixture()
  const days = { 'reference-withdrawn': 10 }
  await fixture.call('PUT', '/v1/privacy/rules', { preset: 'gdpr', days, approvals: [] })
  const id = await record(fixture, 'anna')
  await enrol(fixture, 'anna', { consentId: id })
  assert.equal((await withdraw(fixture, id)).body.referencesErased, 0)
  assert.equal((await compare(fixture, 'anna')).body.code, 'reference_not_found')
  assert.equal((await fixture.store.listReferences('shop', 'anna', { withdrawn: true })).length, 1)
})

test('a consent that is withdrawn in mid-capture enrols nobody', async () => {
  await using fixture = await startFixture()
  const id = await record(fixture, 'anna')
  const session = await fixture.createSession({ purpose: 'enrolment', subject: 'anna', consentId: id })
  const person = createPerson(fixture.clock)
  let withdrawn: Promise<{ status: number }> | undefined
  const result = await fixture.capture(session, {
    ...person,
    onStep(...step) {
      withdrawn ??= withdraw(fixture, id)
      person.onStep?.(...step)
    },
  })
  assert.equal((await withdrawn)?.status, 200)
  assert.notEqual(result.outcome?.outcome, 'pass')
  assert.equal((await fixture.readSession(session.id)).state, 'cancelled')
  assert.deepEqual(await fixture.store.listReferences('shop', 'anna', { withdrawn: true }), [])
})
