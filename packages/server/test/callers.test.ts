/** Who may ask: API keys with an end and networks, certificates on TLS and behind a proxy, access tokens bound and unbound. */
import assert from 'node:assert/strict'
import { createServer as createTlsServer, request as tlsRequest } from 'node:https'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { connect } from 'node:tls'
import { createDeviceKey, createProof, publicJwk, thumbprint } from '@ipse/protocol'
import { decodeJwt } from 'jose'
import {
  createApiKey,
  createClient,
  type NewApiKey,
  type NewClient,
  readCertificate,
  revokeApiKey,
  rotateApiKey,
} from '../src/index.ts'
import { createAuthority, type Issued } from './certificates.ts'
import { type Fixture, type FixtureOptions, PUBLIC_URL, startFixture, systemRandom } from './fixture.ts'
import { compact, newSigner, type Signer, signWith } from './tokens.ts'

const DAY_MS = 86_400_000
const LIST = { method: 'GET', url: '/v1/sessions' } as const

/** Headers and address of a request for the list of sessions → its status. */
async function ask(
  fixture: Fixture,
  headers: Record<string, string>,
  remoteAddress = '127.0.0.1',
): Promise<number> {
  return (await fixture.app.inject({ ...LIST, headers, remoteAddress })).statusCode
}

const makeKey = (fixture: Fixture, wish: Partial<NewApiKey> = {}) =>
  createApiKey(fixture.store, fixture.keys, systemRandom, fixture.clock, {
    tenant: 'shop',
    name: 'backend',
    scopes: ['session:read'],
    ...wish,
  })

const addClient = (fixture: Fixture, wish: Partial<NewClient>) =>
  createClient(fixture.store, systemRandom, fixture.clock, {
    tenant: 'shop',
    name: 'client',
    scopes: ['session:read'],
    ...wish,
  })

test('a key may be used until its end, from its networks, and nobody is told which was wrong', async () => {
  await using fixture = await startFixture({ named: { 'server.trustedProxies': '10.9.9.9' } })
  const expiresAt = fixture.clock.now() + DAY_MS
  const brief = await makeKey(fixture, { expiresAt })
  const local = await makeKey(fixture, { networks: ['192.0.2.0/24', '2001:db8::/32', '198.51.100.7'] })
  const revoked = await makeKey(fixture)
  await revokeApiKey(fixture.store, systemRandom, fixture.clock, revoked.record.kid)
  const bearer = (key: string) => ({ authorization: `Bearer ${key}` })
  const from = (address: string, headers = {}) => ask(fixture, { ...bearer(local.key), ...headers }, address)
  assert.equal(await ask(fixture, bearer(brief.key)), 200)
  for (const address of ['192.0.2.1', '2001:db8:1::1', '::ffff:192.0.2.77', '198.51.100.7'])
    assert.equal(await from(address), 200, address)
  for (const address of ['192.0.3.1', '2001:db9::1', '::ffff:192.0.3.1', '198.51.100.8', '::1', '10.9.9.9'])
    assert.equal(await from(address), 401, address)
  // Behind the declared proxy its word counts; from anybody else nothing that is written in a header does.
  assert.equal(await from('10.9.9.9', { 'x-forwarded-for': '192.0.2.1' }), 200)
  assert.equal(await from('10.9.9.8', { 'x-forwarded-for': '192.0.2.1' }), 401)
  fixture.clock.advance(DAY_MS - 1)
  assert.equal(await ask(fixture, bearer(brief.key)), 200)
  fixture.clock.advance(1)

  const kid = local.record.kid
  const wrong: Readonly<Record<string, [string, string]>> = {
    expired: [brief.key, brief.record.kid],
    network: [local.key, kid],
    revoked: [revoked.key, revoked.record.kid],
    secret: [`ipse_live_${kid}_${'A'.repeat(43)}`, kid],
    unknown: [`ipse_live_${'0'.repeat(16)}_${'A'.repeat(43)}`, '0'.repeat(16)],
    form: ['ipse_live_x', ''],
  }
  const answers = new Set<string>()
  for (const [why, [key, id]] of Object.entries(wrong)) {
    const before = fixture.log().length
    const { statusCode, body, headers } = await fixture.app.inject({
      ...LIST,
      headers: { ...bearer(key), 'x-request-id': 'same' },
    })
    answers.add(JSON.stringify([statusCode, body, headers['www-authenticate']]))
    const line = fixture.log().slice(before)
    assert.match(line, new RegExp(`"why":"${why}"`))
    assert.ok(line.includes(id) && !line.includes(key.split('_').slice(3).join('_') || 'ipse_live'), why)
  }
  assert.equal(answers.size, 1)
})

