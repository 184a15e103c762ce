/** What the service has answered: everything that must still be so, whatever happens to a node afterwards. */
import type { CreatedSession, CreateSession, createDeviceKey, Outcome, Session } from '@ipse/protocol'

export interface KnownSession {
  /** Its Idempotency-Key. */
  readonly key: string
  readonly wish: CreateSession
  readonly subject?: KnownSubject
  /** The device that captures, always the same. */
  readonly pair: Awaited<ReturnType<typeof createDeviceKey>>
  /** As it was answered; absent while nobody knows whether it was made. */
  created?: CreatedSession
  /** As it was read last. */
  seen?: Session
  /** What the device heard at the end of its last capture. */
  heard?: Outcome
  /** The service said that it is cancelled. */
  cancelled?: boolean
  /** Captures that a kill has cut off. */
  cut: number
  /** One was cut off in its middle: no other may begin, and the session waits for its end. */
  stuck?: boolean
  /** Somebody works on it. */
  busy: boolean
}

export interface KnownSubject {
  readonly name: string
  readonly person: number
  /** Idempotency-Key of its photograph. */
  readonly key: string
  /** The service said that it has the photograph; absent while nobody knows. */
  enrolled?: boolean
  /** Captures of enrolment sessions that passed. */
  captures: number
  /** Captures of enrolment sessions that nobody heard the end of. */
  maybe: number
  erasing: boolean
  /** Receipt of its erasure. */
  erased?: string
  busy: boolean
}

/** A value that counts once. */
export interface KnownValue {
  readonly assertion: string
  /** The service took it; absent while nobody knows. */
  taken?: boolean
}

export interface Ledger {
  readonly sessions: KnownSession[]
  readonly subjects: KnownSubject[]
  readonly values: KnownValue[]
  /** With what somebody has worked since this was emptied. */
  readonly touched: Set<KnownSession | KnownSubject>
  /** What was answered and is not so any more. */
  readonly losses: string[]
  /** Statements about the store that were made and held. */
  checked: number
}

export function newLedger(): Ledger {
  return { sessions: [], subjects: [], values: [], touched: new Set(), losses: [], checked: 0 }
}

/** Holds what is against what was said. */
export function expect(ledger: Ledger, holds: boolean, otherwise: string): void {
  if (holds) ledger.checked++
  else ledger.losses.push(otherwise)
}

/** Takes note of a session as it was read, and of whatever went back since it was read before. */
export function noteSession(ledger: Ledger, session: KnownSession, now: Session): void {
  const { seen, cancelled, heard } = session
  const is = (holds: boolean, otherwise: string) => expect(ledger, holds, `session ${now.id} ${otherwise}`)
  const ended = (view: Session) => view.attempts.filter(({ endedAt }) => endedAt !== undefined)
  if (seen !== undefined) {
    is(now.attempts.length >= seen.attempts.length, `has ${now.attempts.length} attempts, had more`)
    const before = ended(seen)
    is(
      JSON.stringify(ended(now).slice(0, before.length)) === JSON.stringify(before),
      'tells another story of an attempt that had ended',
    )
    is(
      seen.decision === undefined || seen.decision === now.decision,
      `was decided ${seen.decision}, is ${now.decision}`,
    )
    is(seen.receipt === undefined || seen.receipt === now.receipt, 'has another receipt')
    is(!FINAL.has(seen.state) || seen.state === now.state, `was ${seen.state}, is ${now.state}`)
  }
  if (cancelled) is(now.state === 'cancelled', `was cancelled, is ${now.state}`)
  if (heard === 'pass') is(now.state === 'passed' && now.receipt !== undefined, `passed, is ${now.state}`)
  if (heard === 'fail') is(now.state === 'failed' || now.state === 'review', `failed, is ${now.state}`)
  if (heard === 'retry') is(ended(now).length > 0, 'may retry, but no attempt has ended')
  session.seen = now
}

export const FINAL: ReadonlySet<Session['state']> = new Set([
  'passed',
  'failed',
  'review',
  'expired',
  'cancelled',
])
