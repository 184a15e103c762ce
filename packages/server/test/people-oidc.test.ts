/** Sign-in with an identity provider, against a small one of our own: who gets in, as what, and everybody who does not. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Fixture, startFixture } from './fixture.ts'
import { CLIENT_ID, CLIENT_SECRET, type Issuer, startIssuer } from './oidc-issuer.ts'
import { type Browser, newBrowser, newPerson } from './person.ts'
import { newSigner } from './tokens.ts'

const ADA = { sub: 'ada', name: 'Ada Lovelace', groups: ['staff', 'ipse-owners'] }

async function start(
  named: Readonly<Record<string, string>> = {},
): Promise<AsyncDisposable & { readonly issuer: Issuer; readonly fixture: Fixture }> {
  const issuer = await startIssuer()
  issuer.user = ADA
  const fixture = await startFixture({
    named: {
      'people.oidcIssuer': issuer.url,
      'people.oidcClientId': CLIENT_ID,
      'people.oidcClientSecret': CLIENT_SECRET,
      'people.oidcRoleClaim': 'groups',
      'people.oidcRoleMap': 'ipse-owners=owner,ipse-reviews=reviewer,ipse-audit=auditor',
      'people.oidcTenant': 'shop',
      ...named,
    },
  })
  return {
    issuer,
    fixture,
    async [Symbol.asyncDispose]() {
      await fixture[Symbol.asyncDispose]()
      await issuer[Symbol.asyncDispose]()
    },
  }
}

/** The way to the provider and back, up to the address that the provider sends the browser to. */
async function begin(issuer: Issuer, browser: Browser): Promise<string> {
  const { status, headers } = await browser.ask('GET', '/admin/oidc/start')
  assert.equal(status, 303)
  const back = new URL(await issuer.authorize(String(headers.location)))
  assert.equal(back.origin + back.pathname, 'https://ipse.test/admin/oidc/callback')
  return back.pathname + back.search
}

/** Where the browser ends up. It comes from the provider's site, so it sends no origin of ours. */
async function finish(browser: Browser, url: string): Promise<string> {
  const { status, headers } = await browser.ask('GET', url, undefined, { 'sec-fetch-site': 'cross-site' })
  assert.equal(status, 303)
  return String(headers.location)
}

async function signIn(issuer: Issuer, browser: Browser): Promise<string> {
  return finish(browser, await begin(issuer, browser))
}

test('a mapped value of the claim gives its role, and the same person comes back', async () => {
  await using started = await start()
  const { issuer, fixture } = started
  const browser = newBrowser(fixture)
  assert.deepEqual((await browser.ask('GET', '/admin/sign-in')).body, { oidc: true })
  assert.equal(await signIn(issuer, browser), '/admin/')
  assert.match(browser.cookie(), /^__Host-ipse-person=[\w-]{43}$/, 'the state is forgotten')
  const { body: me } = await browser.ask('GET', '/admin/me')
  assert.deepEqual(
    [me.name, me.tenant, me.roles, me.oidc, me.passkeys],
    ['Ada Lovelace', 'shop', ['owner'], true, []],
  )
  issuer.user = { ...ADA, groups: ['ipse-reviews', 'ipse-audit', 'ipse-reviews'] }
  const again = newBrowser(fixture)
  assert.equal(await signIn(issuer, again), '/admin/')
  const { body: later } = await again.ask('GET', '/admin/me')
  assert.deepEqual([later.id, later.roles], [me.id, ['reviewer', 'auditor']])
  assert.equal(
    (await browser.ask('POST', '/admin/people', {})).status,
    403,
    'the earlier session has the roles of now',
  )
  const stored = JSON.stringify(await fixture.store.listPeople())
  assert.doesNotMatch(stored, /"ada"|127\.0\.0\.1/, 'the identity is kept as a keyed hash')
  const trail = (await fixture.store.listAudit('shop', 99)).map(({ event, note }) => [event, note])
  assert.deepEqual(trail, [
    ['key.created', undefined],
    ['person.joined', 'owner'],
    ['person.signed-in', 'oidc'],
    ['person.signed-in', 'oidc'],
  ])
})

test('nobody without a mapped value gets in; who has lost it is signed out', async () => {
  await using started = await start()
  const { issuer, fixture } = started
  const first = newBrowser(fixture)
  await signIn(issuer, first)
  for (const groups of [
    [],
    ['staff'],
    'staff',
    undefined,
    null,
    ['owner'],
    [['ipse-owners', 'x']],
    { a: 1 },
    7,
  ]) {
    issuer.user = { ...ADA, sub: 'eve', groups }
    const browser = newBrowser(fixture)
    assert.equal(await signIn(issuer, browser), '/admin/#refused', JSON.stringify(groups))
    assert.equal(browser.cookie(), '')
  }
  assert.equal((await fixture.store.listPeople()).length, 1, 'nobody was made')
  assert.equal((await first.ask('GET', '/admin/me')).status, 200)
  issuer.user = { ...ADA, groups: [] }
  assert.equal(await signIn(issuer, newBrowser(fixture)), '/admin/#refused')
  assert.equal((await first.ask('GET', '/admin/me')).status, 401)
})

