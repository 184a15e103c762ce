/** Debian's Chromium, headless, with a camera from a file where one is given. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { ROOT } from './service.ts'

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--use-fake-ui-for-media-stream',
  '--use-fake-device-for-media-stream',
]

/** What takes longer hangs, milliseconds. Playwright's own 30 seconds are not enough for a busy machine. */
const PATIENCE_MS = 180_000

export async function openBrowser(options: { camera?: string } = {}): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: options.camera ? [...FLAGS, `--use-file-for-fake-video-capture=${options.camera}`] : FLAGS,
    timeout: PATIENCE_MS,
  })
  return browser.on('context', (context) => context.setDefaultTimeout(PATIENCE_MS))
}

/** A browser that writes a profile into the folder, as people's browsers do. */
export async function openProfile(folder: string): Promise<BrowserContext> {
  const context = await chromium.launchPersistentContext(folder, {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: FLAGS,
    timeout: PATIENCE_MS,
  })
  context.setDefaultTimeout(PATIENCE_MS)
  return context
}

/** Screenshots are for people; they are kept out of version control because they show faces. */
export async function screenshot(page: Page, name: string): Promise<void> {
  const folder = join(ROOT, 'e2e/screenshots')
  mkdirSync(folder, { recursive: true })
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true })
}
