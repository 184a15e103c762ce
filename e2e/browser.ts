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

export async function openBrowser(options: { camera?: string } = {}): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: options.camera ? [...FLAGS, `--use-file-for-fake-video-capture=${options.camera}`] : FLAGS,
  })
}

/** A browser that writes a profile into the folder, as people's browsers do. */
export async function openProfile(folder: string): Promise<BrowserContext> {
  return chromium.launchPersistentContext(folder, {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: FLAGS,
  })
}

/** Screenshots are for people; they are kept out of version control because they show faces. */
export async function screenshot(page: Page, name: string): Promise<void> {
  const folder = join(ROOT, 'e2e/screenshots')
  mkdirSync(folder, { recursive: true })
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true })
}
