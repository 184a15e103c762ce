/** Real Chromium through playwright-core, which is a tool of developers and need not be installed. */
import { existsSync } from 'node:fs'
import type { Browser, BrowserType } from 'playwright-core'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--use-fake-ui-for-media-stream',
  '--use-fake-device-for-media-stream',
]

export interface Chromium {
  launch(extra?: readonly string[]): Promise<Browser>
}

/** `CHROMIUM` names another executable. */
export async function findChromium(): Promise<{ chromium: Chromium } | { missing: string }> {
  const type = await loadPlaywright()
  if (!type) return { missing: 'playwright-core is not installed: npm install playwright-core' }
  const executablePath = [process.env.CHROMIUM, ...PLACES].find((path) => path && existsSync(path))
  if (!executablePath) return { missing: 'Chromium was not found: install it or name it in CHROMIUM' }
  return {
    chromium: {
      launch: (extra = []) =>
        type.launch({ executablePath, args: [...FLAGS, ...extra], handleSIGINT: false }),
    },
  }
}

async function loadPlaywright(): Promise<BrowserType | undefined> {
  try {
    return (await import('playwright-core')).chromium
  } catch {
    return undefined
  }
}
