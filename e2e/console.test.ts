/**
 * The console in a real browser with its virtual authenticator: an owner is invited at the command line, registers a passkey,
 * sees the overview, signs out and in again; a reviewer sees less and decides; keys are made and revoked, people invited; and
 * the page keeps its content security policy.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { after, before, test } from 'node:test'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { CLIENT_ID, CLIENT_SECRET, startIssuer } from '../packages/server/test/oidc-issuer.ts'
import { openBrowser, screenshot } from './browser.ts'
import { type Seeded, seedAbuse } from './console-seed.ts'
import { ipse, type Service, startService } from './service.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

let service: Service
let browser: Browser
const problems: string[] = []

before(async () => {
  service = await startService()
  browser = await openBrowser()
})

after(async () => {
  await browser?.close()
  await service?.[Symbol.asyncDispose]()
})

/** A browser of somebody, with an authenticator that asks nobody. */
async function newBrowser(): Promise<{ readonly page: Page; addAuthenticator(): Promise<void> }> {
  const context: BrowserContext = await browser.newContext({ viewport: { width: 1100, height: 800 } })
  const page = await context.newPage()
  page.setDefaultTimeout(60_000)
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of 401/.test(message.text())) problems.push(message.text())
  })
  page.on('pageerror', (error) => problems.push(String(error)))
  await page.addInitScript(() => {
    addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
      console.error(`violation: ${violatedDirective} ${blockedURI}`)
    })
  })
  const cdp = await context.newCDPSession(page)
  await cdp.send('WebAuthn.enable')
  const addAuthenticator = async () => {
    await cdp.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        // One device has one authenticator of its own; the second is a key that is plugged in.
        transport: (await page.evaluate(() => document.title)) === '' ? 'internal' : 'usb',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    })
  }
  await addAuthenticator()
  return { page, addAuthenticator }
}

async function invite(...flags: readonly string[]): Promise<{ readonly id: string; readonly link: string }> {
  const { code, stdout, stderr } = await ipse(
    'people',
    'invite',
    ...flags,
    ...[
      '--tenant',
      'example',
      '--data',
      service.dataDir,
      '--set',
      `server.publicUrl=${service.url}`,
      '--json',
    ],
  )
  assert.equal(code, 0, stderr)
  return JSON.parse(stdout)
}

/** Faults that axe-core finds, in words. It looks into the element by itself. */
async function faults(page: Page): Promise<string[]> {
  return page.evaluate(`(() => { ${AXE}; return globalThis.axe.run(document).then(({ violations }) =>
    violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' '))) })()`)
}

/** To a screen by its link; the focus follows. */
async function go(page: Page, screen: string): Promise<void> {
  await page.getByRole('navigation').getByRole('link', { name: screen }).click()
  await page.locator('h1:focus', { hasText: screen }).waitFor()
}

/** No fault in either, and a picture of each for people. */
async function inLightAndDark(page: Page, name: string): Promise<void> {
  for (const [colorScheme, suffix] of [
    ['dark', '-dark'],
    ['light', ''],
  ] as const) {
    await page.emulateMedia({ colorScheme })
    assert.deepEqual(await faults(page), [], `${name} ${colorScheme}`)
    await screenshot(page, `${name}${suffix}`)
  }
}

let owner: Awaited<ReturnType<typeof newBrowser>>

let seeded: Seeded

/** In a browser of its own, signed in by an invitation. */
async function arrive(role: string, name: string): Promise<Page> {
  const { page } = await newBrowser()
  const { link } = await invite('--role', role, '--name', name)
  await page.goto(link)
  await page.getByRole('button', { name: 'Create a passkey' }).click()
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
  return page
}

