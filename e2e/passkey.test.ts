/**
 * A passkey as the device factor, from the person's press to the receipt: the example's page, its simulated person, Chromium's
 * virtual authenticator and the real service. Whoever goes on without is named to the relying party and not accepted.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { SIMULATED_CONSENT } from '@ipse/cli/attack'
import type { Purpose, Session } from '@ipse/protocol'
import type { Browser, Page } from 'playwright-core'
import { openBrowser, screenshot } from './browser.ts'
import { type Service, startService } from './service.ts'

/** Three attempts of ten seconds, on a busy machine. */
const CHECK_LIMIT_MS = 300_000
const SUBJECT = 'anna'
const RULE = {
  signal: 'attestation',
  atLeast: 1,
  otherwise: 'reject',
  reason: 'attestation_insufficient',
  missing: 'review',
}
const POLICIES = [
  { name: 'bind', version: 1, extends: 'demo', developmentOnly: true, passkey: 'register' },
  { name: 'bound', version: 1, extends: 'demo', developmentOnly: true, passkey: 'use', rules: [RULE] },
]

const folder = mkdtempSync(join(tmpdir(), 'ipse-policies-'))
let service: Service
let browser: Browser
let page: Page

before(async () => {
  for (const policy of POLICIES) writeFileSync(join(folder, `${policy.name}.json`), JSON.stringify(policy))
  service = await startService(
    ...['--set', `policies.path=${folder}`, '--set', 'attestation.webauthnRpId=localhost'],
  )
  browser = await openBrowser()
  page = await browser.newPage({ viewport: { width: 900, height: 900 } })
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('WebAuthn.enable')
  await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
})

after(async () => {
  await browser?.close()
  await service?.[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

/** Runs a session of ours on the example's page, whose backend is played by this test. */
async function check(purpose: Purpose, policy: string, answer: string, shot?: string): Promise<Session> {
  const origin = new URL(service.url).origin
  const session = await service.client.createSession({
    purpose,
    subject: SUBJECT,
    policy,
    allowedOrigins: [origin],
    ...(purpose === 'enrolment' ? { consent: SIMULATED_CONSENT } : {}),
  })
  await page.unrouteAll()
  await page.route('**/api/sign-up', (route) =>
    route.fulfill({ json: { ...session, sessionId: session.id } }),
  )
  await page.route('**/api/finish', (route) => route.fulfill({ json: { verified: false } }))
  await page.goto(`${service.url}/sign-up`)
  await page.getByLabel('Name').fill(SUBJECT)
  await page.getByLabel('I agree to this.').check()
  await page.locator('input[name=camera][value=subject-a]').check()
  await page.getByRole('button', { name: 'Continue' }).click()
  const element = page.locator('ipse-check')
  await element.getByRole('button', { name: /start/i }).click()
  const over = page.locator('[data-part=refused]:not([hidden])')
  const again = element.getByRole('button', { name: /again/i })
  const question = element.getByRole('button', { name: answer })
  for (const deadline = Date.now() + CHECK_LIMIT_MS; Date.now() < deadline; ) {
    await question.or(again).or(over).first().waitFor({ timeout: CHECK_LIMIT_MS })
    if (await over.isVisible()) break
    if (shot !== undefined && (await question.isVisible())) await screenshot(page, shot)
    const pressed = (await question.isVisible()) ? question : again
    await pressed.click()
    await pressed.waitFor({ state: 'hidden' })
  }
  return service.client.getSession(session.id)
}

test('a person enrols and makes a passkey, then proves the device with it; the receipt says so', async () => {
  const enrolled = await check('enrolment', 'bind', 'Create a passkey', 'passkey-create')
  assert.equal(enrolled.decision, 'accept', `${enrolled.reasons}`)
  assert.equal(enrolled.hindrance, undefined)
  const { id, decision, reasons, assurance, receipt } = await check(
    'verification',
    'bound',
    'Use my passkey',
    'passkey-use',
  )
  assert.deepEqual([decision, assurance], ['accept', 'active+attested'], `${reasons}`)
  const verified = await service.client.verifyReceipt(receipt ?? '', {
    audience: 'example',
    expectedSession: id,
    expectedPurpose: 'verification',
  })
  assert.equal(verified.claims.device.attestation, 'valid')
})

test('who goes on without it is not accepted, and the relying party reads why', async () => {
  const { decision, hindrance, reasons } = await check('verification', 'bound', 'Go on without')
  assert.equal(decision, 'review')
  assert.ok(reasons.includes('evidence_missing'), `${reasons}`)
  assert.equal(hindrance?.code, 'passkey_declined')
})