test('of a stranger not even the body is read', async () => {
  await using fixture = await startFixture()
  const huge = JSON.stringify({ image: 'A'.repeat(1_000_000) })
  for (const body of [huge, '{"purpose"', 'x'.repeat(30_000_000)]) {
    const reply = await fixture.call('POST', '/v1/detections', body, { authorization: 'Bearer wrong' })
    assert.deepEqual([reply.status, reply.body.code], [401, 'unauthenticated'])
  }
})

test('a rotated key and its successor both work until the overlap is over', async () => {
  await using fixture = await startFixture()
  const { store, keys, clock } = fixture
  const old = await makeKey(fixture, { networks: ['127.0.0.1'], origins: ['https://shop.test'] })
  const { key, record } = await rotateApiKey(store, keys, systemRandom, clock, old.record.kid, DAY_MS)
  assert.deepEqual(
    [record.tenant, record.name, record.scopes, record.networks, record.origins],
    ['shop', 'backend', ['session:read'], ['127.0.0.1'], ['https://shop.test']],
  )
  const works = (secret: string) => ask(fixture, { authorization: `Bearer ${secret}` })
  assert.deepEqual([await works(old.key), await works(key)], [200, 200])
  const rotate = (kid: string) => rotateApiKey(store, keys, systemRandom, clock, kid, DAY_MS)
  await assert.rejects(rotate(record.kid), { code: 'conflict', message: /2 keys named "backend"/ })
  await assert.rejects(rotate('0'.repeat(16)), { code: 'not_found' })
  clock.advance(DAY_MS)
  assert.deepEqual([await works(old.key), await works(key)], [401, 200])
  await assert.rejects(rotate(old.record.kid), { code: 'not_found' })
  await rotate(record.kid)
  const events = (await store.listAudit('shop', 10)).map(({ event }) => event)
  assert.equal(events.filter((event) => event === 'key.rotated').length, 2)
})

test('the last use of a key is noted once a minute, and a store that fails there fails nobody', async () => {
  const touched: number[] = []
  let written: Promise<void> = Promise.resolve()
  await using fixture = await startFixture({
    wrapStore: (store) => ({
      ...store,
      touchApiKey: async (kid, at) => {
        touched.push(at)
        if (touched.length === 2) throw new Error('disk')
        written = store.touchApiKey(kid, at)
        await written
      },
    }),
  })
  const { key, record } = await makeKey(fixture)
  const use = () => ask(fixture, { authorization: `Bearer ${key}` })
  const noted = async () => {
    await written
    return (await fixture.store.findApiKey(record.kid))?.lastUsedAt
  }
  const start = fixture.clock.now()
  for (let i = 0; i < 3; i++) assert.equal(await use(), 200)
  assert.deepEqual([touched, await noted()], [[start], start])
  fixture.clock.advance(60_000)
  assert.equal(await use(), 200)
  assert.equal(await noted(), start)
  assert.match(fixture.log(), /last use of a key was not noted/)
  await ask(fixture, { authorization: `Bearer ${key.slice(0, -1)}A` })
  fixture.clock.advance(60_000)
  assert.equal(await use(), 200)
  assert.deepEqual([touched.length, await noted()], [3, start + 120_000])
})

/** A request over TLS, with a certificate of the caller or without; its status. */
function askTls(
  port: number,
  ca: string,
  shown: Partial<Issued> = {},
  headers = {},
): Promise<number | string> {
  return new Promise((resolve) => {
    const options = {
      port,
      ca,
      host: '127.0.0.1',
      path: LIST.url,
      headers,
      cert: shown.certificate,
      key: shown.key,
      agent: false,
    }
    const request = tlsRequest(options, (reply) => {
      reply.resume()
      reply.once('end', () => resolve(reply.statusCode ?? 0))
    })
    request.once('error', ({ message }) => resolve(message))
    request.end()
  })
}

