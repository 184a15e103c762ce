/** The pages in a real Chromium: accessible in light and dark, nothing that the policy forbids, words for what goes wrong. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type Browser, chromium, type Page } from 'playwright-core'
import { build } from 'vite'
import createSite from '../site.ts'
import { CONSENT_VERSION } from '../src/consent.ts'
import { type Double, startDouble } from './ipse-double.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What takes longer hangs, milliseconds. Playwright's own 30 seconds are not enough for a busy machine. */
const PATIENCE_MS = 180_000
let browser: Browser
let ipse: Double
let server: Server
let origin: string
const dataDir = mkdtempSync(join(tmpdir(), 'relying-party-'))

before(async () => {
  await build({ configFile: join(import.meta.dirname, '../vite.config.ts'), logLevel: 'error' })
  ipse = await startDouble()
  server = createServer((request, response) => site(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://localhost:${(server.address() as AddressInfo).port}`
  const site = await createSite({
    ipseUrl: ipse.url,
    ipsePublicUrl: ipse.url,
    apiKey: 'ipse_test_key',
    publicUrl: origin,
    dataDir,
    simulatedCamera: false,
  })
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'],
    timeout: PATIENCE_MS,
  })
  browser.on('context', (context) => context.setDefaultTimeout(PATIENCE_MS))
})
after(async () => {
  await browser?.close()
  server?.closeAllConnections()
  server?.close()
  await ipse?.[Symbol.asyncDispose]()
  rmSync(dataDir, { recursive: true, force: true })
})

async function newPage(colorScheme: 'light' | 'dark'): Promise<Page> {
  const page = await browser.newPage({ colorScheme })
  await page.addInitScript(`globalThis.violations = []
    document.addEventListener('securitypolicyviolation', (event) => violations.push(event.violatedDirective))`)
  return page
}

async function faults(page: Page): Promise<string[]> {
  await page.evaluate(AXE)
  return page.evaluate(`axe.run(document, { resultTypes: ['violations'] }).then(({ violations: found }) =>
    found.flatMap(({ id, nodes }) => nodes.map(({ target }) => id + ' ' + target)).concat(violations))`)
}

/** Signs up through the page's own calls, without a capture: the double says yes to everything. */
async function signUp(page: Page, name: string): Promise<void> {
  await page.goto(`${origin}/sign-up`)
  await page.evaluate(
    `(async () => {
      const post = async (path, body) => (await fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body) })).json()
      const { sessionId } = await post('/api/sign-up', { name: '${name}', consent: '${CONSENT_VERSION}' })
      await post('/api/finish', { sessionId })
    })()`,
  )
}

describe('the pages', () => {
  for (const scheme of ['light', 'dark'] as const)
    it(`have no accessibility fault and break no policy, ${scheme}`, async () => {
      const page = await newPage(scheme)
      for (const path of ['/', '/sign-up', '/sign-in', '/deleted', '/nowhere']) {
        await page.goto(origin + path)
        assert.deepEqual(await faults(page), [], path)
      }
      await signUp(page, `Ada ${scheme}`)
      await page.goto(`${origin}/account`)
      assert.deepEqual(await faults(page), [], 'account')
      await page.click('[data-action=delete]')
      assert.deepEqual(await faults(page), [], 'dialog')
      await page.close()
    })

  it('say what is wrong in an alert', async () => {
    const page = await newPage('light')
    await page.goto(`${origin}/sign-in`)
    await page.fill('input[name=name]', 'Nobody')
    await page.click('button[type=submit]')
    await page.locator('.problem', { hasText: 'There is no account of this name' }).waitFor()
    assert.equal(await page.locator('.problem').getAttribute('role'), 'alert')
    assert.deepEqual(await faults(page), [])
    await page.close()
  })

  it('delete the account after a question, by keyboard', async () => {
    const page = await newPage('light')
    await signUp(page, 'Grace')
    await page.goto(`${origin}/account`)
    await page.locator('[data-action=delete]').focus()
    await page.keyboard.press('Enter')
    await page.keyboard.press('Escape')
    assert.equal(await page.locator('dialog').evaluate((dialog: HTMLDialogElement) => dialog.open), false)
    await page.keyboard.press('Enter')
    await page.locator('[data-action=erase]').focus()
    await page.keyboard.press('Enter')
    await page.waitForURL(`${origin}/deleted`)
    await page.goto(`${origin}/account`)
    assert.equal(page.url(), `${origin}/sign-in`)
    await page.close()
  })
})
