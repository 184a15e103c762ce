/** What people do at the console, in a real browser: decide reviews, lift lock-outs, make and revoke keys, invite, export and erase. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { decodeProtectedHeader } from 'jose'
import { go, inLightAndDark, office } from './console-office.ts'
import { type Seeded, seedAbuse } from './console-seed.ts'

const here = office()

let seeded: Seeded

test('a reviewer reads what a device did, with reasons and bars, and allows it under a fresh id, once', async () => {
  seeded = await seedAbuse(here.service)
  const page = await here.arrive('reviewer', 'Rita')
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
    await here.service.client.createSession({ purpose: 'liveness', deviceCorrelationId })
})

test('an operator lifts lock-outs, makes a key that opens the service, and revokes it', async () => {
  const page = await here.arrive('operator', 'Otto')
  await go(page, 'Lock-outs')
  await page.getByRole('region', { name: 'Locked out now' }).waitFor()
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
    (await fetch(`${here.service.url}/v1/sessions`, { headers: { authorization: `Bearer ${key}` } })).status
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
  const page = await here.arrive('owner', 'Ada Lovelace')
  await go(page, 'People')
  const form = page.getByRole('form', { name: 'Invite somebody' })
  await form.getByLabel('Name').fill('Iris')
  await form.getByRole('checkbox', { name: /auditor/ }).check()
  await form.getByRole('button', { name: 'Invite' }).click()
  const link = await page.getByRole('textbox', { name: 'Invitation' }).inputValue()
  const guest = await here.newBrowser()
  await guest.page.goto(link)
  await guest.page.getByRole('button', { name: 'Create a passkey' }).click()
  await guest.page.getByRole('heading', { name: 'Overview' }).waitFor()
  await page.getByRole('button', { name: 'Disable Iris' }).click()
  await page.getByRole('group', { name: 'Disable Iris' }).getByRole('button', { name: 'Disable' }).click()
  await page.getByText('Iris is disabled.').waitFor()
  await guest.page.getByRole('link', { name: 'Sessions' }).click()
  await guest.page.getByRole('heading', { name: 'Sign in' }).waitFor()
  here.problems.splice(0)
})

test('a privacy officer exports a subject, and erases it once a second one agrees', async () => {
  const rules = await fetch(`${here.service.url}/v1/privacy/rules`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${here.service.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ preset: 'gdpr', days: {}, approvals: ['erase'] }),
  })
  assert.equal(rules.status, 200, await rules.text())
  const pia = await here.arrive('privacy-officer', 'Pia')
  await go(pia, 'Privacy')
  await pia.getByRole('region', { name: 'What the next sweep deletes' }).waitFor()
  const form = pia.getByRole('form', { name: 'A subject' })
  const erase = async () => {
    await form.getByLabel('Name of the subject').fill(seeded.subject)
    await form.getByRole('button', { name: 'Erase this subject' }).click()
    await form
      .getByRole('group', { name: 'Erase this subject' })
      .getByRole('button', { name: 'Erase' })
      .click()
  }
  await form.getByLabel('Name of the subject').fill(seeded.subject)
  const [download] = await Promise.all([
    pia.waitForEvent('download'),
    form.getByRole('button', { name: 'Export' }).click(),
  ])
  assert.equal(download.suggestedFilename(), 'subject-export.json')
  const exported = JSON.parse(await readFile(await download.path(), 'utf8'))
  assert.deepEqual(
    exported.sessions.map(({ id }: { id: string }) => id).toSorted(),
    [...seeded.sessions].toSorted(),
  )

  await erase()
  await pia.getByText('waits for a second person').waitFor()
  const approve = `Approve erase ${seeded.subject}`
  assert.ok(await pia.getByRole('button', { name: approve }).isDisabled(), 'nobody approves their own wish')
  await inLightAndDark(pia, 'console-privacy')
  assert.equal((await here.service.client.getSession(seeded.sessions[0]!)).subject, seeded.subject)

  const paul = await here.arrive('privacy-officer', 'Paul')
  await go(paul, 'Privacy')
  await paul.getByRole('button', { name: approve }).click()
  await paul.getByRole('group', { name: approve }).getByRole('button', { name: 'Approve' }).click()
  await paul.getByText('Approved: it may be done now.').waitFor()

  await erase()
  await pia.getByText('The subject is erased.').waitFor()
  const receipt = await pia.getByRole('textbox', { name: 'Receipt of the erasure' }).inputValue()
  assert.equal(decodeProtectedHeader(receipt).typ, 'ipse-erasure+jwt')
  await assert.rejects(here.service.client.getSession(seeded.sessions[0]!), { code: 'not_found' })
  // The refusal that asked for the second person; no violation of the policy.
  assert.ok(
    here.problems.every((problem) => /status of 403/.test(problem)),
    here.problems.join('\n'),
  )
})

test('an auditor reads what was done, and has it verified by this very browser', async () => {
  const page = await here.arrive('auditor', 'Alan')
  await go(page, 'Audit log')
  const entries = page.getByRole('region', { name: 'Newest entries' })
  await entries.getByRole('cell', { name: 'Review decided' }).first().waitFor()
  await entries.getByRole('cell', { name: 'Subject erased' }).waitFor()
  assert.equal(
    await page.getByText(seeded.subject, { exact: true }).count(),
    0,
    'subjects by pseudonym alone',
  )
  const head = page.getByRole('form', { name: 'Head of the log' })
  await head.getByRole('button', { name: 'Verify' }).click()
  await page.getByText(/^\d+ entries are what was signed/).waitFor()
  await inLightAndDark(page, 'console-audit')
  const foreign = 'ipse.test/log/x+e0c67ef6+AWcH1mGr8nS2S4S5oMX6C5N8iH7hN0N2i0lWbP5mU3oA'
  await head.getByLabel('Verifier key').fill(foreign)
  await head.getByRole('button', { name: 'Verify' }).click()
  await page.getByRole('alert').filter({ hasText: /key/ }).waitFor()
  assert.equal(await page.getByText(/are what was signed/).count(), 0)
})