/** A request on a connection that may resume an earlier one: its status, whether it did, and what the next may resume. */
function resumeTls(
  port: number,
  ca: string,
  shown: Partial<Issued>,
  session?: Buffer,
): Promise<{ status: string; resumed: boolean; session: Buffer }> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, ca, host: '127.0.0.1', session, cert: shown.certificate, key: shown.key })
    let next = Buffer.alloc(0)
    let text = ''
    let resumed = false
    socket.once('secureConnect', () => {
      resumed = socket.isSessionReused()
    })
    socket.on('session', (given) => {
      next = given
    })
    socket.on('data', (chunk) => {
      text += chunk
    })
    socket.once('error', reject)
    socket.once('close', () => resolve({ status: text.slice(9, 12), resumed, session: next }))
    socket.write(`GET ${LIST.url} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`)
  })
}

test('a certificate that TLS has verified is its client, by fingerprint or by its one URI', async () => {
  await using fixture = await startFixture()
  const [authority, strangers] = [await createAuthority(), await createAuthority('Strangers')]
  const server = await authority.issue({ name: 'localhost', use: 'server' })
  const uri = (...values: string[]) => values.map((value) => ({ type: 'url' as const, value }))
  const issue = (names: readonly string[] = [], from = authority) =>
    from.issue({ name: 'till', use: 'client', names: uri(...names) })
  const TILL = 'spiffe://shop.test/till'
  const [pinned, named, both, none, twice, forged, misnamed] = [
    await issue(),
    await issue([TILL]),
    await issue([TILL]),
    await issue(),
    await issue([TILL, 'spiffe://shop.test/other']),
    await issue([TILL], strangers),
    await issue([`https://x.test/, URI:${TILL}`]),
  ]
  await addClient(fixture, { fingerprint: readCertificate(pinned.certificate).fingerprint })
  await addClient(fixture, { san: TILL })
  await addClient(fixture, {
    fingerprint: readCertificate(both.certificate).fingerprint,
    scopes: ['face:detect'],
  })
  // Asked for and not insisted on: that an unverified certificate is nobody is decided here, not by TLS alone.
  const tls = createTlsServer(
    {
      cert: server.certificate,
      key: server.key,
      ca: authority.certificate,
      requestCert: true,
      rejectUnauthorized: false,
    },
    (request, reply) => fixture.app.routing(request, reply),
  )
  await new Promise<void>((resolve) => tls.listen(0, '127.0.0.1', resolve))
  try {
    const { port } = tls.address() as AddressInfo
    const over = (shown?: Issued, headers = {}) => askTls(port, authority.certificate, shown, headers)
    assert.equal(await over(pinned), 200)
    assert.equal(await over(named), 200)
    assert.equal(await over(both), 403, 'the fingerprint goes before the name')
    for (const [title, shown] of Object.entries({ none, twice, forged, misnamed }))
      assert.equal(await over(shown), 401, title)
    assert.equal(await over(), 401)
    assert.equal(
      await over(pinned, { authorization: 'Bearer wrong' }),
      401,
      'a bad credential is not passed over',
    )
    // A resumed handshake shows no certificate again: whoever was nobody before is nobody still.
    for (const [shown, status] of [
      [pinned, '200'],
      [forged, '401'],
      [{}, '401'],
    ] as const) {
      const first = await resumeTls(port, authority.certificate, shown)
      const second = await resumeTls(port, authority.certificate, shown, first.session)
      assert.deepEqual([first.status, second.status, second.resumed], [status, status, true])
    }
    const headers = { 'x-client-cert-sha256': readCertificate(pinned.certificate).fingerprint }
    assert.equal(await over(undefined, headers), 401)
    assert.equal(await over(none, headers), 401)
  } finally {
    tls.close()
    tls.closeAllConnections()
  }
})

