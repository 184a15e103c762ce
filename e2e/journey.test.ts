/** The main path in a real browser: enrol with a consent, sign in, see the account, export, delete. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { openBrowser, screenshot } from './browser.ts'
import { type Service, startService } from './service.ts'
import { visit } from './visitor.ts'

let service: Service
let browser: Browser
let page: Page
const violations: string[] = []

before(async () => {
  service = await startService()
  browser = await openBrowser()
  page = await browser.newPage({ viewport: { width: 900, height: 900 } })
  page.on('console', (message) => {
    if (/content security policy|refused to/i.test(message.text())) violations.push(message.text())
  })
  page.on('pageerror', (error) => violations.push(String(error)))
})

after(async () => {
  await browser?.close()
  await service?.[Symbol.asyncDispose]()
})

test('a person enrols with a consent and a liveness check', async () => {
  await page.goto(service.url)
  await screenshot(page, 'landing')
  const { verified, session } = await visit(page, service, {
    kind: 'sign-up',
    name: 'Ada',
    person: 'subject-a',
    patient: true,
    shots: 'sign-up',
  })
  assert.ok(verified, `refused: ${session.decision} ${session.reasons}`)
  assert.equal(session.state, 'passed')
  assert.equal(session.assurance, 'active-geometry')
  assert.equal(session.policy.name, 'demo')
})

test('the same person signs in, and the receipt verifies offline', async () => {
  await page.getByRole('button', { name: /sign out/i }).click()
  await page.waitForURL(`${service.url}/`)
  const { verified, session } = await visit(page, service, {
    kind: 'sign-in',
    name: 'Ada',
    person: 'subject-a',
    patient: true,
    shots: 'sign-in',
  })
  assert.ok(verified, `refused: ${session.decision} ${session.reasons}`)
  const receipt = await service.client.verifyReceipt(session.receipt ?? '', {
    audience: 'example',
    expectedSession: session.id,
    expectedPurpose: 'verification',
  })
  assert.ok(receipt.accepted)
  assert.ok(receipt.claims.device.virtualCamera, 'the receipt says that the camera was simulated')
  assert.ok(receipt.claims.match && receipt.claims.match.score >= receipt.claims.match.threshold)
})

test('another person is refused because the face is not that of the reference', async () => {
  const { verified, session } = await visit(page, service, {
    kind: 'sign-in',
    name: 'Ada',
    person: 'subject-b',
    patient: true,
    shots: 'refused',
  })
  assert.ok(!verified)
  assert.equal(session.decision, 'reject')
  assert.equal(session.reasons[0], 'face_mismatch')
})

test('the account is exported and deleted, and nothing of it is left', async () => {
  await visit(page, service, { kind: 'sign-in', name: 'Ada', person: 'subject-a', patient: true })
  const subject = (await service.client.listSessions()).items.find((item) => item.subject)?.subject ?? ''
  const download = page.waitForEvent('download')
  await page.getByRole('link', { name: /export|download/i }).click()
  const exported = JSON.parse(await readFile(await (await download).path(), 'utf8'))
  assert.equal(exported.ipse.subject, subject)
  assert.equal(exported.ipse.references.length, 1)
  await page.getByRole('button', { name: 'Delete my account' }).click()
  await page.locator('[data-action=erase]').click()
  await page.waitForURL('**/deleted')
  await screenshot(page, 'deleted')
  await assert.rejects(service.client.getSubject(subject), { code: 'not_found' })
})

test('the browser kept nothing and the page broke no rule of its content security policy', async () => {
  const kept = await page.evaluate(async () => ({
    local: localStorage.length,
    session: sessionStorage.length,
    databases: (await indexedDB.databases()).length,
    caches: (await caches.keys()).length,
  }))
  assert.deepEqual(kept, { local: 0, session: 0, databases: 0, caches: 0 })
  assert.deepEqual(violations, [])
})
