/** The token endpoint stands open to everybody: what a network and a client may ask for, and what others can do about it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { IpseError } from '@ipse/protocol'
import { createClient } from '../src/index.ts'
import { type Fixture, type FixtureOptions, PUBLIC_URL, startFixture, systemRandom } from './fixture.ts'
import { compact, newSigner, signWith } from './tokens.ts'

const AT_HOME = '192.0.2.10'

/** A service, two clients of it, and what each asks with. */
async function startTokens(options: FixtureOptions) {
  const fixture = await startFixture(options)
  const makeClient = async () => {
    const signer = newSigner()
    const { id } = await createClient(fixture.store, systemRandom, fixture.clock, {
      tenant: 'shop',
      name: 'client',
      scopes: ['session:read'],
      jwks: { keys: [signer.jwk] },
    })
    return { id, signer }
  }
  type Client = Awaited<ReturnType<typeof makeClient>>
  const ask = async ({ id, signer }: Client, from = AT_HOME, payload?: string) => {
    const assertion = compact(
      { alg: signer.alg, kid: signer.kid },
      {
        iss: id,
        sub: id,
        aud: PUBLIC_URL,
        exp: fixture.clock.now() / 1000 + 60,
        jti: Buffer.from(systemRandom.bytes(12)).toString('hex'),
      },
      signWith(signer),
    )
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    })
    const { statusCode, headers, ...reply } = await fixture.app.inject({
      method: 'POST',
      url: '/oauth/token',
      remoteAddress: from,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: payload ?? form.toString(),
    })
    return { status: statusCode, headers, body: reply.json() as Record<string, unknown> }
  }
  return { fixture, clients: [await makeClient(), await makeClient()] as const, ask }
}

const limits = (fixture: { headers: Readonly<Record<string, unknown>> }) =>
  ['limit', 'remaining', 'reset', 'policy'].map((name) => fixture.headers[`ratelimit-${name}`])

test('a client is told what is left of its tokens, refused beyond it, and let in again in the next minute', async () => {
  const named = { 'limits.tokensPerClientPerMinute': '2', 'limits.tokensPerNetworkPerMinute': '100' }
  const { fixture, clients, ask } = await startTokens({ named })
  await using _ = fixture
  const [one, other] = clients
  const first = await ask(one)
  assert.equal(first.status, 200)
  assert.deepEqual(limits(first), ['2', '1', '60', '"tokens";q=2;w=60'], 'the tighter of both')
  assert.equal((await ask(one, '198.51.100.1')).status, 200)
  const refused = await ask(one)
  assert.deepEqual(
    [refused.status, refused.body.code, refused.body.error, refused.headers['retry-after']],
    [429, 'rate_limited', 'temporarily_unavailable', '60'],
  )
  assert.equal(refused.body.access_token, undefined)
  assert.equal((await ask(other)).status, 200, 'another client')
  assert.equal((await ask({ ...other, id: one.id })).status, 401, 'nobody hears of it without the key')
  fixture.clock.advance(60_000)
  assert.equal((await ask(one)).status, 200)
})

test('nobody uses up the tokens of a client whose key he lacks; guesses are counted where they come from', async () => {
  const named = { 'limits.tokensPerClientPerMinute': '1', 'limits.tokensPerNetworkPerMinute': '5' }
  const { fixture, clients, ask } = await startTokens({ named })
  await using _ = fixture
  const [one] = clients
  const guess = (from: string) => ask({ ...one, signer: newSigner() }, from)
  const answers = []
  for (let host = 1; host <= 6; host++) answers.push(await guess(`203.0.113.${host}`))
  assert.deepEqual(
    answers.map(({ status }) => status),
    [401, 401, 401, 401, 401, 429],
    'six addresses of one network',
  )
  assert.deepEqual(limits(answers[5]!), ['5', '0', '60', '"tokens";q=5;w=60'])
  // Of a network that may ask for nothing more, not even the form is read.
  assert.equal((await ask(one, '203.0.113.99', 'a=1')).status, 429)
  assert.equal((await ask(one)).status, 200, 'the client itself, from elsewhere')
})

test('loopback is not counted, a limit of 0 is none, and a store that does not count gives no token', async () => {
  let broken = false
  const named = { 'limits.tokensPerClientPerMinute': '0', 'limits.tokensPerNetworkPerMinute': '2' }
  const { fixture, clients, ask } = await startTokens({
    named,
    wrapStore: (store) => ({
      ...store,
      takeAllowances: (takes) =>
        broken ? Promise.reject(new IpseError('storage_unavailable')) : store.takeAllowances(takes),
    }),
  })
  await using _: Fixture = fixture
  for (let i = 0; i < 4; i++) assert.equal((await ask(clients[0], '127.0.0.1')).status, 200)
  broken = true
  const { status, body } = await ask(clients[0])
  assert.deepEqual([status, body.code, body.access_token], [503, 'storage_unavailable', undefined])
})