test('an owner takes up the invitation with a passkey and sees sessions, reviews, keys and people', async () => {
  await service.client.createSession({ purpose: 'liveness' })
  owner = await newBrowser()
  const { page } = owner
  const { link } = await invite('--role', 'owner', '--name', 'Ada Lovelace')
  await page.goto(link)
  await page.getByRole('heading', { name: 'Welcome, Ada Lovelace' }).waitFor()
  assert.equal(new URL(page.url()).hash, '', 'the secret is not left in the address')
  assert.deepEqual(await faults(page), [])
  await screenshot(page, 'console-invitation')
  await page.getByRole('button', { name: 'Create a passkey' }).click()
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
  for (const title of ['Waiting for a review', 'Decisions', 'Reasons', 'Retries'])
    await page.getByRole('region', { name: title }).waitFor()
  await page.getByText('Add a second passkey').waitFor()
  await inLightAndDark(page, 'console-overview')
  await go(page, 'Sessions')
  await page.getByRole('cell', { name: /^ses_/ }).waitFor()
  await inLightAndDark(page, 'console-sessions')
  await go(page, 'API keys')
  await page.getByRole('cell', { name: 'example site', exact: true }).waitFor()
  await inLightAndDark(page, 'console-keys')
  await go(page, 'People')
  await page.getByRole('cell', { name: 'Ada Lovelace', exact: true }).waitFor()
  await inLightAndDark(page, 'console-people')
  await go(page, 'Overview')
})

test('a second passkey takes the advice away', async () => {
  const { page, addAuthenticator } = owner
  await addAuthenticator()
  await page.getByRole('button', { name: 'Add a passkey' }).click()
  await page.getByText('Add a second passkey').waitFor({ state: 'detached' })
})

test('a reviewer reads what a device did, with reasons and bars, and allows it under a fresh id, once', async () => {
  seeded = await seedAbuse(service)
  const page = await arrive('reviewer', 'Rita')
  await page.getByText('1 device waits for a review').waitFor()
  await go(page, 'Reviews')
  await page.getByRole('link', { name: seeded.review }).click()
  const card = page.getByRole('region', { name: `Session ${seeded.sessions[0]}` })
  await card.getByText('The camera is, or looks like, a virtual one.').waitFor()
  await card.getByText('0.31, at least 0.667').waitFor()
  await card.getByText('What turned shows too little shape').waitFor()
  await page.getByText('Brute force').first().waitFor()
  await inLightAndDark(page, 'console-review')

  const decision = page.getByRole('form', { name: 'Decision' })
  await decision.getByRole('button', { name: 'Decide' }).click()
  assert.equal(await page.getByText('The decision is made').count(), 0, 'not without a choice and a reason')
  // With the keyboard alone.
  await decision.getByRole('radio', { name: 'Allow' }).focus()
  await page.keyboard.press('Space')
  await page.keyboard.press('Tab')
  await page.keyboard.type('The tablet of a school class.')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.getByText('The decision is made').waitFor()
  const fresh = await page.getByRole('textbox', { name: 'Fresh correlation id' }).inputValue()
  assert.match(fresh, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  assert.notEqual(fresh, seeded.device)
  await inLightAndDark(page, 'console-review-decided')
  await page.reload()
  await page.getByText('The tablet of a school class.').waitFor()
  assert.equal(await page.getByRole('textbox', { name: 'Fresh correlation id' }).count(), 0, 'shown once')
  assert.equal(await page.getByRole('form', { name: 'Decision' }).count(), 0)
  // The relying party goes on with either id.
  for (const deviceCorrelationId of [fresh, seeded.device])
    await service.client.createSession({ purpose: 'liveness', deviceCorrelationId })
})

test('an operator lifts lock-outs, makes a key that opens the service, and revokes it', async () => {
  const page = await arrive('operator', 'Otto')
  await go(page, 'Lock-outs')
  for (const [form, label, value] of [
    ['Unlock a subject', 'Name of the subject', seeded.subject],
    ['Unlock a device', 'Correlation id', seeded.device],
  ] as const) {
    const shown = page.getByRole('form', { name: form })
    await shown.getByLabel(label).fill(value)
    await shown.getByRole('button', { name: form }).click()
    await page.getByText('Unlocked, if there was anything to unlock.').waitFor()
    assert.equal(await shown.getByLabel(label).inputValue(), '')
  }
  await inLightAndDark(page, 'console-lockouts')

  await go(page, 'API keys')
  const form = page.getByRole('form', { name: 'New API key' })
  await form.getByLabel('Name').fill('till')
  await form.getByRole('button', { name: 'Make the key' }).click()
  await page.getByText('Choose some scopes.').waitFor()
  await form.getByRole('checkbox', { name: /session:read/ }).check()
  await form.getByRole('button', { name: 'Make the key' }).click()
  const key = await page.getByRole('textbox', { name: 'New API key' }).inputValue()
  const opens = async () =>
    (await fetch(`${service.url}/v1/sessions`, { headers: { authorization: `Bearer ${key}` } })).status
  assert.equal(await opens(), 200)
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.getByRole('button', { name: 'Copy' }).click()
  await page.getByText('Copied.').waitFor()
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), key)
  await page.getByRole('button', { name: 'Revoke key till' }).click()
  await inLightAndDark(page, 'console-key-made')
  assert.equal(await opens(), 200, 'not before it was meant')
  await page.getByRole('group', { name: 'Revoke key till' }).getByRole('button', { name: 'Revoke' }).click()
  await page.getByText('The key till is revoked.').waitFor()
  assert.equal(await opens(), 401)
  assert.equal(await page.getByRole('textbox', { name: 'New API key' }).count(), 0)
})

