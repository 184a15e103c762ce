/** People: invitations, passkeys, sessions, roles. What opens, and everything that must not. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openListeners, ROLE_NAMES, ROLES, type Role, SCOPE_NAMES } from '../src/index.ts'
import { disablePerson, invite, inviteAgain } from '../src/people/accounts.ts'
import { createAuthenticator } from './authenticator.ts'
import { type Fixture, PUBLIC_URL, startFixture } from './fixture.ts'
import { challengeOf, newBrowser, newPerson, peopleContext, secretOf } from './person.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000

async function events({ store }: Fixture, tenant = 'shop') {
  return (await store.listAudit(tenant, 999)).map(({ event, actor, person, note }) => ({
    event,
    actor,
    person,
    note,
  }))
}

test('roles: scopes that exist, nothing changed by an auditor, only owners invite', () => {
  for (const { scopes } of Object.values(ROLES))
    assert.deepEqual(
      scopes.filter((scope) => !SCOPE_NAMES.includes(scope)),
      [],
    )
  const holders = (scope: string) =>
    ROLE_NAMES.filter((role) => (ROLES[role].scopes as string[]).includes(scope))
  assert.deepEqual(holders('people:manage'), ['owner'])
  assert.deepEqual(holders('media:read'), ['owner', 'reviewer'])
  assert.deepEqual(holders('subject:delete'), ['owner', 'privacy-officer'])
  assert.deepEqual(holders('key:manage'), ['owner', 'operator'])
  assert.ok(ROLES.auditor.scopes.every((scope) => scope.endsWith(':read') || scope === 'abuse:report'))
  for (const scope of SCOPE_NAMES) assert.ok(holders(scope).includes('owner'), scope)
})

test('an invitation opens once, within a day, for whom it is meant', async () => {
  await using fixture = await startFixture()
  const context = peopleContext(fixture)
  const wish = { tenant: 'shop', name: 'Ada', roles: ['owner'] }
  const first = await invite(context, wish)
  const { person } = first
  const ask = (invitation: string) =>
    newBrowser(fixture).ask('POST', '/admin/invitation/options', { invitation })
  assert.equal((await ask(secretOf(first))).status, 200)
  assert.equal((await ask('A'.repeat(43))).status, 404)
  const second = await inviteAgain(context, person.id)
  assert.equal((await ask(secretOf(first))).status, 404, 'void since there is another one')

  const browser = newBrowser(fixture)
  const invitation = secretOf(second)
  const { body } = await ask(invitation)
  assert.deepEqual([body.name, body.tenant, body.roles], ['Ada', 'shop', ['owner']])
  assert.equal(body.options.rp.id, 'ipse.test')
  assert.equal(body.options.authenticatorSelection.userVerification, 'required')
  const foreign = await invite(context, { ...wish, tenant: 'other' })
  const theirs = await ask(secretOf(foreign))
  const key = createAuthenticator()
  const accept = (options: { challenge: string }, forgery = {}) =>
    browser.ask('POST', '/admin/invitation', {
      invitation,
      passkey: key.register(challengeOf(options), forgery),
    })
  assert.equal((await accept(theirs.body.options)).status, 401, "another invitation's challenge")
  assert.equal((await accept(body.options, { verified: false })).status, 401, 'nobody was verified')
  assert.equal((await accept(body.options, { client: { origin: 'https://evil.test' } })).status, 401)
  assert.equal((await accept(body.options, { rpId: 'evil.test' })).status, 401)
  assert.equal(browser.cookie(), '')
  const tries = await Promise.all([accept(body.options), accept(body.options)])
  assert.deepEqual(tries.map(({ status }) => status).sort(), [200, 401], 'one of two at the same time')
  assert.equal((await ask(invitation)).status, 404, 'used')

  const late = await inviteAgain(context, person.id)
  fixture.clock.advance(24 * HOUR_MS)
  assert.equal((await ask(secretOf(late))).status, 404, 'a day has passed')
  for (const bad of [
    { ...wish, name: '' },
    { ...wish, name: '<b>' },
    { ...wish, roles: [] },
    { ...wish, roles: ['root'] },
    { ...wish, tenant: 'No' },
  ])
    await assert.rejects(invite(context, bad), { code: 'invalid_request' })
})

test('a passkey opens with its own answer to a fresh challenge, once', async () => {
  await using fixture = await startFixture()
  const ada = await newPerson(fixture, ['reviewer'])
  const eve = await newPerson(fixture, ['reviewer'])
  const refused = async (title: string, answer: Promise<{ status: number; body: { detail?: string } }>) => {
    const { status, body } = await answer
    assert.deepEqual([status, body.detail], [401, 'sign-in was refused'], title)
  }
  const other = () => newBrowser(fixture)
  await refused('not verified', ada.signIn(other(), { verified: false }))
  await refused('not present', ada.signIn(other(), { present: false }))
  await refused('another site', ada.signIn(other(), { client: { origin: 'https://evil.test' } }))
  await refused('a subdomain', ada.signIn(other(), { client: { origin: `${PUBLIC_URL}.evil.test` } }))
  await refused('in a frame', ada.signIn(other(), { client: { crossOrigin: true } }))
  await refused('another host', ada.signIn(other(), { rpId: 'evil.test' }))
  await refused('another key', ada.signIn(other(), { signer: eve.authenticator.privateKey }))
  await refused("another's credential", ada.signIn(other(), { id: eve.authenticator.id }))
  await refused('an unknown credential', ada.signIn(other(), { id: 'AAAA' }))
  await refused('another user handle', ada.signIn(other(), { userHandle: 'AAAA' }))
  await refused('a registration', ada.signIn(other(), { client: { type: 'webauthn.create' } }))

  const browser = other()
  const { body: options } = await browser.ask('POST', '/admin/sign-in/options', {})
  assert.equal(options.allowCredentials, undefined, 'it names nobody')
  const answer = {
    ...ada.authenticator.assert(challengeOf(options), { counter: 50 }),
    userHandle: Buffer.from(ada.id).toString('base64url'),
  }
  const send = (on = other()) => on.ask('POST', '/admin/sign-in', answer)
  assert.equal((await send(browser)).status, 200)
  await refused('replayed', send())
  await refused('a copied key that counts from before', ada.signIn(other(), { counter: 50 }))
  assert.equal((await ada.signIn(other(), { counter: 51 })).status, 200)

  const { body: old } = await browser.ask('POST', '/admin/sign-in/options', {})
  fixture.clock.advance(5 * MINUTE_MS)
  const late = ada.authenticator.assert(challengeOf(old), { counter: 60 })
  await refused('too late', other().ask('POST', '/admin/sign-in', { ...late, userHandle: answer.userHandle }))
  const made = ada.authenticator.assert(new Uint8Array(64), { counter: 61 })
  await refused(
    'a challenge of its own',
    other().ask('POST', '/admin/sign-in', { ...made, userHandle: answer.userHandle }),
  )
  const trail = await events(fixture)
  assert.ok(trail.filter(({ event }) => event === 'person.refused').length >= 10)
  for (const note of ['origin', 'user_unverified', 'challenge', 'signature', 'counter_not_increased'])
    assert.ok(
      trail.some((entry) => entry.event === 'person.refused' && entry.note === note),
      note,
    )
  assert.doesNotMatch(fixture.log(), new RegExp(browser.cookie().split('=')[1]!))
})

test('an authenticator that does not count is held to one answer a challenge', async () => {
  await using fixture = await startFixture()
  const ada = await newPerson(fixture, ['auditor'])
  const browser = newBrowser(fixture)
  const { body: options } = await browser.ask('POST', '/admin/sign-in/options', {})
  const answer = {
    ...ada.authenticator.assert(challengeOf(options), { counter: 0 }),
    userHandle: Buffer.from(ada.id).toString('base64url'),
  }
  const tries = await Promise.all(
    [1, 2, 3].map(() => newBrowser(fixture).ask('POST', '/admin/sign-in', answer)),
  )
  assert.deepEqual(tries.map(({ status }) => status).sort(), [200, 401, 401])
})

test('a session ends after half an hour unused, after twelve hours in any case, and is new at every sign-in', async () => {
  await using fixture = await startFixture()
  const ada = await newPerson(fixture, ['owner'])
  const me = async () => (await ada.ask('GET', '/admin/me')).status
  const first = ada.cookie()
  assert.match(first, /^__Host-ipse-person=[\w-]{43}$/)
  assert.equal(await me(), 200)
  fixture.clock.advance(29 * MINUTE_MS)
  assert.equal(await me(), 200)
  fixture.clock.advance(30 * MINUTE_MS)
  assert.equal(await me(), 401, 'unused for half an hour')
  const signedIn = await ada.signIn()
  assert.equal(signedIn.status, 200)
  const [cookie] = [signedIn.headers['set-cookie']].flat()
  assert.match(String(cookie), /; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict; Secure$/)
  assert.notEqual(ada.cookie(), first)
  for (let minutes = 0; minutes < 12 * 60; minutes += 20) {
    assert.equal(await me(), 200, `${minutes} minutes`)
    fixture.clock.advance(20 * MINUTE_MS)
  }
  assert.equal(await me(), 401, 'twelve hours are over')

  await ada.signIn()
  const before = ada.cookie()
  await ada.signIn()
  const replaced = newBrowser(fixture)
  assert.equal((await replaced.ask('GET', '/admin/me', undefined, { cookie: before })).status, 401, 'fixed')
})

test('signing out ends this session, or all of them; disabling ends the person', async () => {
  await using fixture = await startFixture()
  const ada = await newPerson(fixture, ['owner'])
  const bob = await newPerson(fixture, ['reviewer'])
  const [phone, laptop] = [newBrowser(fixture), newBrowser(fixture)]
  for (const browser of [phone, laptop]) assert.equal((await ada.signIn(browser)).status, 200)
  const stolen = { cookie: phone.cookie() }
  assert.equal((await phone.ask('POST', '/admin/sign-out', {})).status, 200)
  assert.equal(phone.cookie(), '')
  assert.equal((await phone.ask('GET', '/admin/me', undefined, stolen)).status, 401)
  assert.equal((await laptop.ask('GET', '/admin/me')).status, 200)
  assert.equal((await laptop.ask('POST', '/admin/sign-out-everywhere', {})).status, 200)
  assert.equal((await ada.ask('GET', '/admin/me')).status, 401)

  await ada.signIn()
  const foreign = await newPerson(fixture, ['owner'], 'other')
  assert.equal((await foreign.ask('POST', `/admin/people/${bob.id}/disable`)).status, 404)
  const { items, roles } = (await foreign.ask('GET', '/admin/people')).body
  assert.equal(items.length, 1)
  assert.deepEqual(
    roles.map(({ name }: { name: string }) => name),
    ROLE_NAMES,
  )
  assert.equal((await ada.ask('POST', `/admin/people/${bob.id}/disable`)).status, 200)
  assert.equal((await bob.ask('GET', '/admin/me')).status, 401)
  assert.equal((await bob.signIn(newBrowser(fixture))).status, 401, 'nor ever again')
  assert.equal((await ada.ask('POST', `/admin/people/${bob.id}/disable`)).status, 404, 'once')
  assert.equal((await ada.ask('POST', `/admin/people/${ada.id}/disable`)).status, 409, 'the last owner')
  await assert.rejects(disablePerson(peopleContext(fixture), ada.id), { code: 'conflict' })
  const trail = await events(fixture)
  for (const event of ['person.invited', 'passkey.added', 'person.signed-in', 'person.signed-out'])
    assert.ok(
      trail.some((entry) => entry.event === event),
      event,
    )
  assert.deepEqual(
    trail.find(({ event }) => event === 'person.disabled'),
    { event: 'person.disabled', actor: ada.id, person: bob.id, note: undefined },
  )
})

test('what another site makes a browser send changes nothing and shows nothing', async () => {
  await using fixture = await startFixture()
  const ada = await newPerson(fixture, ['owner'])
  const cookie = ada.cookie()
  const { app } = fixture
  const send = async (method: 'GET' | 'POST', url: string, headers: Record<string, string>) => {
    const body =
      method === 'POST'
        ? { payload: '{}', headers: { ...headers, cookie, 'content-type': 'application/json' } }
        : { headers: { ...headers, cookie } }
    return (await app.inject({ method, url, ...body })).statusCode
  }
  for (const origin of ['https://evil.test', 'null', `${PUBLIC_URL}:8443`, 'http://ipse.test', ''])
    assert.equal(await send('POST', '/admin/sign-out-everywhere', { origin }), 401, origin)
  assert.equal(await send('POST', '/admin/sign-out-everywhere', {}), 401, 'no origin')
  assert.equal(await send('POST', '/v1/sessions', { origin: 'https://evil.test' }), 401)
  for (const site of ['cross-site', 'same-site'])
    assert.equal(await send('GET', '/admin/me', { 'sec-fetch-site': site }), 401, site)
  assert.equal(await send('GET', '/admin/me', { 'sec-fetch-site': 'same-origin' }), 200)
  const two = await app.inject({ url: '/admin/me', headers: { cookie: `${cookie}; ${cookie}` } })
  assert.equal(two.statusCode, 401, 'a cookie that comes twice is nobody’s')
  const plain = await app.inject({ url: '/admin/me', headers: { cookie: cookie.replace('__Host-', '') } })
  assert.equal(plain.statusCode, 401, 'without its prefix it may come from anywhere')
  for (const url of ['/admin/sign-in/options', '/admin/sign-in', '/admin/invitation'])
    assert.equal((await newBrowser(fixture, 'https://evil.test').ask('POST', url, {})).status, 403, url)
  assert.equal((await ada.ask('GET', '/admin/me')).status, 200)
})

test('strangers ask sixty times a minute and no more', async () => {
  await using fixture = await startFixture()
  const ask = () => newBrowser(fixture).ask('POST', '/admin/sign-in/options', {})
  const answers = await Promise.all(Array.from({ length: 70 }, ask))
  assert.equal(answers.filter(({ status }) => status === 200).length, 60)
  assert.equal(answers.filter(({ status }) => status === 429).length, 10)
  fixture.clock.advance(MINUTE_MS)
  assert.equal((await ask()).status, 200)
})

test('a person adds passkeys, removes them, and keeps the last', async () => {
  await using fixture = await startFixture()
  const ada = await newPerson(fixture, ['privacy-officer'])
  const eve = await newPerson(fixture, ['owner'])
  const second = createAuthenticator()
  const { body: options } = await ada.ask('POST', '/admin/passkeys/options', {})
  assert.deepEqual(
    options.excludeCredentials.map(({ id }: { id: string }) => id),
    [ada.authenticator.id],
  )
  const passkey = second.register(challengeOf(options))
  assert.equal((await eve.ask('POST', '/admin/passkeys', passkey)).status, 409, "on another's challenge")
  assert.equal((await ada.ask('POST', '/admin/passkeys', passkey)).status, 201)
  assert.equal((await ada.ask('GET', '/admin/me')).body.passkeys.length, 2)
  assert.equal((await eve.ask('DELETE', `/admin/passkeys/${second.id}`)).status, 404)
  assert.equal((await ada.ask('DELETE', `/admin/passkeys/${ada.authenticator.id}`)).status, 200)
  assert.equal((await ada.ask('DELETE', `/admin/passkeys/${second.id}`)).status, 409)
  assert.equal((await ada.signIn(newBrowser(fixture))).status, 401, 'the removed one opens nothing')
})

test('people give keys no scope that they lack, in their own tenant only', async () => {
  await using fixture = await startFixture()
  const operator = await newPerson(fixture, ['operator'])
  const reviewer = await newPerson(fixture, ['reviewer'])
  const foreign = await newPerson(fixture, ['owner'], 'other')
  const wish = { name: 'till', scopes: ['session:create', 'session:read'], days: 30 }
  assert.equal((await reviewer.ask('POST', '/v1/keys', wish)).status, 403)
  const lacking = await operator.ask('POST', '/v1/keys', { ...wish, scopes: ['subject:delete'] })
  assert.equal(lacking.status, 403)
  assert.match(lacking.body.detail, /subject:delete/)
  const made = await operator.ask('POST', '/v1/keys', wish)
  assert.equal(made.status, 201)
  const { kid, key } = made.body
  const authorization = `Bearer ${key}`
  assert.equal((await fixture.call('GET', '/v1/sessions', undefined, { authorization })).status, 200)
  const listed = await operator.ask('GET', '/admin/keys')
  assert.ok(listed.body.items.some((item: { kid: string }) => item.kid === kid))
  assert.doesNotMatch(JSON.stringify(listed.body), new RegExp(key.slice(-43)))
  const offered = listed.body.scopes.map(({ name }: { name: string }) => name)
  assert.ok(offered.includes('session:create') && !offered.includes('subject:delete'), offered.join())
  assert.deepEqual((await foreign.ask('GET', '/admin/keys')).body.items, [])
  assert.equal((await foreign.ask('DELETE', `/v1/keys/${kid}`)).status, 404)
  const revoked = await operator.ask('DELETE', `/v1/keys/${kid}`)
  assert.deepEqual([revoked.status, revoked.body.kid, revoked.body.state], [200, kid, 'revoked'])
  assert.equal((await operator.ask('DELETE', `/v1/keys/${kid}`)).status, 404, 'a second time')
  assert.equal((await fixture.call('GET', '/v1/sessions', undefined, { authorization })).status, 401)
  const trail = await fixture.store.listAudit('shop', 99)
  const { actor } = trail.find(({ event, key: about }) => event === 'key.revoked' && about === kid) ?? {}
  assert.equal(actor, operator.id)
})

test('a signed-in person uses /v1 with the scopes of the roles, and sees nothing of another tenant', async () => {
  await using fixture = await startFixture()
  const session = await fixture.createSession({ purpose: 'liveness' })
  const foreign = await newPerson(fixture, ['owner'], 'other')
  assert.equal((await foreign.ask('GET', `/v1/sessions/${session.id}`)).status, 404)
  assert.deepEqual((await foreign.ask('GET', '/v1/sessions')).body.items, [])
  const reads: Readonly<Record<Role, number>> = {
    owner: 200,
    operator: 200,
    reviewer: 200,
    auditor: 200,
    'privacy-officer': 403,
  }
  for (const role of ROLE_NAMES) {
    const person = await newPerson(fixture, [role])
    assert.equal((await person.ask('GET', `/v1/sessions/${session.id}`)).status, reads[role], role)
    const may = (scope: string) => (ROLES[role].scopes as string[]).includes(scope)
    const created = await person.ask('POST', '/v1/sessions', { purpose: 'liveness' })
    assert.equal(created.status, may('session:create') ? 201 : 403, role)
    const reviews = await person.ask('GET', '/v1/reviews')
    assert.equal(reviews.status, may('review:read') ? 200 : 403, role)
  }
  const both = await newPerson(fixture, ['privacy-officer', 'auditor'])
  assert.equal((await both.ask('GET', '/v1/sessions')).status, 200)
})

test('where only administration is served, /v1 is there for people and for nobody else', async () => {
  const fixture = await startFixture({ named: { 'server.adminUrl': 'https://admin.ipse.test' } })
  const origin = 'https://admin.ipse.test'
  const listener = { host: '127.0.0.1', port: 0, tls: false, clientCertificates: 'off' } as const
  const { listeners, close } = await openListeners(
    fixture.app,
    [
      { ...listener, surfaces: ['capture', 'api'] },
      { ...listener, surfaces: ['admin'] },
    ],
    { trustedProxies: [] },
  )
  try {
    const person = await newPerson(fixture, ['owner'], 'shop', origin)
    const [api, admin] = listeners.map(({ url }) => url)
    const get = async (url: string, headers: Record<string, string>) => (await fetch(url, { headers })).status
    const cookie = { cookie: person.cookie() }
    const key = { authorization: `Bearer ${fixture.apiKey}` }
    assert.equal(await get(`${admin}/v1/sessions`, cookie), 200)
    assert.equal(await get(`${admin}/admin/me`, cookie), 200)
    assert.equal(await get(`${admin}/v1/sessions`, {}), 404)
    assert.equal(await get(`${admin}/v1/sessions`, key), 404)
    assert.equal(await get(`${admin}/v1/sessions`, { ...key, cookie: 'ipse-person=x' }), 404)
    assert.equal(await get(`${admin}/v1/sessions`, { ...key, cookie: '__Host-ipse-person=x' }), 401)
    assert.equal(await get(`${admin}/admin/me`, key), 401, 'no key is even looked at')
    assert.equal(await get(`${admin}/openapi.json`, cookie), 404)
    assert.equal(await get(`${api}/v1/sessions`, key), 200)
    assert.equal(await get(`${api}/v1/sessions`, cookie), 401, 'people are known at their own listener only')
    assert.equal(await get(`${api}/v1/sessions`, { ...cookie, ...key }), 200)
    assert.equal(await get(`${api}/admin/me`, cookie), 404)
    // Passkeys and links are of the administration's own address.
    const { link } = await invite(peopleContext(fixture), { tenant: 'shop', name: 'Bob', roles: ['owner'] })
    assert.ok(link.startsWith(`${origin}/admin/#invitation=`))
    assert.equal((await newBrowser(fixture).ask('POST', '/admin/sign-in/options', {})).status, 403)
  } finally {
    await close()
    await fixture.store.close()
  }
})

/** Method and path of everything under /admin, and what of /v1 is for people alone; and who gets in: a scope, any person, or strangers. */
const ADMIN: Readonly<Record<string, string>> = {
  'GET /admin/': 'open',
  'GET /admin/sign-in': 'open',
  'POST /admin/sign-in/options': 'open',
  'POST /admin/sign-in': 'open',
  'POST /admin/invitation/options': 'open',
  'POST /admin/invitation': 'open',
  'GET /admin/me': 'person',
  'POST /admin/sign-out': 'person',
  'POST /admin/sign-out-everywhere': 'person',
  'POST /admin/passkeys/options': 'person',
  'POST /admin/passkeys': 'person',
  'DELETE /admin/passkeys/:id': 'person',
  'GET /admin/people': 'people:read',
  'POST /admin/people': 'people:manage',
  'POST /admin/people/:id/disable': 'people:manage',
  'GET /admin/keys': 'key:read',
  'GET /admin/lockouts': 'device:reset',
  'GET /admin/approvals': 'approval:decide',
  'POST /admin/approvals/:id/decision': 'approval:decide',
  'POST /v1/keys': 'key:manage',
  'DELETE /v1/keys/:kid': 'key:manage',
}

