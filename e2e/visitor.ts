/** What a visitor of the example site does in the browser, and what the relying party's backend sees of it afterwards. */

import type { Session } from '@ipse/protocol'
import type { Page } from 'playwright-core'
import { screenshot } from './browser.ts'
import type { Service } from './service.ts'

/** A capture takes about ten seconds; a browser and an engine on one core take several times that. */
const CHECK_LIMIT_MS = 300_000

export interface Visit {
  readonly kind: 'sign-up' | 'sign-in'
  readonly name: string
  /** A simulated person, or the browser's own camera when absent. */
  readonly person?: string
  /** Prefix of screenshots; none are taken without. */
  readonly shots?: string
  /** Tries again, as people do, while the element offers it. Attackers here get one attempt. */
  readonly patient?: boolean
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
  { kind, name, person, shots, patient }: Visit,
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
  let end = await ending(page)
  while (end === 'retry' && patient) {
    const again = check.getByRole('button', { name: /again/i })
    await again.click()
    await again.waitFor({ state: 'hidden' })
    end = await ending(page)
  }
  await shot(end)
  return { verified: end === 'verified', session: await service.client.getSession(sessionId) }
}

/** Waits until the visitor is signed in, refused, or asked to try again. */
async function ending(page: Page): Promise<'verified' | 'refused' | 'retry'> {
  const timeout = CHECK_LIMIT_MS
  const again = page.locator('ipse-check').getByRole('button', { name: /again/i })
  return Promise.race([
    page.waitForURL('**/account', { timeout }).then(() => 'verified' as const),
    page
      .locator('[data-part=refused]:not([hidden])')
      .waitFor({ timeout })
      .then(() => 'refused' as const),
    again.waitFor({ timeout }).then(() => 'retry' as const),
  ])
}