test('an owner invites somebody, who comes, and disables them', async () => {
  const { page } = owner
  await go(page, 'People')
  const form = page.getByRole('form', { name: 'Invite somebody' })
  await form.getByLabel('Name').fill('Iris')
  await form.getByRole('checkbox', { name: /auditor/ }).check()
  await form.getByRole('button', { name: 'Invite' }).click()
  const link = await page.getByRole('textbox', { name: 'Invitation' }).inputValue()
  const guest = await newBrowser()
  await guest.page.goto(link)
  await guest.page.getByRole('button', { name: 'Create a passkey' }).click()
  await guest.page.getByRole('heading', { name: 'Overview' }).waitFor()
  await page.getByRole('button', { name: 'Disable Iris' }).click()
  await page.getByRole('group', { name: 'Disable Iris' }).getByRole('button', { name: 'Disable' }).click()
  await page.getByText('Iris is disabled.').waitFor()
  await guest.page.getByRole('link', { name: 'Sessions' }).click()
  await guest.page.getByRole('heading', { name: 'Sign in' }).waitFor()
  problems.splice(0)
})

test('no script sees the session, and it opens nothing after the sign-out', async () => {
  const { page } = owner
  assert.equal(await page.evaluate(() => document.cookie), '')
  const [cookie] = (await page.context().cookies()).filter(({ name }) => name === 'ipse-person')
  assert.ok(cookie?.httpOnly && cookie.sameSite === 'Strict', JSON.stringify(cookie))
  await page.getByRole('button', { name: 'Sign out', exact: true }).click()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  assert.deepEqual(await faults(page), [])
  await screenshot(page, 'console-sign-in')
  const stolen = { cookie: `${cookie.name}=${cookie.value}` }
  assert.equal((await fetch(`${service.url}/v1/sessions`, { headers: stolen })).status, 401)
})

test('the owner signs in again with the passkey alone', async () => {
  const { page } = owner
  await page.getByRole('button', { name: 'Use a passkey' }).click()
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
  await page.reload()
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
})

test('a used link invites nobody', async () => {
  const { page } = await newBrowser()
  const { link } = await invite('--role', 'auditor', '--name', 'Charles')
  await page.goto(link)
  await page.getByRole('button', { name: 'Create a passkey' }).click()
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
  const late = await newBrowser()
  await late.page.goto(link)
  await late.page.getByText('the invitation was used').waitFor()
  // The console says that a request was refused; nothing else was said.
  assert.ok(problems.splice(0).every((problem) => /status of 404/.test(problem)))
})

