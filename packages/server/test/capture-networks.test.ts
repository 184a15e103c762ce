/** A session may name the networks its capture is expected from: told to the relying party, and to no device. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { CreatedSession } from '@ipse/protocol'
import { createPerson, type Fixture, startFixture } from './fixture.ts'

const OFFICE = ['203.0.113.0/24', '2001:db8::/32', '198.51.100.7', '::ffff:192.0.2.0/120'] as const
const INSIDE = ['203.0.113.7', '::ffff:203.0.113.7', '2001:db8:1::1', '198.51.100.7', '192.0.2.9'] as const
const OUTSIDE = [
  '203.0.114.7',
  '::ffff:203.0.114.7',
  '2001:db9::1',
  '198.51.100.8',
  '192.0.3.1',
  '::1',
  'unknown',
] as const

let fixture: Fixture
before(async () => {
  fixture = await startFixture({ named: { 'server.trustedProxies': '127.0.0.1' } })
})
after(() => fixture[Symbol.asyncDispose]())

const open = (on: Fixture = fixture, allowedNetworks: readonly string[] = OFFICE) =>
  on.createSession({ purpose: 'liveness', allowedNetworks })

/** What a device hears whose proxy names this address. */
async function capture(
  session: CreatedSession,
  address: string,
  on: Fixture = fixture,
  more: Partial<Parameters<Fixture['capture']>[2]> = {},
): Promise<string | undefined> {
  const headers = { 'x-forwarded-for': address }
  const { outcome, error } = await on.capture(session, createPerson(on.clock), { headers, ...more })
  return outcome?.outcome ?? error
}

const refusals = async (on: Fixture, { id }: CreatedSession) =>
  (await on.store.listSessionAudit('shop', id, 99))
    .filter(({ event }) => event === 'capture.refused')
    .map(({ error, note }) => [error, note])

for (const address of INSIDE)
  test(`${address} is inside, as the declared proxy names it`, async () => {
    const session = await open()
    assert.equal(await capture(session, address), 'pass')
    const { allowedNetworks, decision } = await fixture.readSession(session.id)
    assert.deepEqual([allowedNetworks, decision], [OFFICE, 'accept'])
  })

test('from outside no attempt is used, no key bound and no reason told; inside the session is as it was', async () => {
  const session = await open()
  for (const address of OUTSIDE)
    assert.equal(await capture(session, address), 'session_token_invalid', address)
  const { state, attempts, attemptsLeft } = await fixture.readSession(session.id)
  assert.deepEqual([state, attempts, attemptsLeft], ['created', [], 3])
  assert.equal((await fixture.store.findSession('shop', session.id))?.jkt, undefined)
  const expected = OUTSIDE.map(() => ['session_token_invalid', 'network'])
  assert.deepEqual(await refusals(fixture, session), expected)
  assert.match(
    fixture.log(),
    /"code":"session_token_invalid","error":\{"name":"IpseError","message":"network"/,
  )
  assert.equal(await capture(session, INSIDE[0]), 'pass')
  // Whoever is outside does not learn either that it is over.
  assert.equal(await capture(session, OUTSIDE[0]), 'session_token_invalid')
  assert.equal(await capture(session, INSIDE[0]), 'session_token_invalid', 'another key')
})

test('the operator reads whether it was the page or the network', async () => {
  const session = await open()
  const origin = 'https://evil.test'
  assert.equal(await capture(session, INSIDE[0], fixture, { origin }), 'session_token_invalid')
  assert.equal(await capture(session, OUTSIDE[0]), 'session_token_invalid')
  assert.deepEqual(
    (await refusals(fixture, session)).map(([, note]) => note),
    ['origin', 'network'],
  )
})

test('without a declared proxy the address is that of the connection, whatever a header says', async () => {
  await using bare = await startFixture()
  assert.equal(await capture(await open(bare), INSIDE[0], bare), 'session_token_invalid')
  assert.equal(await capture(await open(bare, ['127.0.0.0/8']), OUTSIDE[0], bare), 'pass')
})

test('a session without networks takes a capture from anywhere, and shows none', async () => {
  const session = await fixture.createSession({ purpose: 'liveness' })
  assert.equal(await capture(session, OUTSIDE[0]), 'pass')
  assert.equal('allowedNetworks' in (await fixture.readSession(session.id)), false)
})

test('what is no list of networks is refused with a sentence', async () => {
  const create = (allowedNetworks: unknown) =>
    fixture.call('POST', '/v1/sessions', { purpose: 'liveness', allowedNetworks })
  const sentence = 'allowedNetworks holds something that is no address and no CIDR range'
  for (const text of [
    '',
    'office',
    '*',
    '192.0.2.0/33',
    '192.0.2.0/',
    '2001:db8::/129',
    '010.0.0.1',
    'fe80::1%eth0',
  ]) {
    const { status, body } = await create(['192.0.2.1', text])
    assert.deepEqual([status, body.code, body.detail], [400, 'invalid_request', sentence], text)
  }
  const sixteen = Array.from({ length: 16 }, (_, i) => `192.0.2.${i}`)
  assert.equal((await create(sixteen)).status, 201)
  for (const list of [[], [...sixteen, '::1'], '192.0.2.1', [7], [`192.0.2.1/${'0'.repeat(50)}`], null]) {
    const { status, body } = await create(list)
    assert.deepEqual([status, body.code], [400, 'invalid_request'], JSON.stringify(list))
    assert.match(body.errors[0].at, /^\/allowedNetworks/)
  }
})

test('a network that is named twice is kept once', async () => {
  const { id } = await open(fixture, ['192.0.2.1', '192.0.2.1'])
  assert.deepEqual((await fixture.readSession(id)).allowedNetworks, ['192.0.2.1'])
})
