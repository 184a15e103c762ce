/** One Chromium and one page server for a test file, a fresh page for every test, and what tests ask of the page. */
import { after, afterEach, before, beforeEach } from 'node:test'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { type Script, STEPS } from './capture-server.ts'
import { launch } from './chromium.ts'
import { type PageServer, startPageServer } from './page-server.ts'

export const PASS: Script = { steps: STEPS, framesPerStep: 3, outcome: 'pass' }

export interface PageEvent {
  readonly type: string
  readonly index?: number
  readonly code?: string
  readonly retry?: string
  readonly outcome?: string
  readonly attemptsLeft?: number
  readonly progress?: number
}

/** Replaces getUserMedia before the page loads; the streams that were handed out stay reachable. */
export const patched = (body: string) => `
  globalThis.streams = []
  const real = MediaDevices.prototype.getUserMedia
  MediaDevices.prototype.getUserMedia = async function getUserMedia(constraints) {
    ${body}
    const stream = await real.call(this, constraints)
    streams.push(stream)
    return stream
  }`

/** Registers the hooks of a test file; the returned object always speaks of the present test's page. */
export function inPage() {
  let browser: Browser
  let original: string
  const here = {
    page: undefined as unknown as Page,
    server: undefined as unknown as PageServer,
    /** Loads the page, in a context of its own where options are given. */
    async open(init = '', options?: BrowserContextOptions): Promise<void> {
      if (options) await here.renew(() => browser.newPage(options))
      if (init) await here.page.addInitScript(init)
      await here.page.goto(here.server.origin)
      await here.page.waitForFunction(() => 'loaded' in globalThis)
    },
    async renew(make = () => browser.newPage()): Promise<void> {
      await here.page.context().close()
      here.page = await make()
    },
    start: () => here.page.click('ipse-check >> button.primary'),
    phase: (name: string) => here.page.waitForSelector(`ipse-check >> .frame.${name}`),
    events: () => here.page.evaluate('JSON.parse(JSON.stringify(globalThis.events))') as Promise<PageEvent[]>,
    violations: () => here.page.evaluate('globalThis.violations') as Promise<string[]>,
    heading: () => here.page.locator('ipse-check >> .heading').textContent(),
    /** Class, type or name of what has the focus. */
    focused: () =>
      here.page.evaluate(`(() => {
        const inside = document.querySelector('ipse-check').shadowRoot.activeElement
        return inside ? inside.className || inside.type : document.activeElement.localName
      })()`) as Promise<string>,
  }
  before(async () => {
    browser = await launch()
    here.server = await startPageServer(PASS)
    original = here.server.body
  })
  after(async () => {
    await browser?.close()
    await here.server?.[Symbol.asyncDispose]()
  })
  beforeEach(async () => {
    here.server.capture.script = PASS
    here.server.capture.conversations.length = 0
    here.server.body = original
    here.server.headers = {}
    here.page = await browser.newPage()
  })
  afterEach(() => here.page.context().close())
  return here
}