test('a reviewer sees reviews and sessions, no keys, and cannot make any; disabled, nothing at all', async () => {
  const { page } = await newBrowser()
  const { id, link } = await invite('--role', 'reviewer', '--name', 'Bob')
  await page.goto(link)
  await page.getByRole('button', { name: 'Create a passkey' }).click()
  await page.getByRole('region', { name: 'Waiting for a review' }).waitFor()
  for (const screen of ['API keys', 'People', 'Lock-outs'])
    assert.equal(await page.getByRole('link', { name: screen }).count(), 0, screen)
  const ask = (method: string, path: string, body?: object) =>
    page.evaluate(
      async ([method, path, body]) => {
        const headers = body === undefined ? {} : { 'content-type': 'application/json' }
        const reply = await fetch(path as string, {
          method: method as string,
          headers,
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        })
        return reply.status
      },
      [method, path, body] as const,
    )
  assert.equal(await ask('GET', '/admin/me'), 200)
  assert.equal(await ask('POST', '/v1/keys', { name: 'mine', scopes: ['session:read'] }), 403)
  const { code, stderr } = await ipse('people', 'disable', id, '--data', service.dataDir)
  assert.equal(code, 0, stderr)
  assert.equal(await ask('GET', '/admin/me'), 401)
  problems.splice(0)
})

test('the last owner stays, at the command line too', async () => {
  const { stdout } = await ipse('people', 'list', '--data', service.dataDir, '--json')
  const { people } = JSON.parse(stdout) as { people: { id: string; name: string; state: string }[] }
  assert.deepEqual(
    people.map(({ name, state }) => [name, state]),
    [
      ['Ada Lovelace', 'active'],
      ['Rita', 'active'],
      ['Otto', 'active'],
      ['Iris', 'disabled'],
      ['Charles', 'active'],
      ['Bob', 'disabled'],
    ],
  )
  const refused = await ipse('people', 'disable', people[0]!.id, '--data', service.dataDir)
  assert.equal(refused.code, 2)
  assert.match(refused.stderr, /no other owner/)
})

test('an identity provider on another site sends the browser back signed in, or says why not', async () => {
  await using issuer = await startIssuer()
  const settings = {
    'people.oidcIssuer': issuer.url,
    'people.oidcClientId': CLIENT_ID,
    'people.oidcClientSecret': CLIENT_SECRET,
    'people.oidcRoleMap': 'ipse=reviewer',
    'people.oidcTenant': 'example',
  }
  const named = Object.entries(settings).flatMap(([name, value]) => ['--set', `${name}=${value}`])
  await using other = await startService(...named)
  const { page } = await newBrowser()
  issuer.user = { sub: 'grace', name: 'Grace Hopper', roles: ['ipse'] }
  await page.goto(`${other.url}/admin/`)
  await page.getByRole('link', { name: 'Use your organisation’s sign-in' }).click()
  await page.getByText('Grace Hopper').waitFor()
  await page.getByRole('link', { name: 'Sessions' }).waitFor()
  assert.equal(await page.getByText('Add a second passkey').count(), 0)
  const cookies = await page.context().cookies(other.url)
  assert.deepEqual(
    cookies.map(({ name, sameSite, httpOnly }) => [name, sameSite, httpOnly]),
    [['ipse-person', 'Strict', true]],
  )
  await page.reload()
  await page.getByText('Grace Hopper').waitFor()
  await page.getByRole('button', { name: 'Sign out', exact: true }).click()
  issuer.user = { sub: 'mallory', name: 'Mallory', roles: [] }
  await page.getByRole('link', { name: 'Use your organisation’s sign-in' }).click()
  await page.getByText('Ask an owner whether you have a role here').waitFor()
  assert.deepEqual(problems.splice(0), [])
})

test('signed out everywhere, the page broke no rule of its policy and kept nothing', async () => {
  const { page } = owner
  await page.getByRole('button', { name: 'Sign out everywhere' }).click()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  const kept = await page.evaluate(async () => [
    localStorage.length,
    sessionStorage.length,
    (await indexedDB.databases()).length,
    (await caches.keys()).length,
  ])
  assert.deepEqual(kept, [0, 0, 0, 0])
  const { headers } = await fetch(`${service.url}/admin/`)
  assert.doesNotMatch(headers.get('content-security-policy') ?? '', /unsafe|https?:|\*/)
  assert.deepEqual(problems, [])
})
