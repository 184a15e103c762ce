/** The site's backend: what opens the door, what does not, and what other sites cannot do. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import createSite from '../site.ts'
import { CONSENT_HASH, CONSENT_VERSION } from '../src/consent.ts'
import { html } from '../src/pages/html.ts'
import { type Double, startDouble } from './ipse-double.ts'

let ipse: Double
let server: Server
let origin: string
let dataDir: string
/** One browser's cookies. */
let cookies: Map<string, string>

async function start(simulatedCamera = false): Promise<void> {
  server = createServer((request, response) => site(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const site = await createSite({
    ipseUrl: ipse.url,
    ipsePublicUrl: ipse.url,
    apiKey: 'ipse_test_key',
    publicUrl: origin,
    dataDir,
    simulatedCamera,
  })
}

beforeEach(async () => {
  ipse = await startDouble()
  dataDir = mkdtempSync(join(tmpdir(), 'relying-party-'))
  cookies = new Map()
  await start()
})
afterEach(async () => {
  server.closeAllConnections()
  server.close()
  await ipse[Symbol.asyncDispose]()
  rmSync(dataDir, { recursive: true, force: true })
})

async function send(path: string, init: RequestInit = {}): Promise<Response> {
  const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  const response = await fetch(origin + path, {
    redirect: 'manual',
    ...init,
    headers: { cookie, ...(init.headers as Record<string, string>) },
  })
  for (const line of response.headers.getSetCookie()) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
    if (/Max-Age=0/.test(line)) cookies.delete(name)
    else cookies.set(name, value)
  }
  return response
}

const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  send(path, {
    method: 'POST',
    headers: { origin, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })

const CONSENT = { consent: CONSENT_VERSION }

async function signUp(name = 'Ada'): Promise<Response> {
  const { sessionId } = (await (await post('/api/sign-up', { name, ...CONSENT })).json()) as {
    sessionId: string
  }
  return post('/api/finish', { sessionId })
}
async function beginSignIn(name = 'Ada'): Promise<string> {
  const { sessionId } = (await (await post('/api/sign-in', { name })).json()) as { sessionId: string }
  return sessionId
}
const signedIn = async () => (await send('/account')).status === 200

describe('signing up and in', () => {
  it('opens the account after an enrolment receipt and again after a verification receipt', async () => {
    assert.deepEqual(await (await signUp()).json(), { verified: true })
    assert.match(await (await send('/account')).text(), /Hello, Ada[\s\S]*Movements as asked/)
    await post('/api/sign-out', {})
    assert.equal(await signedIn(), false)
    assert.deepEqual(await (await post('/api/finish', { sessionId: await beginSignIn('ADA') })).json(), {
      verified: true,
    })
    assert.equal(await signedIn(), true)
  })

  it('tells Ipse a random subject and device, the consent with its hash, and its own origin: never the name', async () => {
    const began = Date.now()
    await signUp('Ada Lovelace')
    const [created] = ipse.calls.filter(({ path }) => path === '/v1/sessions')
    const { purpose, subject, deviceCorrelationId, consent, allowedOrigins, policy } = created!.body
    assert.equal(purpose, 'enrolment')
    assert.match(String(subject), /^person-[0-9a-f-]{36}$/)
    assert.match(String(deviceCorrelationId), /^[0-9a-f-]{36}$/)
    assert.deepEqual(allowedOrigins, [origin])
    assert.equal(policy, undefined)
    const { version, textSha256, givenAt } = consent as Record<string, string>
    assert.deepEqual([version, textSha256], [CONSENT_VERSION, CONSENT_HASH])
    assert.ok(began <= Date.parse(givenAt!) && Date.parse(givenAt!) <= Date.now(), givenAt)
    assert.doesNotMatch(JSON.stringify(ipse.calls), /Lovelace/)
  })

  it('keeps accounts over a restart, and signs everybody out', async () => {
    await signUp()
    server.closeAllConnections()
    server.close()
    await start()
    assert.equal(await signedIn(), false)
    assert.match(readFileSync(join(dataDir, 'relying-party.json'), 'utf8'), /"Ada"/)
    assert.equal((await post('/api/sign-up', { name: 'ada', ...CONSENT })).status, 409)
  })

  const refused: readonly (readonly [string, Partial<Double['claims']>])[] = [
    ['a rejection', { decision: 'reject', reasons: ['face_mismatch'] }],
    ['a review', { decision: 'review', reasons: ['virtual_camera'] }],
    ['a retry', { decision: 'retry', reasons: ['challenge_not_answered'] }],
  ]
  for (const [what, claims] of refused)
    it(`does not open for ${what}, and does not say why`, async () => {
      await signUp()
      await post('/api/sign-out', {})
      const sessionId = await beginSignIn()
      ipse.claims = claims
      assert.deepEqual(await (await post('/api/finish', { sessionId })).json(), { verified: false })
      assert.equal(await signedIn(), false)
    })

  const forged: readonly (readonly [string, Partial<Double['claims']>])[] = [
    ['of another session', { sid: 'ses_AAAAAAAAAAAAAAAAAAAAAA' }],
    ['for another purpose', { purpose: 'liveness' }],
    ['of another person', { sub: 'person-somebody-else' }],
    ['of another issuer', { iss: 'https://ipse.example' }],
    ['that is too old', { iat: Math.floor(Date.now() / 1000) - 3600 }],
    ['that has expired', { iat: 1_700_000_000, exp: 1_700_000_600 }],
  ]
  for (const [what, claims] of forged)
    it(`does not open for a receipt ${what}`, async () => {
      await signUp()
      await post('/api/sign-out', {})
      const sessionId = await beginSignIn()
      ipse.claims = claims
      assert.equal((await post('/api/finish', { sessionId })).status, 502)
      assert.equal(await signedIn(), false)
    })

  it('does not open for a receipt that somebody else signed', async () => {
    ipse.forged = true
    assert.equal((await signUp()).status, 502)
    assert.equal(await signedIn(), false)
  })

  it('does not open before there is a receipt, and opens then', async () => {
    await signUp()
    const sessionId = await beginSignIn()
    ipse.unfinished = true
    assert.equal((await post('/api/finish', { sessionId })).status, 409)
    ipse.unfinished = false
    assert.equal((await post('/api/finish', { sessionId })).status, 200)
  })

  it('opens once for one session, and only for the browser that began it', async () => {
    await signUp()
    const sessionId = await beginSignIn()
    const ticket = cookies.get('check')!
    cookies = new Map([['check', 'another-browser']])
    assert.equal((await post('/api/finish', { sessionId })).status, 404)
    cookies = new Map([['check', ticket]])
    assert.equal((await post('/api/finish', { sessionId })).status, 200)
    assert.equal((await post('/api/finish', { sessionId })).status, 404)
  })

  it('gives a name to one person: the second sign-up loses its template', async () => {
    const begin = async () =>
      (await (await post('/api/sign-up', { name: 'Eve', ...CONSENT })).json()) as { sessionId: string }
    const first = await begin()
    const firstCookies = new Map(cookies)
    const second = await begin()
    assert.equal((await post('/api/finish', { sessionId: second.sessionId })).status, 200)
    cookies = firstCookies
    assert.equal((await post('/api/finish', { sessionId: first.sessionId })).status, 409)
    assert.equal(ipse.calls.filter(({ method }) => method === 'DELETE').length, 1)
  })
})

describe('the person’s rights', () => {
  it('exports what the site and Ipse hold', async () => {
    await signUp()
    const response = await send('/account/export')
    assert.match(response.headers.get('content-disposition') ?? '', /attachment/)
    const { account, ipse: held } = (await response.json()) as {
      account: { name: string }
      ipse: { format: string }
    }
    assert.deepEqual([account.name, held.format], ['Ada', 'ipse-subject-export/3'])
  })

  it('erases at Ipse first, then here, and signs out everywhere', async () => {
    await signUp()
    const elsewhere = new Map(cookies)
    assert.equal((await post('/api/delete', {})).status, 200)
    assert.ok(
      ipse.calls.some(({ method, path }) => method === 'DELETE' && path.startsWith('/v1/subjects/person-')),
    )
    cookies = elsewhere
    assert.equal(await signedIn(), false)
    assert.equal((await post('/api/sign-in', { name: 'Ada' })).status, 404)
    assert.doesNotMatch(readFileSync(join(dataDir, 'relying-party.json'), 'utf8'), /Ada/)
  })

  it('are nobody else’s: without a sign-in there is no page, no export, no deletion', async () => {
    assert.equal((await send('/account')).status, 303)
    assert.equal((await send('/account/export')).status, 303)
    assert.equal((await post('/api/delete', {})).status, 401)
  })
})

describe('other sites', () => {
  const PATHS = ['/api/sign-up', '/api/sign-in', '/api/finish', '/api/sign-out', '/api/delete']
  for (const path of PATHS)
    it(`cannot post to ${path}`, async () => {
      await signUp()
      assert.equal((await post(path, {}, { origin: 'https://evil.example' })).status, 403)
      const bare = { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } }
      assert.equal((await send(path, bare)).status, 403)
      assert.equal((await post(path, {}, { 'content-type': 'text/plain' })).status, 415)
      assert.equal(await signedIn(), true)
    })

  it('get no cookie of ours, and scripts cannot read one', async () => {
    const response = await post('/api/sign-up', { name: 'Ada', ...CONSENT })
    const lines = response.headers.getSetCookie()
    assert.equal(lines.length, 2)
    for (const line of lines) assert.match(line, /HttpOnly; SameSite=Strict/)
  })
})

describe('bad input', () => {
  const cases: readonly (readonly [string, string, unknown, number])[] = [
    ['no name', '/api/sign-up', CONSENT, 400],
    ['a name of another type', '/api/sign-up', { name: ['Ada'], ...CONSENT }, 400],
    ['a name that is markup', '/api/sign-up', { name: '<b>Ada</b>', ...CONSENT }, 400],
    ['a name too long', '/api/sign-up', { name: 'a'.repeat(41), ...CONSENT }, 400],
    ['no consent', '/api/sign-up', { name: 'Ada' }, 400],
    ['consent to another text', '/api/sign-up', { name: 'Ada', consent: 'old' }, 400],
    [
      'a simulated camera where there is none',
      '/api/sign-up',
      { name: 'Ada', ...CONSENT, camera: 'subject-a' },
      400,
    ],
    ['a list', '/api/sign-in', [], 400],
    ['too much', '/api/sign-in', { name: 'a'.repeat(9000) }, 413],
    ['an unknown account', '/api/sign-in', { name: 'Nobody' }, 404],
    ['an unknown session', '/api/finish', { sessionId: '../../v1' }, 404],
  ]
  for (const [what, path, body, status] of cases)
    it(`is refused with ${status}: ${what}`, async () => {
      const response = await post(path, body)
      assert.equal(response.status, status)
      assert.equal(typeof ((await response.json()) as { message: string }).message, 'string')
      assert.equal(ipse.calls.length, 0)
    })

  it('is refused when it is not JSON', async () => {
    const response = await send('/api/sign-in', {
      method: 'POST',
      headers: { origin, 'content-type': 'application/json' },
      body: '{',
    })
    assert.equal(response.status, 400)
  })

  it('never leaves the static folder', async () => {
    for (const path of [
      '/site/..%2fsite.ts',
      '/site/../site.ts',
      '/site/.hidden.js',
      '/sim/../x',
      '/site/tsconfig.tsbuildinfo',
    ])
      assert.equal((await send(path)).status, 404, path)
  })

  it('is text on a page, never markup', () => {
    assert.equal(
      html`<p title="${'"><script>'}">${"<b>'&"}</p>`.text,
      '<p title="&quot;&gt;&lt;script&gt;">&lt;b&gt;&#39;&amp;</p>',
    )
  })
})

describe('pages', () => {
  it('carry a policy without anything inline or evaluated', async () => {
    for (const path of ['/', '/sign-up', '/sign-in', '/nowhere']) {
      const response = await send(path)
      const policy = response.headers.get('content-security-policy') ?? ''
      assert.match(policy, /default-src 'none'.*frame-ancestors 'none'/)
      assert.doesNotMatch(policy, /unsafe/)
      const page = await response.text()
      assert.doesNotMatch(page, /<style|style="|<script>|\son\w+=/)
    }
  })

  it('have one address: another host name is sent there', async () => {
    const response = await fetch(`${origin.replace('127.0.0.1', 'localhost')}/sign-in?x=1`, {
      redirect: 'manual',
    })
    assert.equal(response.status, 303)
    assert.equal(response.headers.get('location'), `${origin}/sign-in?x=1`)
  })

  it('offer the simulated camera in development only, and then say so', async () => {
    assert.doesNotMatch(await (await send('/sign-up')).text(), /simulated/i)
    assert.equal((await send('/sim/subject-a/photo.jpg')).status, 404)
    server.closeAllConnections()
    server.close()
    await start(true)
    assert.match(
      await (await send('/sign-up')).text(),
      /No camera\? Use the simulated camera[\s\S]*development only/,
    )
    const response = await post('/api/sign-up', { name: 'Ada', ...CONSENT, camera: 'subject-a' })
    assert.equal(response.status, 201)
    assert.equal(ipse.calls.at(-1)!.body.policy, 'demo')
  })
})
