/** `/v1/keys`: who sees, renews, makes and ends API keys, and what of it is written down. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createApiKey, createClient, type Scope } from '../src/index.ts'
import { type Fixture, startFixture, systemRandom } from './fixture.ts'
import { newPerson } from './person.ts'

const HOUR_MS = 3_600_000

const kidOf = (key: string) => key.split('_')[2] ?? ''
const as = (key: string) => ({ authorization: `Bearer ${key}` })
const rotate = (fixture: Fixture, key: string, kid = kidOf(key), body: object = {}) =>
  fixture.call('POST', `/v1/keys/${kid}/rotate`, body, as(key))
const works = async (fixture: Fixture, key: string) =>
  (await fixture.call('GET', '/v1/keys', undefined, as(key))).status === 200
const audit = async ({ store }: Fixture, event: string) =>
  (await store.listAudit('shop', 99)).filter((entry) => entry.event === event)

test('who may list sees the keys of the tenant, and of no key anything that opens a door', async () => {
  await using fixture = await startFixture()
  const lister = await fixture.newKey(['key:read'])
  const foreign = await fixture.newKey(['session:read'], 'other')
  const { status, body } = await fixture.call('GET', '/v1/keys', undefined, as(lister))
  assert.equal(status, 200)
  const kids = body.items.map(({ kid }: { kid: string }) => kid)
  assert.deepEqual(kids.toSorted(), [kidOf(fixture.apiKey), kidOf(lister)].toSorted())
  for (const key of [fixture.apiKey, lister, foreign])
    assert.ok(!JSON.stringify(body).includes(key.split('_').slice(3).join('_')))
  const { secretMac } = (await fixture.store.findApiKey(kidOf(lister))) ?? {}
  assert.ok(secretMac && !JSON.stringify(body).includes(secretMac))
})

test('a key makes its own successor with the same rights, and ends when the overlap is over', async () => {
  await using fixture = await startFixture()
  const old = await fixture.newKey(['key:rotate', 'key:read'])
  const { status, body } = await rotate(fixture, old, kidOf(old), { overlapHours: 2 })
  assert.equal(status, 201)
  assert.deepEqual([body.scopes, body.state], [['key:rotate', 'key:read'], 'live'])
  assert.notEqual(body.kid, kidOf(old))
  assert.ok((await works(fixture, old)) && (await works(fixture, body.key)))
  const [entry] = await audit(fixture, 'key.rotated')
  assert.deepEqual([entry?.actor, entry?.key], [kidOf(old), body.kid])
  assert.equal((await rotate(fixture, body.key)).status, 409, 'while the one before it still works')
  fixture.clock.advance(2 * HOUR_MS)
  assert.ok(!(await works(fixture, old)) && (await works(fixture, body.key)))
  assert.equal((await rotate(fixture, body.key)).status, 201)
  fixture.clock.advance(24 * HOUR_MS - 1)
  assert.ok(await works(fixture, body.key), 'a day when nobody says how long')
  fixture.clock.advance(1)
  assert.ok(!(await works(fixture, body.key)))
})

test('no program renews another key than its own, and what is no key has none', async () => {
  const named = { 'server.proxyClientCertificates': 'true', 'server.trustedProxies': '127.0.0.1' }
  await using fixture = await startFixture({ named })
  const scopes: Scope[] = ['key:rotate', 'key:read', 'key:manage']
  const key = await fixture.newKey(scopes)
  for (const kid of [kidOf(fixture.apiKey), kidOf(await fixture.newKey(scopes, 'other')), '0'.repeat(16)]) {
    const { status, body } = await rotate(fixture, key, kid)
    assert.deepEqual([status, body.code], [404, 'not_found'], kid)
  }
  for (const [method, url, body] of [
    ['POST', '/v1/keys', { name: 'more', scopes: ['key:read'] }],
    ['DELETE', `/v1/keys/${kidOf(key)}`, undefined],
  ] as const) {
    const answer = await fixture.call(method, url, body, as(key))
    assert.deepEqual([answer.status, answer.body.detail], [403, 'only for a person'], method)
  }
  for (const overlapHours of [0, 721, 1.5, '1'])
    assert.equal((await rotate(fixture, key, kidOf(key), { overlapHours })).status, 400)
  const fingerprint = 'a'.repeat(64)
  const wish = { tenant: 'shop', name: 'till', scopes, fingerprint }
  const { id } = await createClient(fixture.store, systemRandom, fixture.clock, wish)
  for (const kid of [kidOf(key), '0'.repeat(16)]) {
    const { statusCode } = await fixture.app.inject({
      method: 'POST',
      url: `/v1/keys/${kid}/rotate`,
      headers: { 'x-client-cert-sha256': fingerprint },
      payload: {},
    })
    assert.equal(statusCode, 404, `the client ${id}`)
  }
  assert.equal((await audit(fixture, 'key.rotated')).length, 0)
})

test('people rotate and revoke what they could have made; what they lack they do not get by it', async () => {
  await using fixture = await startFixture()
  const { store, keys, clock } = fixture
  const operator = await newPerson(fixture, ['operator'])
  const auditor = await newPerson(fixture, ['auditor'])
  const foreign = await newPerson(fixture, ['owner'], 'other')
  const make = async (name: string, scopes: readonly Scope[]) =>
    createApiKey(store, keys, systemRandom, clock, { tenant: 'shop', name, scopes })
  const till = await make('till', ['session:create', 'key:read'])
  const privacy = await make('privacy', ['subject:delete', 'key:read'])
  const path = (kid: string) => `/v1/keys/${kid}/rotate`
  const next = await operator.ask('POST', path(till.record.kid), { overlapHours: 1 })
  assert.equal(next.status, 201)
  assert.ok(await works(fixture, next.body.key))
  const [entry] = await audit(fixture, 'key.rotated')
  assert.deepEqual([entry?.actor, entry?.key], [operator.id, next.body.kid])
  const lacking = await operator.ask('POST', path(privacy.record.kid), {})
  assert.equal(lacking.status, 403)
  assert.match(lacking.body.detail, /subject:delete/)
  assert.equal((await auditor.ask('POST', path(till.record.kid), {})).status, 403)
  assert.equal((await foreign.ask('POST', path(till.record.kid), {})).status, 404)
  assert.equal((await foreign.ask('DELETE', `/v1/keys/${till.record.kid}`)).status, 404)
  // To end a key gives nobody anything: it takes the scope, not the scopes of the key.
  assert.equal((await operator.ask('DELETE', `/v1/keys/${privacy.record.kid}`)).status, 200)
  assert.ok(!(await works(fixture, privacy.key)))
  const [revoked] = await audit(fixture, 'key.revoked')
  assert.deepEqual([revoked?.actor, revoked?.key], [operator.id, privacy.record.kid])
  const { body } = await auditor.ask('GET', '/v1/keys')
  const states = Object.fromEntries(
    body.items.map(({ name, state }: Record<string, string>) => [name, state]),
  )
  assert.equal(states.privacy, 'revoked')
})
