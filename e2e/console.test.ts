/**
 * The console in a real browser with its virtual authenticator: an owner is invited at the command line, registers a passkey,
 * sees the overview, signs out and in again; a reviewer sees less; and the page keeps its content security policy.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CLIENT_ID, CLIENT_SECRET, startIssuer } from '../packages/server/test/oidc-issuer.ts'
import { screenshot } from './browser.ts'
import { faults, go, inLightAndDark, office, type Worker } from './console-office.ts'
import { ipse, startService } from './service.ts'

const here = office()

let owner: Worker

test('an owner takes up the invitation with a passkey and sees sessions, reviews, keys and people', async () => {
  await here.service.client.createSession({ purpose: 'liveness' })
  owner = await here.newBrowser()
  const { page } = owner
  const { link } = await here.invite('--role', 'owner', '--name', 'Ada Lovelace')
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
  assert.equal((await fetch(`${here.service.url}/v1/sessions`, { headers: stolen })).status, 401)
})

test('the owner signs in again with the passkey alone', async () => {
  const { page } = owner
  await page.getByRole('button', { name: 'Use a passkey' }).click()
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
  await page.reload()
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
})

test('a used link invites nobody', async () => {
  const { page } = await here.newBrowser()
  const { link } = await here.invite('--role', 'auditor', '--name', 'Charles')
  await page.goto(link)
  await page.getByRole('button', { name: 'Create a passkey' }).click()
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
  const late = await here.newBrowser()
  await late.page.goto(link)
  await late.page.getByText('the invitation was used').waitFor()
  // The console says that a request was refused; nothing else was said.
  assert.ok(here.problems.splice(0).every((problem) => /status of 404/.test(problem)))
})

test('a reviewer sees reviews and sessions, no keys, and cannot make any; disabled, nothing at all', async () => {
  const { page } = await here.newBrowser()
  const { id, link } = await here.invite('--role', 'reviewer', '--name', 'Bob')
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
  const { code, stderr } = await ipse('people', 'disable', id, '--data', here.service.dataDir)
  assert.equal(code, 0, stderr)
  assert.equal(await ask('GET', '/admin/me'), 401)
  here.problems.splice(0)
})

test('the last owner stays, at the command line too', async () => {
  const { stdout } = await ipse('people', 'list', '--data', here.service.dataDir, '--json')
  const { people } = JSON.parse(stdout) as { people: { id: string; name: string; state: string }[] }
  assert.deepEqual(
    people.map(({ name, state }) => [name, state]),
    [
      ['Ada Lovelace', 'active'],
      ['Charles', 'active'],
      ['Bob', 'disabled'],
    ],
  )
  const refused = await ipse('people', 'disable', people[0]!.id, '--data', here.service.dataDir)
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
  const { page } = await here.newBrowser()
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
  assert.deepEqual(here.problems.splice(0), [])
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
  const { headers } = await fetch(`${here.service.url}/admin/`)
  assert.doesNotMatch(headers.get('content-security-policy') ?? '', /unsafe|https?:|\*/)
  assert.deepEqual(here.problems, [])
})
