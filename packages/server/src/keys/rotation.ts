/**
 * Rotation of the signing keys with an overlap: the new key is published before it signs, the old one as long as anything
 * it signed is valid. Pure.
 */
import { IpseError } from '@ipse/protocol'
import { LONGEST_RECEIPT_S } from '../settings.ts'
import type { Keyring, SigningEntry } from './keyring.ts'
import type { LogKeyEntry } from './log-keys.ts'
import { signerAt } from './signing.ts'

/**
 * Shortest time from publishing a key to signing with it, milliseconds: caches of the key set live for 300 s, a running
 * service looks at its keyring every 5 s, and two clocks may differ.
 */
export const LEAST_LEAD_MS = 360_000
/** Added to the longest receipt: verifiers forgive 60 s, and a decision takes a moment to be signed. Milliseconds. */
const GRACE_MS = 300_000
/** How long a key is published after its last signature: longer than receipts, access tokens and captures live. */
const KEPT_MS = LONGEST_RECEIPT_S * 1000 + GRACE_MS

export type KeyState = 'waiting' | 'signing' | 'retired'

export interface SigningState {
  readonly kid: string
  readonly state: KeyState
  /** Milliseconds since the epoch; absent for the first key. */
  readonly signsFrom?: number
  /** When nothing that it signed is valid any more, milliseconds since the epoch; known once it has a successor. */
  readonly neededUntil?: number
}

/** Of keys that sign one after the other, newest first. */
export function keyStates(
  keys: readonly Pick<SigningEntry, 'signsFrom'>[],
  now: number,
): readonly KeyState[] {
  const signing = signerAt(keys, now) as Pick<SigningEntry, 'signsFrom'>
  const current = keys.indexOf(signing)
  return keys.map((_, at) => (at < current ? 'waiting' : at === current ? 'signing' : 'retired'))
}

/** Newest first. */
export function signingStates(signing: readonly SigningEntry[], now: number): readonly SigningState[] {
  const states = keyStates(signing, now)
  return signing.map(({ kid, signsFrom }, at) => {
    const successor = signing[at - 1]?.signsFrom
    return {
      kid,
      state: states[at] as KeyState,
      ...(signsFrom === undefined ? {} : { signsFrom }),
      ...(successor === undefined ? {} : { neededUntil: successor + KEPT_MS }),
    }
  })
}

/**
 * Adds a key that signs after the lead, and drops those that nobody needs any more.
 * @param now milliseconds since the epoch
 * @param leadMs milliseconds
 * @throws IpseError `invalid_request` for too short a lead, and while a key waits already
 */
export function rotateSigning(keyring: Keyring, entry: SigningEntry, now: number, leadMs: number): Keyring {
  checkLead(leadMs)
  const states = signingStates(keyring.signing, now)
  if (states[0]?.state === 'waiting')
    throw new IpseError('invalid_request', `${states[0].kid} was made already and waits for its time to sign`)
  const kept = keyring.signing.filter((_, at) => (states[at]?.neededUntil ?? now + 1) > now)
  return { ...keyring, signing: [{ ...entry, signsFrom: now + leadMs }, ...kept] }
}

/**
 * Adds a key of the log that signs after the lead. Those that no longer sign keep their public half only, and that for good.
 * @param now milliseconds since the epoch
 * @param leadMs milliseconds
 * @throws IpseError `invalid_request` for too short a lead, and while a key waits already
 */
export function rotateLog(keyring: Keyring, entry: LogKeyEntry, now: number, leadMs: number): Keyring {
  checkLead(leadMs)
  const states = keyStates(keyring.log, now)
  if (states[0] === 'waiting')
    throw new IpseError('invalid_request', 'a key of the log was made already and waits for its time to sign')
  const kept = keyring.log.map(({ seed, ...open }, at) =>
    states[at] === 'retired' || seed === undefined ? open : { ...open, seed },
  )
  return { ...keyring, log: [{ ...entry, signsFrom: now + leadMs }, ...kept] }
}

function checkLead(leadMs: number): void {
  if (!(leadMs >= LEAST_LEAD_MS))
    throw new IpseError('invalid_request', `the lead is shorter than ${LEAST_LEAD_MS / 60_000}m`)
}

/** Drops every key that no longer signs, although receipts of theirs may still be valid. */
export function retireSigning(keyring: Keyring, now: number): Keyring {
  const states = signingStates(keyring.signing, now)
  return { ...keyring, signing: keyring.signing.filter((_, at) => states[at]?.state !== 'retired') }
}
