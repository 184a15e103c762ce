/** What an abuser meets, and what relying party and reviewer see of it, over a real socket. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type CreatedSession,
  type CreateSession,
  canonicalJson,
  IpseError,
  sha256,
  toBase64url,
  utf8,
} from '@ipse/protocol'
import { Value } from 'typebox/value'
import { POLICIES } from '../src/domain/policies/index.ts'
import { AbuseReportSchema, DecidedReviewSchema, ReviewPageSchema } from '../src/routes/abuse-schemas.ts'
import { SessionSchema } from '../src/routes/schemas.ts'
import type { AuditEvent } from '../src/store/audit-records.ts'
import type { Store } from '../src/store/store.ts'
import { createAuditor } from '../src/work/audit.ts'
import { openCapture } from '../src/work/conduct.ts'
import { createPolicyBook } from '../src/work/policy-book.ts'
import {
  CONSENT,
  createPerson,
  type Fixture,
  type FixtureOptions,
  startFixture,
  systemRandom,
} from './fixture.ts'
import { aSession } from './store/records.ts'

const MINUTE = 60_000
const DEVICE = '3f0e2a52-1c7e-4a55-9c0c-000000000001'

function start({ named, ...options }: FixtureOptions = {}): Promise<Fixture> {
  return startFixture({ named: { 'lockout.enabled': 'true', ...named }, ...options })
}

async function enrol(fixture: Fixture, subject = 'anna'): Promise<void> {
  const session = await fixture.createSession({ purpose: 'enrolment', subject, consent: CONSENT })
  const { outcome } = await fixture.capture(session, createPerson(fixture.clock))
  assert.equal(outcome?.outcome, 'pass')
}

const verification: CreateSession = { purpose: 'verification', subject: 'anna' }

/** Somebody else than Anna tries to be her. */
async function impostor(fixture: Fixture, wish: CreateSession = verification): Promise<CreatedSession> {
  const session = await fixture.createSession(wish)
  const { outcome } = await fixture.capture(session, createPerson(fixture.clock, { person: 2 }))
  assert.equal(outcome?.outcome, 'fail')
  return session
}

async function events(fixture: Fixture, event: AuditEvent) {
  return (await fixture.store.listAudit('shop', 1000)).filter((entry) => entry.event === event)
}

test('five failures lock a subject out: the relying party reads why, the device hears next to nothing', async () => {
  await using fixture = await start()
  await enrol(fixture)
  const early = await fixture.createSession({ ...verification, ttlSeconds: 600 })
  for (let i = 0; i < 5; i++) await impostor(fixture)

  const refused = await fixture.call('POST', '/v1/sessions', verification)
  assert.deepEqual(
    [refused.status, refused.body.code, refused.body.detail],
    [429, 'locked_out', 'Too many attempts have failed: subject'],
  )
  assert.ok(Number(refused.headers['retry-after']) > 29 * 60)

  const turnedAway = await fixture.capture(early, createPerson(fixture.clock))
  assert.deepEqual([turnedAway.error, turnedAway.outcome], ['session_wrong_state', undefined])
  const read = await fixture.readSession(early.id)
  assert.ok(Value.Check(SessionSchema, read))
  assert.deepEqual([read.state, read.attempts.length], ['bound', 0], 'no attempt was used up')
  assert.deepEqual([read.conduct?.refused?.code, read.conduct?.refused?.party], ['locked_out', 'subject'])
  assert.equal(read.conduct?.barriers[0]?.code, 'locked_out')

  const [lockout] = await events(fixture, 'lockout.begun')
  assert.equal(lockout?.party, 'subject')
  assert.ok(lockout?.subject !== undefined && !JSON.stringify(lockout).includes('anna'))
  const told = (await events(fixture, 'capture.refused')).map(({ error }) => error)
  assert.deepEqual(told, ['locked_out'])

  const elsewhere = await fixture.createSession({ purpose: 'liveness', subject: 'bert' })
  assert.equal((await fixture.capture(elsewhere, createPerson(fixture.clock))).outcome?.outcome, 'pass')

  fixture.clock.advance(31 * MINUTE)
  const again = await fixture.createSession(verification)
  assert.equal((await fixture.capture(again, createPerson(fixture.clock))).outcome?.outcome, 'pass')
  const after = await fixture.readSession(again.id)
  assert.deepEqual(after.conduct?.barriers, [])
  await impostor(fixture)
  await fixture.createSession(verification)
})

