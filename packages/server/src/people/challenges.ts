/**
 * Challenges of passkey ceremonies: made and recognised without a store, so that strangers fill no table, and spent in the
 * store, so that each counts once however many processes serve. 24 random bytes ‖ end (8) ‖ HMAC over both and the purpose.
 */
import { fromBase64url, fromUtf8, toBase64url } from '@ipse/protocol'
import { equalMacs } from '../keys/keys.ts'
import type { PeopleContext } from './context.ts'

const RANDOM_BYTES = 24
const HEAD_BYTES = RANDOM_BYTES + 8
/** As long as a person may look for a key, milliseconds; WebAuthn Level 3 §15.1 recommends 5 to 10 minutes. */
export const CHALLENGE_MS = 300_000

/** What a challenge is for; one that was made for another purpose, invitation or person is not recognised. */
export type Purpose = readonly ['sign-in'] | readonly ['invitation', string] | readonly ['passkey', string]

type Maker = Pick<PeopleContext, 'keys' | 'clock' | 'random'>

export function makeChallenge({ keys, clock, random }: Maker, purpose: Purpose): Uint8Array<ArrayBuffer> {
  const head = Buffer.alloc(HEAD_BYTES)
  head.set(random.bytes(RANDOM_BYTES))
  head.writeBigUInt64BE(BigInt(clock.now() + CHALLENGE_MS), RANDOM_BYTES)
  return new Uint8Array(Buffer.concat([head, fromBase64url(macOf(keys, purpose, head))]))
}

/** The challenge that client data (base64url) answer, when it is ours, for this purpose, and not too old. */
export function challengeIn(
  { keys, clock }: Omit<Maker, 'random'>,
  purpose: Purpose,
  clientData: string,
): Uint8Array | undefined {
  try {
    const { challenge } = JSON.parse(fromUtf8(fromBase64url(clientData))) as { challenge?: unknown }
    const bytes = fromBase64url(String(challenge))
    const head = Buffer.from(bytes.subarray(0, HEAD_BYTES))
    if (head.length !== HEAD_BYTES) return undefined
    const ours = equalMacs(toBase64url(bytes.subarray(HEAD_BYTES)), macOf(keys, purpose, head))
    return ours && head.readBigUInt64BE(RANDOM_BYTES) > BigInt(clock.now()) ? bytes : undefined
  } catch {
    return undefined
  }
}

/** True once for a challenge. */
export function spend(
  { store, clock }: Pick<PeopleContext, 'store' | 'clock'>,
  challenge: Uint8Array,
): Promise<boolean> {
  return store.useOnce('sign-in', toBase64url(challenge), clock.now() + CHALLENGE_MS)
}

function macOf(keys: Maker['keys'], purpose: Purpose, head: Uint8Array): string {
  return keys.mac('person-challenge', [purpose, toBase64url(head)])
}
