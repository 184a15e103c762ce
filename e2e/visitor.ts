/** What a visitor of the example site does in the browser, and what the relying party's backend sees of it afterwards. */

import type { Session } from '@ipse/protocol'
import type { Page } from 'playwright-core'
import { screenshot } from './browser.ts'
import type { Service } from './service.ts'

/** A capture takes about ten seconds; a browser and an engine on one core take several times that. */
const CHECK_LIMIT_MS = 120_000

export interface Visit {
  readonly kind: 'sign-up' | 'sign-in'
  readonly name: string
  /** A simulated person, or the browser's own camera when absent. */
  readonly person?: string
  /** Prefix of screenshots; none are taken without. */
  readonly shots?: string
}

export interface Seen {
  /** Where the visitor ended: signed in, or refused. */
  readonly verified: boolean
  /** The session as the relying party reads it. */
  readonly session: Session
}

/** Fills in the form, runs the capture and waits for the end of it. */
export async function visit(
  page: Page,
  service: Service,
  { kind, name, person, shots }: Visit,
): Promise<Seen> {
  const shot = async (state: string) => (shots ? screenshot(page, `${shots}-${state}`) : undefined)
  await page.goto(`${service.url}/${kind}`)
  await page.getByLabel('Name').fill(name)
  if (kind === 'sign-up') await page.getByLabel('I agree to this.').check()
  if (person) await page.locator(`input[name=camera][value=${person}]`).check()
  await shot('form')
  const created = page.waitForResponse((response) => response.url().endsWith(`/api/${kind}`))
  await page.getByRole('button', { name: 'Continue' }).click()
  const { sessionId } = (await (await created).json()) as { sessionId: string }
  const check = page.locator('ipse-check')
  await check.getByRole('button', { name: /start/i }).click()
  if (shots) {
    await page.waitForTimeout(1500)
    await shot('capture')
  }
  const end = await Promise.race([
    page.waitForURL('**/account', { timeout: CHECK_LIMIT_MS }).then(() => 'verified' as const),
    page
      .locator('[data-part=refused]:not([hidden])')
      .waitFor({ timeout: CHECK_LIMIT_MS })
      .then(() => 'refused' as const),
    check
      .getByRole('button', { name: /again/i })
      .waitFor({ timeout: CHECK_LIMIT_MS })
      .then(() => 'retry' as const),
  ])
  await shot(end)
  return { verified: end === 'verified', session: await service.client.getSession(sessionId) }
}