test('every route of /admin × every role × no role × a key with every scope', async () => {
  await using fixture = await startFixture()
  const { body } = await fixture.call('GET', '/.well-known/ipse.json')
  const routes = (body.surfaces.admin as string[]).filter((route) => route.includes(' /admin'))
  const listed = Object.keys(ADMIN).filter((route) => route.includes(' /admin'))
  assert.deepEqual(routes.sort(), listed.sort())
  const people = await Promise.all(
    ROLE_NAMES.map(async (role) => ({
      scopes: ROLES[role].scopes as readonly string[],
      person: await newPerson(fixture, [role]),
    })),
  )
  // Signing out stays last: it ends what the others are asked with.
  const guarded = Object.entries(ADMIN)
    .filter(([, who]) => who !== 'open')
    .sort(([a], [b]) => Number(a.includes('sign-out')) - Number(b.includes('sign-out')))
  for (const [route, who] of guarded) {
    const [method = '', path = ''] = route.split(' ')
    const url = path.replace(':id', 'per_AAAAAAAAAAAAAAAAAAAAAA').replace(':kid', '0'.repeat(16))
    const given = method === 'POST' && !url.endsWith('disable') ? {} : undefined
    for (const { scopes, person } of people) {
      const { status, body: answer } = await person.ask(method, url, given)
      const lets = who === 'person' || scopes.includes(who)
      const denied = status === 401 || (status === 403 && /^the scope/.test(answer.detail ?? ''))
      // By now all of them have signed out.
      if (url !== '/admin/sign-out-everywhere') assert.equal(!denied, lets, `${route}: ${status}`)
    }
    assert.equal((await newBrowser(fixture).ask(method, url, given)).status, 401, `${route}, a stranger`)
    const headers = { origin: PUBLIC_URL }
    const byKey = await fixture.call(method, url, given, headers)
    assert.equal(byKey.status, 403, `${route}, a key with every scope`)
  }
})