test('headers with a certificate count from the declared proxy alone, and only where that is switched on', async () => {
  const authority = await createAuthority()
  const { certificate } = await authority.issue({
    name: 'till',
    use: 'client',
    names: [{ type: 'url', value: 'spiffe://shop.test/till' }],
  })
  const { fingerprint } = readCertificate(certificate)
  const colons = fingerprint.toUpperCase().replace(/..(?=.)/g, '$&:')
  const forms: readonly Record<string, string>[] = [
    { 'x-client-cert-sha256': fingerprint },
    { 'x-client-cert-sha256': colons },
    { 'x-client-cert': encodeURIComponent(certificate) },
  ]
  const byName = { 'x-client-cert-sha256': 'a'.repeat(64), 'x-client-cert-san': 'spiffe://shop.test/wagon' }
  const start = async (named: FixtureOptions['named']) => {
    const fixture = await startFixture({ named: { ...named } })
    await addClient(fixture, { fingerprint, networks: ['10.9.0.0/16', '192.0.2.0/24'] })
    await addClient(fixture, { san: 'spiffe://shop.test/wagon' })
    return fixture
  }
  const on = { 'server.proxyClientCertificates': 'true', 'server.trustedProxies': '10.9.9.9, 2001:db8::/64' }
  await using fixture = await start(on)
  for (const headers of [...forms, byName])
    for (const [address, status] of [
      ['10.9.9.9', 200],
      ['::ffff:10.9.9.9', 200],
      ['10.9.9.8', 401],
      ['127.0.0.1', 401],
      ['2001:db9::1', 401],
    ] as const)
      assert.equal(await ask(fixture, headers, address), status, `${address} ${Object.keys(headers)}`)
  const forwarded = (client: string) => ({ ...forms[0], 'x-forwarded-for': client })
  assert.equal(await ask(fixture, forwarded('192.0.2.5'), '10.9.9.9'), 200)
  assert.equal(await ask(fixture, forwarded('192.0.3.5'), '10.9.9.9'), 401, "the client's own networks")
  assert.equal(await ask(fixture, forwarded('10.9.9.9'), '192.0.3.5'), 401, 'a proxy by its own account')
  for (const headers of [
    { 'x-client-cert-san': 'spiffe://shop.test/wagon' },
    { 'x-client-cert-sha256': '' },
    { 'x-client-cert-sha256': `${fingerprint}, ${fingerprint}` },
    { 'x-client-cert-sha256': fingerprint.slice(2) },
    { 'x-client-cert': 'garbage' },
    { 'x-client-cert': '%E0%A4%A', 'x-client-cert-sha256': fingerprint },
    { ...byName, 'x-client-cert-san': 'spiffe://shop.test/wagon, spiffe://shop.test/wagon' },
  ] as Record<string, string>[])
    assert.equal(await ask(fixture, headers, '10.9.9.9'), 401, JSON.stringify(headers).slice(0, 80))
  for (const named of [
    { 'server.trustedProxies': '10.9.9.9' },
    { 'server.proxyClientCertificates': 'true' },
  ] as const) {
    await using closed = await start(named)
    for (const headers of [...forms, byName]) assert.equal(await ask(closed, headers, '10.9.9.9'), 401)
  }
})

interface TokenReply {
  readonly status: number
  readonly body: Record<string, unknown>
}

const assertionOf = (id: string, signer: Signer, now: number) =>
  compact(
    { alg: signer.alg, kid: signer.kid },
    {
      iss: id,
      sub: id,
      aud: PUBLIC_URL,
      exp: now / 1000 + 60,
      jti: Buffer.from(systemRandom.bytes(12)).toString('hex'),
    },
    signWith(signer),
  )

async function tokenFor(
  fixture: Fixture,
  assertion: string,
  form: Record<string, string> | string = {},
  headers: Record<string, string> = {},
): Promise<TokenReply> {
  const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
  const fields = {
    grant_type: 'client_credentials',
    client_assertion_type: type,
    client_assertion: assertion,
  }
  const payload = typeof form === 'string' ? form : new URLSearchParams({ ...fields, ...form }).toString()
  const reply = await fixture.app.inject({
    method: 'POST',
    url: '/oauth/token',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    payload,
  })
  assert.equal(reply.headers['cache-control'], 'no-store')
  return { status: reply.statusCode, body: reply.json() }
}

test('a client exchanges its own signature for a token of ten minutes with the scopes it asks for', async () => {
  await using fixture = await startFixture()
  for (const alg of ['ES256', 'EdDSA', 'PS256'] as const) {
    const signer = newSigner(alg)
    const scopes = ['session:read', 'session:create'] as const
    const { id } = await addClient(fixture, { jwks: { keys: [signer.jwk] }, scopes })
    const get = (form?: Record<string, string>) =>
      tokenFor(fixture, assertionOf(id, signer, fixture.clock.now()), form)
    const all = await get()
    assert.deepEqual([all.status, all.body.token_type, all.body.expires_in], [200, 'Bearer', 600], alg)
    assert.equal(all.body.scope, 'session:read session:create')
    const few = await get({ scope: 'session:create', client_id: id })
    assert.equal(few.body.scope, 'session:create')
    const authorization = (reply: TokenReply) => ({ authorization: `Bearer ${reply.body.access_token}` })
    assert.equal(await ask(fixture, authorization(all)), 200)
    assert.equal(await ask(fixture, authorization(few)), 403)
    const { status, body } = await get({ scope: 'session:read subject:delete' })
    assert.deepEqual([status, body.error, body.code], [400, 'invalid_scope', 'forbidden'])
    fixture.clock.advance(599_000)
    assert.equal(await ask(fixture, authorization(all)), 200)
    fixture.clock.advance(1_000)
    assert.equal(await ask(fixture, authorization(all)), 401)
  }
})