test('an operator lifts what locks a subject out, and the audit trail says who', async () => {
  await using fixture = await start()
  await enrol(fixture)
  for (let i = 0; i < 5; i++) await impostor(fixture)
  assert.equal((await fixture.call('POST', '/v1/sessions', verification)).status, 429)
  const unlocked = await fixture.call('POST', '/v1/subjects/anna/unlock')
  assert.deepEqual([unlocked.status, Object.keys(unlocked.body as object)], [200, ['unlockedAt']])
  await fixture.createSession(verification)
  const [entry] = await events(fixture, 'subject.unlocked')
  assert.ok(entry?.actor !== undefined && entry.requestId !== undefined)
  assert.equal(
    (await fixture.call('POST', '/v1/subjects/nobody/unlock')).status,
    200,
    'says nothing of who there is',
  )
})

test('a device that attacks is blocked, reviewed, and goes on under a fresh id when it is allowed', async () => {
  await using fixture = await start({ named: { 'lockout.failures': '100' } })
  await enrol(fixture)
  const wish = { ...verification, deviceCorrelationId: DEVICE }
  const flagged: string[] = []
  for (let i = 0; i < 4; i++) flagged.unshift((await impostor(fixture, wish)).id)
  const second = await fixture.readSession(flagged[1] ?? '')
  assert.deepEqual(
    second.conduct?.flaggedSessions,
    flagged.filter((id) => id !== second.id),
  )
  assert.deepEqual(second.conduct?.barriers, [{ code: 'device_blocked', party: 'device' }])
  assert.ok((second.conduct?.deviceScore ?? 0) >= 10)

  const refused = await fixture.call('POST', '/v1/sessions', wish)
  assert.deepEqual(
    [refused.status, refused.body.code, refused.headers['retry-after']],
    [403, 'device_blocked', undefined],
  )
  const queue = await fixture.call('GET', '/v1/reviews')
  assert.ok(Value.Check(ReviewPageSchema, queue.body))
  assert.deepEqual(
    queue.body.items.map(({ sessions, spoofTypes, bruteForce }: Record<string, unknown>) => [
      sessions,
      spoofTypes,
      bruteForce,
    ]),
    [[flagged, ['impostor'], false]],
  )
  const path = `/v1/reviews/${queue.body.items[0]?.id}/decision`
  const stranger = await fixture.newKey(['review:decide', 'review:read'], 'other')
  const foreign = { authorization: `Bearer ${stranger}` }
  const allow = { decision: 'allow', reason: 'The shop has called the person.' }
  assert.equal((await fixture.call('POST', path, allow, foreign)).status, 404)
  assert.deepEqual((await fixture.call('GET', '/v1/reviews', undefined, foreign)).body.items, [])

  const decided = await fixture.call('POST', path, allow)
  assert.ok(Value.Check(DecidedReviewSchema, decided.body))
  const { deviceCorrelationId: fresh = '' } = decided.body
  assert.match(fresh, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  assert.equal((await fixture.call('POST', path, { ...allow, decision: 'block' })).body.code, 'conflict')
  assert.deepEqual((await fixture.call('GET', '/v1/reviews')).body.items, [])
  const [past] = (await fixture.call('GET', '/v1/reviews?state=decided')).body.items
  assert.deepEqual([past.decision, past.reason], ['allow', allow.reason])
  const [entry] = await events(fixture, 'review.decided')
  assert.deepEqual([entry?.ruling, entry?.note, entry?.actor], ['allow', undefined, past.decidedBy])

  const stored = async ({ id }: CreatedSession) => (await fixture.store.findSession('shop', id))?.deviceMac
  const [old, next] = [
    await fixture.createSession(wish),
    await fixture.createSession({ ...wish, deviceCorrelationId: fresh }),
  ]
  assert.equal(await stored(old), await stored(next), 'the old id stands for the fresh one')
  assert.deepEqual((await fixture.readSession(old.id)).conduct?.flaggedSessions, [])
})

test('a device that goes through subjects is blocked at the third, and stays blocked when a reviewer says so', async () => {
  await using fixture = await start()
  for (const subject of ['anna', 'bert', 'cleo']) {
    await enrol(fixture, subject)
    await impostor(fixture, { purpose: 'verification', subject, deviceCorrelationId: DEVICE })
  }
  const wish = { purpose: 'liveness', deviceCorrelationId: DEVICE } as const
  assert.equal((await fixture.call('POST', '/v1/sessions', wish)).body.code, 'device_blocked')
  const [review] = (await fixture.call('GET', '/v1/reviews')).body.items
  assert.equal(review.bruteForce, true)
  const block = { decision: 'block', reason: 'Three accounts in two minutes.' }
  const decided = await fixture.call('POST', `/v1/reviews/${review.id}/decision`, block)
  assert.deepEqual([decided.status, decided.body.deviceCorrelationId], [200, undefined])
  fixture.clock.advance(30 * 24 * 60 * MINUTE)
  assert.equal((await fixture.call('POST', '/v1/sessions', wish)).body.code, 'device_blocked')
  await fixture.createSession({ purpose: 'liveness', deviceCorrelationId: `${DEVICE}2` })
})

test('so many captures an hour of one subject begin, and not one more', async () => {
  await using fixture = await start({ named: { 'limits.capturesPerHour': '3' } })
  const sessions: CreatedSession[] = []
  for (let i = 0; i < 5; i++)
    sessions.push(await fixture.createSession({ purpose: 'liveness', subject: 'anna' }))
  const heard: (string | undefined)[] = []
  for (const session of sessions) {
    const { outcome, error } = await fixture.capture(session, createPerson(fixture.clock))
    heard.push(outcome?.outcome ?? error)
  }
  assert.deepEqual(heard, ['pass', 'pass', 'pass', 'session_wrong_state', 'session_wrong_state'])
  const { conduct } = await fixture.readSession(sessions[4]?.id ?? '')
  assert.deepEqual([conduct?.refused?.code, conduct?.refused?.party], ['rate_limited', 'subject'])
})

test('what could not be counted is counted as failed, and what was decided stands', async () => {
  let armed = false
  const wrapStore = (store: Store): Store => ({
    ...store,
    changeStandings: (tenant, keys, change) => {
      if (armed) return Promise.reject(new IpseError('storage_unavailable'))
      return store.changeStandings(tenant, keys, change)
    },
  })
  await using fixture = await start({ wrapStore })
  fixture.engine.before = () => {
    armed = true
  }
  const session = await fixture.createSession({ purpose: 'liveness', subject: 'anna' })
  const { outcome } = await fixture.capture(session, createPerson(fixture.clock))
  assert.equal(outcome?.outcome, 'pass')
  const [standing] = [...(await fixture.store.findStandings('shop', [subjectKey(fixture)])).values()]
  assert.equal(Object.keys(standing?.open ?? {}).length, 1)
  armed = true
  const next = await fixture.createSession({ purpose: 'liveness', subject: 'anna' })
  fixture.engine.before = () => {}
  const refused = await fixture.capture(next, createPerson(fixture.clock))
  assert.deepEqual([refused.error, refused.outcome], ['internal', undefined], 'no count, no capture')
})

function subjectKey({ keys }: Fixture): string {
  return `subject:${keys.mac('subject', ['shop', 'anna'])}`
}

test('erasing a subject erases the account of its conduct', async () => {
  await using fixture = await start()
  await enrol(fixture)
  assert.equal((await fixture.store.findStandings('shop', [subjectKey(fixture)])).size, 1)
  await fixture.call('DELETE', '/v1/subjects/anna')
  assert.equal((await fixture.store.findStandings('shop', [subjectKey(fixture)])).size, 0)
})

test('the abuse report of a session holds what happened, its digest, and nothing of the face', async () => {
  await using fixture = await start()
  await enrol(fixture)
  const { id } = await impostor(fixture, { ...verification, deviceCorrelationId: DEVICE })
  const { status, body } = await fixture.call('GET', `/v1/sessions/${id}/abuse-report`, undefined, {
    'x-request-id': 'report-1',
  })
  assert.equal(status, 200)
  assert.ok(
    Value.Check(AbuseReportSchema, body),
    JSON.stringify([...Value.Errors(AbuseReportSchema, body)][0]),
  )
  const { digest, ...rest } = body
  assert.equal(digest, toBase64url(await sha256(utf8(canonicalJson(rest)))))
  assert.deepEqual(
    body.spoofTypes.map(({ type }: { type: string }) => type),
    ['impostor'],
  )
  assert.ok(body.findings.some(({ signal }: { signal: string }) => signal === 'match'))
  assert.match(String(body.sealed.transcript), /^[\w-]{43}$/)
  assert.equal(body.sealed.receipt, (await fixture.readSession(id)).receipt)
  assert.ok(body.models.length > 0 && body.policy.digest !== undefined)
  const trail = body.trail.map(({ event }: { event: string }) => event)
  assert.deepEqual(trail, ['session.created', 'capture.bound', 'capture.challenged', 'capture.decided'])
  assert.equal(body.requestIds.length, 1)
  assert.match(body.reproduction.join('\n'), /the head was asked to go (left|right)/)
  assert.equal((await events(fixture, 'abuse.reported'))[0]?.requestId, 'report-1')
  const stranger = await fixture.newKey(['abuse:report'], 'other')
  const foreign = { authorization: `Bearer ${stranger}` }
  assert.equal((await fixture.call('GET', `/v1/sessions/${id}/abuse-report`, undefined, foreign)).status, 404)
})

test('the lock-out of a device is lifted by hand, its block is not', async () => {
  await using fixture = await start({ named: { 'lockout.failures': '2' } })
  await enrol(fixture)
  const wish = { ...verification, deviceCorrelationId: DEVICE }
  const unlock = () => fixture.call('POST', '/v1/devices/unlock', { deviceCorrelationId: DEVICE })
  const create = () =>
    fixture.call('POST', '/v1/sessions', { purpose: 'liveness', deviceCorrelationId: DEVICE })
  for (let i = 0; i < 2; i++) await impostor(fixture, wish)
  assert.deepEqual((await create()).body.detail, 'Too many attempts have failed: device')
  assert.equal((await unlock()).status, 200)
  assert.equal((await create()).status, 201)
  assert.equal((await events(fixture, 'device.unlocked')).length, 1)
  await fixture.call('POST', '/v1/subjects/anna/unlock')
  for (let i = 0; i < 2; i++) await impostor(fixture, wish)
  await unlock()
  assert.equal((await create()).body.code, 'device_blocked')
})

test('a token does not fill the audit trail', async () => {
  await using fixture = await start()
  const session = await fixture.createSession({ purpose: 'liveness' })
  for (let i = 0; i < 35; i++)
    await fixture.capture(session, createPerson(fixture.clock), { origin: 'https://elsewhere.test' })
  assert.equal((await events(fixture, 'capture.refused')).length, 30)
})

test('captures at the same time give nobody more tries than captures one after the other', async () => {
  await using fixture = await start()
  const { store, keys, clock, settings } = fixture
  const auditor = createAuditor({ clock, random: systemRandom, keys })
  const policies = await createPolicyBook({ files: POLICIES, development: true, store, keys })
  const context = { store, keys, clock, random: systemRandom, settings, policies, auditor }
  const session = aSession({ subject: 'anna', policy: { name: 'standard', version: 3 } })
  const open = (key: number) => openCapture(context, session, { jkt: `key-${key}`, address: '::1' })
  const first = await Promise.all(Array.from({ length: 9 }, (_, key) => open(key)))
  const admitted = first.filter((opened) => !('obstacle' in opened))
  assert.equal(admitted.length, 5)
  assert.ok('obstacle' in (await open(10)))
  for (const opened of admitted) if ('close' in opened) await opened.close()
  assert.ok('close' in (await open(11)), 'a capture that never began does not count')
  clock.advance(15 * MINUTE)
  const standing = (await store.findStandings('shop', [subjectKey(fixture)])).get(subjectKey(fixture))
  assert.equal(Object.keys(standing?.open ?? {}).length, 1)
  const last = await open(12)
  assert.ok('close' in last)
  await last.close()
  const after = (await store.findStandings('shop', [subjectKey(fixture)])).get(subjectKey(fixture))
  assert.deepEqual([after?.consecutive, after?.open], [1, {}], 'one that was never heard of again does')
})

test('a network is locked out by the address that a declared proxy states, its neighbours with it, and nobody else', async () => {
  await using fixture = await start({
    named: { 'server.trustedProxies': '127.0.0.1', 'lockout.failures': '2' },
  })
  const from = async (address: string, subject: string, person: number) => {
    const session = await fixture.createSession({ purpose: 'verification', subject })
    const headers = { 'x-forwarded-for': address }
    const { outcome, error } = await fixture.capture(session, createPerson(fixture.clock, { person }), {
      headers,
    })
    return outcome?.outcome ?? error
  }
  for (const subject of ['anna', 'bert', 'cleo']) await enrol(fixture, subject)
  assert.equal(await from('203.0.113.7', 'anna', 2), 'fail')
  assert.equal(await from('203.0.113.8', 'bert', 2), 'fail')
  assert.equal(await from('203.0.113.200', 'cleo', 1), 'session_wrong_state')
  assert.equal(await from('203.0.114.200', 'cleo', 1), 'pass')
  assert.equal(await from('2001:db8::1', 'cleo', 1), 'pass')
  const parties = (await events(fixture, 'lockout.begun')).map(({ party }) => party)
  assert.deepEqual(parties, ['address'])
})
