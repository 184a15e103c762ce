/** Chromium for tests, headless, with or without a fake camera. */
import { type Browser, chromium } from 'playwright-core'

const QUIET = [
  '--no-sandbox',
  '--headless=new',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
]
export const FAKE_CAMERA = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream']

/** What takes longer hangs, milliseconds. Playwright's own 30 seconds are not enough for a busy machine. */
const PATIENCE_MS = 180_000

export async function launch(flags: readonly string[] = FAKE_CAMERA): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [...QUIET, ...flags],
    timeout: PATIENCE_MS,
  })
  return browser.on('context', (context) => context.setDefaultTimeout(PATIENCE_MS))
}