test('the token endpoint answers everything else in the words of RFC 6749', async () => {
  await using fixture = await startFixture()
  const signer = newSigner()
  const { id } = await addClient(fixture, { jwks: { keys: [signer.jwk] }, networks: ['127.0.0.1'] })
  const assertion = () => assertionOf(id, signer, fixture.clock.now())
  const cases: readonly [string, Record<string, string> | string, number, string][] = [
    ['another grant', { grant_type: 'password' }, 400, 'unsupported_grant_type'],
    ['another kind of assertion', { client_assertion_type: 'secret' }, 401, 'invalid_client'],
    ['another client', { client_id: 'cli_other' }, 401, 'invalid_client'],
    ['a scope twice', 'grant_type=client_credentials&scope=a&scope=b', 400, 'invalid_request'],
    ['nothing', '', 400, 'invalid_request'],
    ['too much', `a=${'a'.repeat(30_000)}`, 400, 'invalid_request'],
    ['an empty scope', { scope: '' }, 400, 'invalid_scope'],
    ['an inherited name', { scope: 'constructor' }, 400, 'invalid_scope'],
  ]
  for (const [title, form, status, error] of cases) {
    const reply = await tokenFor(fixture, assertion(), form)
    assert.deepEqual([reply.status, reply.body.error], [status, error], title)
    assert.equal(reply.body.access_token, undefined)
  }
  const json = await tokenFor(fixture, assertion(), '{}', { 'content-type': 'application/json' })
  assert.deepEqual([json.status, json.body.error], [400, 'invalid_request'])
  const elsewhere = await fixture.app.inject({ method: 'GET', url: '/oauth/token' })
  assert.equal(elsewhere.statusCode, 404)
  const form = await fixture.call('POST', '/v1/sessions', 'purpose=liveness', {
    'content-type': 'application/x-www-form-urlencoded',
  })
  assert.equal(form.status, 415)
  const { body } = await fixture.call('GET', '/.well-known/oauth-authorization-server')
  assert.deepEqual([body.issuer, body.token_endpoint], [PUBLIC_URL, `${PUBLIC_URL}/oauth/token`])
})

