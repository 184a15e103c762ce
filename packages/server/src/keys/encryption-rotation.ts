/**
 * Rotation of the key-encryption keys of the keyring: the new key is known everywhere before it wraps, the old ones open until
 * nothing is wrapped with them. Pure.
 */
import { IpseError } from '@ipse/protocol'
import { inForceAt } from './in-force.ts'
import type { EncryptionEntry, Keyring } from './keyring.ts'

/** A running service looks at its keyring every 5 s, and two clocks may differ; milliseconds. */
export const LEAST_WRAP_LEAD_MS = 60_000

/**
 * Adds a key that wraps after the lead.
 * @param now milliseconds since the epoch
 * @param leadMs milliseconds
 * @throws IpseError `invalid_request` for too short a lead, and while a key waits already
 */
export function rotateEncryption(
  keyring: Keyring,
  entry: EncryptionEntry,
  now: number,
  leadMs: number,
): Keyring {
  if (!(leadMs >= LEAST_WRAP_LEAD_MS))
    throw new IpseError('invalid_request', `the lead is shorter than ${LEAST_WRAP_LEAD_MS / 60_000}m`)
  const [newest] = keyring.encryption
  if (newest && newest !== wrapperOf(keyring, now))
    throw new IpseError('invalid_request', `${newest.id} was made already and waits for its time to wrap`)
  return { ...keyring, encryption: [{ ...entry, wrapsFrom: now + leadMs }, ...keyring.encryption] }
}

/**
 * Drops a key that no longer wraps. Whoever calls this has made sure that nothing is wrapped with it.
 * @throws IpseError `invalid_request` for the key that wraps, one that waits, and one that is not there
 */
export function dropEncryption(keyring: Keyring, id: string, now: number): Keyring {
  const refuse = (what: string) => new IpseError('invalid_request', what)
  const at = keyring.encryption.findIndex((entry) => entry.id === id)
  if (at < 0) throw refuse(`there is no key-encryption key ${id}`)
  const current = keyring.encryption.indexOf(wrapperOf(keyring, now) as EncryptionEntry)
  if (at === current) throw refuse(`${id} wraps: run "ipse keys rotate-encryption" first`)
  if (at < current) throw refuse(`${id} waits for its time to wrap`)
  return { ...keyring, encryption: keyring.encryption.filter((entry) => entry.id !== id) }
}

/**
 * When a key wrapped last, milliseconds since the epoch; nothing while it still wraps. Until as long after that as traces of
 * captures are kept, it finds captures that are sent again.
 */
export function wrappedUntil(keyring: Keyring, id: string): number | undefined {
  return keyring.encryption[keyring.encryption.findIndex((entry) => entry.id === id) - 1]?.wrapsFrom
}

function wrapperOf({ encryption }: Keyring, now: number): EncryptionEntry | undefined {
  return inForceAt(encryption, ({ wrapsFrom }) => wrapsFrom, now)
}
