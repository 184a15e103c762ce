/** `Idempotency-Key`: an enrolment that is sent again makes no second reference. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CONSENT, type Fixture, startFixture } from './fixture.ts'
import { scriptedImage } from './scripted-engine.ts'

const imageOf = (person: number) => Buffer.from(scriptedImage({ person })).toString('base64')
const WISH = { image: imageOf(1), consent: CONSENT }

const enrol = (fixture: Fixture, key: string, body: object = WISH, subject = 'anna', more = {}) =>
  fixture.call('POST', `/v1/subjects/${subject}/references`, body, { 'idempotency-key': key, ...more })
const enrolments = async ({ store }: Fixture, tenant = 'shop') =>
  (await store.listAudit(tenant, 99)).filter(({ event }) => event === 'reference.enrolled').length

test('an enrolment that is sent again answers as it did, and stores and writes down nothing more', async () => {
  await using fixture = await startFixture()
  const first = await enrol(fixture, 'order-1')
  assert.deepEqual([first.status, first.body.references.length], [201, 1])
  const again = await enrol(fixture, 'order-1')
  assert.deepEqual([again.status, again.body], [201, first.body])
  const atOnce = await Promise.all([1, 2, 3].map(() => enrol(fixture, 'order-2', WISH, 'bert')))
  assert.deepEqual(
    atOnce.map(({ status }) => status),
    [201, 201, 201],
  )
  assert.equal((await fixture.store.listReferences('shop', 'bert')).length, 1)
  assert.equal(await enrolments(fixture), 2)
  assert.equal((await enrol(fixture, 'order-3')).body.references.length, 2, 'another key is another wish')
})

test('a key that was used for something else is a conflict, and changes nothing', async () => {
  await using fixture = await startFixture()
  assert.equal((await enrol(fixture, 'order-1')).status, 201)
  const others = {
    'another picture': await enrol(fixture, 'order-1', { ...WISH, image: imageOf(2) }),
    'another consent': await enrol(fixture, 'order-1', { ...WISH, consent: { ...CONSENT, version: '2' } }),
    'another subject': await enrol(fixture, 'order-1', WISH, 'bert'),
    'a session': await fixture.call(
      'POST',
      '/v1/sessions',
      { purpose: 'liveness' },
      { 'idempotency-key': 'order-1' },
    ),
  }
  for (const [what, { status, body }] of Object.entries(others))
    assert.deepEqual([status, body.code], [409, 'idempotency_conflict'], what)
  assert.equal(await enrolments(fixture), 1)
  assert.deepEqual(await fixture.store.listReferences('shop', 'bert'), [])
  for (const bad of ['', 'x'.repeat(129), 'a b']) assert.equal((await enrol(fixture, bad)).status, 400)
})

test('a key is the tenant’s own, ends after a day, and goes with the subject', async () => {
  await using fixture = await startFixture()
  const other = { authorization: `Bearer ${await fixture.newKey(['face:enrol'], 'other')}` }
  assert.equal((await enrol(fixture, 'order-1')).status, 201)
  assert.equal((await enrol(fixture, 'order-1', { ...WISH, image: imageOf(2) }, 'anna', other)).status, 201)
  assert.equal(await enrolments(fixture, 'other'), 1)
  assert.equal((await fixture.call('DELETE', '/v1/subjects/anna')).status < 300, true)
  const anew = await enrol(fixture, 'order-1')
  assert.deepEqual([anew.status, anew.body.references.length], [201, 1])
  fixture.clock.advance(86_400_000)
  assert.equal((await enrol(fixture, 'order-1', { ...WISH, image: imageOf(2) })).status, 201)
})
