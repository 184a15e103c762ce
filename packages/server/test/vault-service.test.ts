/** The vault in a running service: a key service in trouble never lets anybody in, and a rotation costs no request. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createKeyring, openKeys } from '../src/index.ts'
import { LEAST_WRAP_LEAD_MS, rotateEncryption } from '../src/keys/encryption-rotation.ts'
import { createEncryptionEntry } from '../src/keys/keyring.ts'
import { createKekCheck } from '../src/vault/kek-check.ts'
import { transitKeks } from '../src/vault/kek-transit.ts'
import { keyringKeks } from '../src/vault/open.ts'
import { assertUnused, rewrapAll } from '../src/vault/rewrap.ts'
import {
  CONSENT,
  createPerson,
  createTestClock,
  type Fixture,
  startFixture,
  systemRandom,
} from './fixture.ts'
import { scriptedImage } from './scripted-engine.ts'
import { startTransit } from './transit-server.ts'

const image = (person: number) => Buffer.from(scriptedImage({ person })).toString('base64')
const enrol = (fixture: Fixture, subject: string, person = 1) =>
  fixture.call('POST', `/v1/subjects/${subject}/references`, { image: image(person), consent: CONSENT })
const compare = (fixture: Fixture, subject: string, person = 1) =>
  fixture.call('POST', '/v1/comparisons', { probe: { image: image(person) }, reference: { subject } })

test('while the key service is away nothing is enrolled, compared or accepted, and afterwards everything is again', async () => {
  await using server = await startTransit()
  const { url, token } = server
  const kek = transitKeks({ url, mount: 'transit', key: 'ipse', token, timeoutMs: 100 }, () =>
    performance.now(),
  )
  await using fixture = await startFixture({
    more: { kek },
    named: { 'limits.comparisonsPerMinute': '0' },
  })
  assert.equal((await enrol(fixture, 'anna')).status, 201)
  assert.equal((await compare(fixture, 'anna')).body.decision, 'match')
  const session = await fixture.createSession({ purpose: 'verification', subject: 'anna' })
  const enrolment = await fixture.createSession({ purpose: 'enrolment', subject: 'carl', consent: CONSENT })

  server.before = () => 503
  for (const { status, body, headers } of [await enrol(fixture, 'bert'), await compare(fixture, 'anna')]) {
    assert.deepEqual([status, body.code, body.retry], [503, 'storage_unavailable', 'same'])
    assert.ok(Number(headers['retry-after']) > 0)
    assert.ok(!JSON.stringify(body).includes('key service'), 'what is wrong is for the log alone')
  }
  for (const { id, ...rest } of [session, enrolment]) {
    const { outcome } = await fixture.capture({ id, ...rest }, createPerson(fixture.clock))
    assert.notEqual(outcome?.outcome, 'pass')
    const read = await fixture.readSession(id)
    assert.notEqual(read.decision, 'accept')
    assert.equal(read.receipt, undefined)
  }
  assert.deepEqual(await fixture.store.listReferences('shop', 'bert'), [])
  assert.deepEqual(await fixture.store.listReferences('shop', 'carl'), [])
  assert.ok(!fixture.log().includes(token))

  server.before = () => undefined
  assert.equal((await compare(fixture, 'anna')).body.decision, 'match')
  const next = await fixture.createSession({ purpose: 'verification', subject: 'anna' })
  assert.equal((await fixture.capture(next, createPerson(fixture.clock))).outcome?.outcome, 'pass')
  const stranger = await fixture.createSession({ purpose: 'verification', subject: 'anna' })
  const refused = await fixture.capture(stranger, createPerson(fixture.clock, { person: 3 }))
  assert.notEqual(refused.outcome?.outcome, 'pass', 'the control: protected templates tell people apart')
})

test('a node is ready only while its key service answers, and asks it once in five seconds however often it is asked', async () => {
  await using server = await startTransit()
  const { url, token, asked } = server
  const kek = transitKeks({ url, mount: 'transit', key: 'ipse', token, timeoutMs: 500 }, () =>
    performance.now(),
  )
  await using fixture = await startFixture({ more: { kek } })
  const ready = async () => (await fixture.call('GET', '/readyz')).status
  assert.deepEqual(await Promise.all(Array.from({ length: 20 }, ready)), Array(20).fill(200))
  assert.deepEqual(asked, ['encrypt/ipse', 'decrypt/ipse'])

  for (const [trouble, named] of [
    [503, 'in trouble'],
    [403, 'the token is refused'],
    ['hang', 'it says nothing'],
  ] as const) {
    server.before = () => trouble
    assert.equal(await ready(), 200, 'what was heard a moment ago')
    fixture.clock.advance(5_000)
    assert.equal(await ready(), 503, named)
    assert.equal(await ready(), 503)
    server.before = () => undefined
    fixture.clock.advance(4_999)
    assert.equal(await ready(), 503, 'it is not asked before its time')
    fixture.clock.advance(1)
    assert.equal(await ready(), 200, 'and it is back')
  }
  server.before = (path) => (path.startsWith('decrypt') ? 403 : undefined)
  fixture.clock.advance(5_000)
  assert.equal(await ready(), 503, 'what wraps and does not unwrap opens no template')
  assert.equal((await fixture.call('GET', '/healthz')).status, 200, 'alive it is')
  assert.ok(!fixture.log().includes(token))
})

test('a provider that never answers, and one that gives another key back, are not ready', async () => {
  const key = systemRandom.bytes(32)
  const wrap = async () => ({ kekId: 'k', wrapped: key })
  const check = (unwrap: () => Promise<Uint8Array>) =>
    createKekCheck({ wrap, unwrap }, { clock: createTestClock(), random: systemRandom }, 20)
  await assert.rejects(
    check(() => new Promise(() => {})),
    { code: 'storage_unavailable' },
  )
  await assert.rejects(
    check(async () => key),
    { code: 'internal' },
  )
  await assert.rejects(
    check(async () => key.subarray(1)),
    { code: 'internal' },
  )
})

test('a reference whose key was destroyed is no reference: nobody is compared with it, nobody accepted', async () => {
  await using fixture = await startFixture()
  assert.equal((await enrol(fixture, 'anna')).status, 201)
  const session = await fixture.createSession({ purpose: 'verification', subject: 'anna' })
  const [reference = assert.fail()] = await fixture.store.listReferences('shop', 'anna')
  await fixture.store.deleteDataKeys(['id' in reference.key ? reference.key.id : ''])
  assert.equal((await compare(fixture, 'anna')).body.code, 'reference_not_found')
  await fixture.capture(session, createPerson(fixture.clock))
  const read = await fixture.readSession(session.id)
  assert.notEqual(read.decision, 'accept')
  const { measurement } = read.evidence.find(({ signal }) => signal === 'match') ?? assert.fail('no line')
  assert.deepEqual(measurement, { status: 'failure-to-assess', reason: 'no-reference' })
})

test('an enrolment that an erasure overtakes is not answered as one, and leaves nothing', async () => {
  let overtake = false
  await using fixture = await startFixture({
    wrapStore: (store) => ({
      ...store,
      async insertReference(...given) {
        if (overtake) await fixture.call('DELETE', '/v1/subjects/anna')
        return store.insertReference(...given)
      },
    }),
  })
  overtake = true
  const { status, body } = await enrol(fixture, 'anna')
  assert.deepEqual([status, body.code], [409, 'conflict'])
  assert.deepEqual(await fixture.store.listReferences('shop', 'anna'), [])
  overtake = false
  assert.equal((await enrol(fixture, 'anna')).status, 201)
})

test('a photograph that comes with a session leaves no key behind when the session has ended', async () => {
  await using fixture = await startFixture()
  const session = await fixture.createSession({ purpose: 'verification', referenceImage: image(1) })
  const count = async () => [...(await fixture.store.countDataKeys()).values()].reduce((sum, n) => sum + n, 0)
  assert.equal(await count(), 1)
  assert.equal((await fixture.capture(session, createPerson(fixture.clock))).outcome?.outcome, 'pass')
  assert.equal(await count(), 0)
})

test('while key-encryption keys rotate and all keys move over, no request fails', async () => {
  const clock = createTestClock()
  let ring = await createKeyring(systemRandom.bytes, clock.now())
  const keys = await openKeys(ring)
  await using fixture = await startFixture({
    clock,
    more: { keys },
    named: { 'limits.comparisonsPerMinute': '0', 'limits.requestsPerKeyPerMinute': '0' },
  })
  const { store } = fixture
  const subjects = Array.from({ length: 40 }, (_, n) => `subject-${n}`)
  for (const [n, subject] of subjects.entries())
    assert.equal((await enrol(fixture, subject, 1 + (n % 5))).status, 201)

  let running = true
  const bad: unknown[] = []
  let [compared, enrolled] = [0, 0]
  const load = async (worker: number) => {
    for (let n = worker; running; n += 3) {
      const index = n % subjects.length
      const { status, body } = await compare(fixture, subjects[index] ?? '', 1 + (index % 5))
      if (status !== 200 || body.decision !== 'match') bad.push([status, body])
      compared++
      const fresh = await enrol(fixture, `fresh-${worker}-${n}`)
      if (fresh.status !== 201) bad.push([fresh.status, fresh.body])
      enrolled++
    }
  }
  const workers = [0, 1, 2].map(load)
  const kek = keyringKeks({ keys, clock, random: systemRandom })
  const rotations = 5
  for (let rotation = 0; rotation < rotations; rotation++) {
    const old = await kek.current()
    ring = rotateEncryption(ring, createEncryptionEntry(systemRandom.bytes), clock.now(), LEAST_WRAP_LEAD_MS)
    await keys.take(ring)
    clock.advance(LEAST_WRAP_LEAD_MS)
    // What was sealed in this very moment may still be wrapped with the old one.
    let left = 1
    while (left > 0) left = (await rewrapAll(store, kek)).rewrapped
    await assertUnused(store, kek, old)
    ring = { ...ring, encryption: ring.encryption.filter(({ id }) => id !== old) }
    await keys.take(ring)
  }
  running = false
  await Promise.all(workers)
  assert.deepEqual(bad.slice(0, 3), [])
  assert.ok(compared > 0 && enrolled > 0)
  for (const [n, subject] of subjects.entries())
    assert.equal((await compare(fixture, subject, 1 + (n % 5))).body.decision, 'match')
})
