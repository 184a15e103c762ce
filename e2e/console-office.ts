/** A service with its console, and browsers with virtual authenticators of the people who work there. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { after, before } from 'node:test'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { openBrowser, screenshot } from './browser.ts'
import { ipse, type Service, startService } from './service.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

export interface Worker {
  readonly page: Page
  addAuthenticator(): Promise<void>
}

export interface Office {
  readonly service: Service
  readonly browser: Browser
  /** Everything a page complained of, violations of its policy too; a refusal to somebody who is not signed in is none. */
  readonly problems: string[]
  newBrowser(): Promise<Worker>
  invite(...flags: readonly string[]): Promise<{ readonly id: string; readonly link: string }>
  /** In a browser of its own, signed in by an invitation. */
  arrive(role: string, name: string): Promise<Page>
}

/** Registers the hooks of a test file. */
export function office(): Office {
  const opened = { problems: [] as string[] } as {
    service: Service
    browser: Browser
    readonly problems: string[]
  }
  before(async () => {
    opened.service = await startService()
    opened.browser = await openBrowser()
  })
  after(async () => {
    await opened.browser?.close()
    await opened.service?.[Symbol.asyncDispose]()
  })
  const people: Pick<Office, 'newBrowser' | 'invite' | 'arrive'> = {
    /** A browser of somebody, with an authenticator that asks nobody. */
    async newBrowser() {
      const context: BrowserContext = await opened.browser.newContext({
        viewport: { width: 1100, height: 800 },
      })
      const page = await context.newPage()
      page.on('console', (message) => {
        if (message.type() === 'error' && !/status of 401/.test(message.text()))
          opened.problems.push(message.text())
      })
      page.on('pageerror', (error) => opened.problems.push(String(error)))
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
    },

    async invite(...flags) {
      const { code, stdout, stderr } = await ipse(
        'people',
        'invite',
        ...flags,
        ...[
          '--tenant',
          'example',
          '--data',
          opened.service.dataDir,
          '--set',
          `server.publicUrl=${opened.service.url}`,
          '--json',
        ],
      )
      assert.equal(code, 0, stderr)
      return JSON.parse(stdout)
    },

    async arrive(role, name) {
      const { page } = await people.newBrowser()
      const { link } = await people.invite('--role', role, '--name', name)
      await page.goto(link)
      await page.getByRole('button', { name: 'Create a passkey' }).click()
      await page.getByRole('heading', { name: 'Overview' }).waitFor()
      return page
    },
  }
  return Object.assign(opened, people)
}

/** Faults that axe-core finds, in words. It looks into the element by itself. */
export async function faults(page: Page): Promise<string[]> {
  return page.evaluate(`(() => { ${AXE}; return globalThis.axe.run(document).then(({ violations }) =>
    violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' '))) })()`)
}

/** To a screen by its link; the focus follows. */
export async function go(page: Page, screen: string): Promise<void> {
  await page.getByRole('navigation').getByRole('link', { name: screen }).click()
  await page.locator('h1:focus', { hasText: screen }).waitFor()
}

/** No fault in either, and a picture of each for people. */
export async function inLightAndDark(page: Page, name: string): Promise<void> {
  for (const [colorScheme, suffix] of [
    ['dark', '-dark'],
    ['light', ''],
  ] as const) {
    await page.emulateMedia({ colorScheme })
    assert.deepEqual(await faults(page), [], `${name} ${colorScheme}`)
    await screenshot(page, `${name}${suffix}`)
  }
}