test('state, nonce, issuer, audience, signature and code: each has to be its own', async () => {
  await using started = await start()
  const { issuer, fixture } = started
  const refused = async (title: string, forgery: Issuer['forgery'] = {}, change = (url: string) => url) => {
    issuer.forgery = forgery
    const browser = newBrowser(fixture)
    const url = change(await begin(issuer, browser))
    assert.equal(await finish(browser, url), '/admin/#refused', title)
    assert.equal(browser.cookie(), '', title)
    issuer.forgery = {}
  }
  await refused('nonce', { claims: { nonce: 'another' } })
  await refused('no nonce', { claims: { nonce: undefined } })
  await refused('issuer', { claims: { iss: 'https://evil.test' } })
  await refused('audience', { claims: { aud: 'another' } })
  await refused('expired', { claims: { exp: 1 } })
  await refused('signature', { signer: newSigner('ES256') })
  await refused('no signature', { alg: 'none' })
  const before = issuer.exchanged
  await refused('state', {}, (url) => url.replace(/state=[^&]+/, `state=${'A'.repeat(56)}`))
  await refused('no state', {}, (url) => url.replace(/state=[^&]+/, ''))
  await refused('two states', {}, (url) => `${url}&state=x`)
  await refused('response issuer', {}, (url) => url.replace(/iss=[^&]+/, 'iss=https%3A%2F%2Fevil.test'))
  await refused('an error of the provider', {}, (url) => url.replace(/code=[^&]+/, 'error=access_denied'))
  assert.equal(issuer.exchanged, before, 'no code was exchanged')
  await refused('code', {}, (url) => url.replace(/code=[^&]+/, 'code=guessed'))

  const [victim, attacker] = [newBrowser(fixture), newBrowser(fixture)]
  const url = await begin(issuer, attacker)
  assert.equal(await finish(victim, url), '/admin/#refused', 'another browser began it')
  await begin(issuer, victim)
  assert.equal(await finish(victim, url), '/admin/#refused', 'even with a beginning of its own')
  const state = attacker.cookie()
  assert.equal(await finish(attacker, url), '/admin/')
  const replay = await newBrowser(fixture).ask('GET', url, undefined, { cookie: state })
  assert.equal(replay.headers.location, '/admin/#refused', 'once')

  const browser = newBrowser(fixture)
  const { headers } = await browser.ask('GET', '/admin/oidc/start')
  const cookie = browser.cookie()
  const ways = [1, 2].map(async () => new URL(await issuer.authorize(String(headers.location))))
  const [first, second] = (await Promise.all(ways)).map(({ pathname, search }) => pathname + search)
  assert.equal(await finish(browser, first!), '/admin/')
  const fresh = await newBrowser(fixture).ask('GET', second!, undefined, { cookie })
  assert.equal(fresh.headers.location, '/admin/#refused', 'a fresh code does not make the state good again')

  const slow = newBrowser(fixture)
  const late = await begin(issuer, slow)
  fixture.clock.advance(10 * 60_000)
  assert.equal(await finish(slow, late), '/admin/#refused', 'ten minutes are over')
  assert.doesNotMatch(fixture.log(), /eyJ|code=/, 'neither token nor code is in the log')
})

test('a disabled person does not come back, whatever the provider says', async () => {
  await using started = await start()
  const { issuer, fixture } = started
  const owner = await newPerson(fixture, ['owner'])
  const browser = newBrowser(fixture)
  await signIn(issuer, browser)
  const { id } = (await browser.ask('GET', '/admin/me')).body
  assert.equal((await owner.ask('POST', `/admin/people/${id}/disable`)).status, 200)
  assert.equal((await browser.ask('GET', '/admin/me')).status, 401)
  assert.equal(await signIn(issuer, newBrowser(fixture)), '/admin/#refused')
  const last = (await fixture.store.listAudit('shop', 99)).at(-1)
  assert.deepEqual([last?.event, last?.person, last?.note], ['person.refused', id, 'disabled'])
})

test('a provider that does not answer lets nobody in, and is asked again', async () => {
  await using started = await start({ 'people.oidcIssuer': 'http://127.0.0.1:1' })
  const { fixture } = started
  for (const _ of [1, 2]) {
    const { status, headers } = await newBrowser(fixture).ask('GET', '/admin/oidc/start')
    assert.deepEqual(
      [status, headers.location, headers['set-cookie']],
      [303, '/admin/#unreachable', undefined],
    )
  }
})

test('a provider set up by halves, in the clear or for unknown roles stops the service', async () => {
  const settings = {
    'people.oidcIssuer': 'https://id.test',
    'people.oidcClientId': 'x',
    'people.oidcRoleMap': 'a=owner',
  }
  for (const [title, change] of Object.entries({
    'no client': { 'people.oidcClientId': '' },
    'no issuer': { 'people.oidcIssuer': '' },
    'no map': { 'people.oidcRoleMap': '' },
    'plain http': { 'people.oidcIssuer': 'http://id.test' },
    'no such role': { 'people.oidcRoleMap': 'a=root' },
    'no value': { 'people.oidcRoleMap': '=owner' },
    'no openid': { 'people.oidcScope': 'profile' },
    'no tenant': { 'people.oidcTenant': 'A B' },
  }))
    await assert.rejects(
      startFixture({ named: { ...settings, ...change } }),
      { code: 'settings_invalid' },
      title,
    )
})