test('a token bound to a key is worth nothing without a fresh proof of that key', async () => {
  await using fixture = await startFixture()
  const signer = newSigner()
  const { id } = await addClient(fixture, { jwks: { keys: [signer.jwk] } })
  const [pair, thief] = [await createDeviceKey(), await createDeviceKey()]
  const iat = () => fixture.clock.now() / 1000
  // A proof of the token endpoint has neither token nor nonce; `createProof` always writes both.
  const rawProof = async (claims: object) => {
    const jwk = await publicJwk(pair.publicKey)
    return compact({ typ: 'dpop+jwt', alg: 'ES256', jwk }, claims, () => Buffer.alloc(64))
  }
  const key = newSigner()
  const { kty, crv, x, y } = key.jwk
  const jwk = { kty, crv, x, y }
  const proofOf = (claims: object) => compact({ typ: 'dpop+jwt', alg: 'ES256', jwk }, claims, signWith(key))
  const endpoint = () => ({
    htm: 'POST',
    htu: `${PUBLIC_URL}/oauth/token`,
    iat: iat(),
    jti: Buffer.from(systemRandom.bytes(16)).toString('hex'),
  })
  const get = (dpop: string) => tokenFor(fixture, assertionOf(id, signer, fixture.clock.now()), {}, { dpop })
  for (const bad of [
    await rawProof(endpoint()),
    proofOf({ ...endpoint(), htm: 'GET' }),
    proofOf({ ...endpoint(), htu: `${PUBLIC_URL}/v1/sessions` }),
    proofOf({ ...endpoint(), iat: iat() - 31 }),
    proofOf({ ...endpoint(), ath: 'A'.repeat(43) }),
  ])
    assert.equal((await get(bad)).body.error, 'invalid_dpop_proof')
  const bound = await get(proofOf(endpoint()))
  assert.deepEqual([bound.status, bound.body.token_type], [200, 'DPoP'])
  const token = String(bound.body.access_token)
  const ath = Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(token))).toString('base64url')
  const claims = () => ({ ...endpoint(), htm: 'GET', htu: `${PUBLIC_URL}/v1/sessions`, ath })
  const show = (dpop?: string, scheme = 'DPoP') =>
    ask(fixture, { authorization: `${scheme} ${token}`, ...(dpop === undefined ? {} : { dpop }) })
  const once = proofOf(claims())
  assert.equal(await show(once), 200)
  assert.equal(await show(once), 401, 'a proof twice')
  assert.equal(await show(proofOf(claims())), 200)
  assert.equal(await show(), 401)
  assert.equal(await show(proofOf(claims()), 'Bearer'), 401)
  for (const wrong of [
    { ath: undefined },
    { ath: 'A'.repeat(43) },
    { htm: 'POST' },
    { iat: iat() + 31 },
    { jti: 'x' },
  ])
    assert.equal(await show(proofOf({ ...claims(), ...wrong })), 401, JSON.stringify(wrong))
  const { cnf, ...unbound } = decodeJwt(token)
  assert.deepEqual(Object.keys(cnf ?? {}), ['jkt'])
  for (const more of [{ kid: '1' }, { 'x5t#S256': 'A'.repeat(43) }]) {
    const odd = await fixture.keys.signAccessToken({ ...unbound, cnf: { ...(cnf as object), ...more } })
    const oddAth = Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(odd))).toString('base64url')
    const headers = { authorization: `DPoP ${odd}`, dpop: proofOf({ ...claims(), ath: oddAth }) }
    assert.equal(await ask(fixture, headers), 401, Object.keys(more).join())
  }
  const stolen = { htm: 'GET', htu: `${PUBLIC_URL}/v1/sessions`, nonce: 'n', token, iat: iat() }
  assert.equal(await show(await createProof(thief, stolen)), 401)
  assert.notEqual(
    await thumbprint(await publicJwk(thief.publicKey)),
    await thumbprint(jwk as Parameters<typeof thumbprint>[0]),
  )
})

test('a token that was asked for with a certificate is worth nothing without it', async () => {
  await using fixture = await startFixture({
    named: { 'server.proxyClientCertificates': 'true', 'server.trustedProxies': '127.0.0.1' },
  })
  const signer = newSigner()
  const { id } = await addClient(fixture, { jwks: { keys: [signer.jwk] } })
  const shown = { 'x-client-cert-sha256': 'ab'.repeat(32) }
  const reply = await tokenFor(fixture, assertionOf(id, signer, fixture.clock.now()), {}, shown)
  assert.deepEqual([reply.status, reply.body.token_type], [200, 'Bearer'])
  const authorization = `Bearer ${reply.body.access_token}`
  assert.equal(await ask(fixture, { authorization, ...shown }), 200)
  assert.equal(await ask(fixture, { authorization }), 401)
  assert.equal(await ask(fixture, { authorization, 'x-client-cert-sha256': 'cd'.repeat(32) }), 401)
})

test('an external issuer is named whole, with keys over https, or the service does not start', async () => {
  const whole = {
    'oauth.issuer': 'https://idp.test',
    'oauth.audience': 'ipse',
    'oauth.jwksUri': 'https://idp.test/keys',
  }
  for (const wrong of [
    { 'oauth.issuer': '' },
    { 'oauth.audience': '' },
    { 'oauth.jwksUri': 'http://idp.test/keys' },
    { 'oauth.jwksUri': 'file:///etc/keys' },
  ])
    await assert.rejects(startFixture({ named: { ...whole, ...wrong } }), { code: 'settings_invalid' })
  await using fixture = await startFixture({
    named: { ...whole, 'oauth.jwksUri': 'http://127.0.0.1:1/keys' },
  })
  const signer = newSigner()
  const token = compact(
    { alg: 'ES256', typ: 'at+jwt', kid: signer.kid },
    { iss: 'https://idp.test' },
    signWith(signer),
  )
  assert.equal(await ask(fixture, { authorization: `Bearer ${token}` }), 401)
})
