/**
 * The ceremony with Ipse, as every relying party writes it: open a session, hand the capture token to the page, and trust
 * nothing but the receipt, verified offline for the very session that this browser was given.
 */
import { randomBytes } from 'node:crypto'
import { type IpseClient, IpseError, type ReceiptClaims, type VerifiedReceipt } from '@ipse/client'
import { type Account, type Accounts, type CheckEntry, newSubject } from './accounts.ts'
import { CONSENT_HASH, CONSENT_VERSION } from './consent.ts'
import { Refusal } from './http.ts'

/** A receipt older than this is not taken, seconds: the page asks right after the capture. */
const RECEIPT_AGE_S = 300
/** A check that nobody finishes is forgotten, milliseconds: sessions live at most ten minutes. */
const PENDING_MS = 900_000

export interface Wanted {
  readonly name: string
  /** Random id of this browser, never of the account. */
  readonly device: string
  readonly simulatedCamera: boolean
}

interface Pending {
  readonly kind: 'sign-up' | 'sign-in'
  readonly name: string
  readonly subject: string
  readonly consentAt: string
  readonly until: number
}

/** What the page needs for `<ipse-check>`. */
export interface StartedCheck {
  readonly sessionId: string
  readonly captureToken: string
  readonly captureUrl: string
  readonly element: { readonly url: string; readonly integrity: string }
}

export interface FinishedCheck {
  readonly account: Account | undefined
  readonly verified: VerifiedReceipt
}

export interface Checks {
  signUp(wanted: Wanted): Promise<{ readonly started: StartedCheck; readonly ticket: string }>
  signIn(wanted: Wanted): Promise<{ readonly started: StartedCheck; readonly ticket: string }>
  /** @param ticket cookie of the browser that began the check. @throws Refusal */
  finish(sessionId: string, ticket: string | undefined): Promise<FinishedCheck>
}

export function createChecks(client: IpseClient, accounts: Accounts, origin: string): Checks {
  const pending = new Map<string, Pending>()

  async function begin(kind: Pending['kind'], subject: string, { name, device, simulatedCamera }: Wanted) {
    const consentAt = new Date().toISOString()
    const created = await client.createSession({
      purpose: kind === 'sign-up' ? 'enrolment' : 'verification',
      subject,
      deviceCorrelationId: device,
      allowedOrigins: [origin],
      ...(kind === 'sign-up'
        ? { consent: { version: CONSENT_VERSION, textSha256: CONSENT_HASH, givenAt: consentAt } }
        : {}),
      ...(simulatedCamera ? { policy: 'demo' } : {}),
    })
    const ticket = randomBytes(32).toString('base64url')
    for (const [key, { until }] of pending) if (until < Date.now()) pending.delete(key)
    pending.set(keyOf(created.id, ticket), { kind, name, subject, consentAt, until: Date.now() + PENDING_MS })
    const { id, captureToken, captureUrl, element } = created
    return { started: { sessionId: id, captureToken, captureUrl, element }, ticket }
  }

  return {
    async signUp(wanted) {
      if (accounts.find(wanted.name))
        throw new Refusal(409, 'This name is taken. Choose another one, or sign in.')
      return begin('sign-up', newSubject(), wanted)
    },

    async signIn(wanted) {
      const account = accounts.find(wanted.name)
      if (!account) throw new Refusal(404, 'There is no account of this name. Sign up first.')
      return begin('sign-in', account.subject, { ...wanted, name: account.name })
    },

    async finish(sessionId, ticket) {
      const key = keyOf(sessionId, ticket ?? '')
      const check = pending.get(key)
      if (!check || check.until < Date.now())
        throw new Refusal(404, 'This check is not known here. Start again.')
      const { receipt } = await client.getSession(sessionId)
      if (!receipt) throw new Refusal(409, 'The check has not ended yet.')
      // Taken out before the receipt is looked at: one session opens the door once.
      pending.delete(key)
      const verified = await client.verifyReceipt(receipt, {
        expectedSession: sessionId,
        expectedPurpose: check.kind === 'sign-up' ? 'enrolment' : 'verification',
        maxAgeSeconds: RECEIPT_AGE_S,
      })
      if (verified.claims.sub !== check.subject) throw new IpseError('receipt_invalid', 'another subject')
      if (!verified.accepted) {
        // The owner of the account sees that somebody was refused.
        if (check.kind === 'sign-in') accounts.note(check.name, entryOf(verified.claims))
        return { account: undefined, verified }
      }
      return { account: await admit(check, verified.claims), verified }
    },
  }

  async function admit(check: Pending, claims: VerifiedReceipt['claims']): Promise<Account> {
    const entry = entryOf(claims)
    if (check.kind === 'sign-up') {
      if (accounts.find(check.name)) {
        await client.deleteSubject(check.subject)
        throw new Refusal(
          409,
          'This name was taken meanwhile. Your template has been deleted; choose another name.',
        )
      }
      accounts.add({
        name: check.name,
        subject: check.subject,
        createdAt: entry.at,
        consent: { version: CONSENT_VERSION, givenAt: check.consentAt },
        checks: [entry],
      })
    } else accounts.note(check.name, entry)
    const account = accounts.find(check.name)
    if (account?.subject !== check.subject) throw new Refusal(409, 'The account has changed. Start again.')
    return account
  }
}

function entryOf(claims: ReceiptClaims): CheckEntry {
  return { at: new Date().toISOString(), claims }
}

function keyOf(sessionId: string, ticket: string): string {
  return `${sessionId} ${ticket}`
}
