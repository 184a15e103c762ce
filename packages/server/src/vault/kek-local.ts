/**
 * Key-encryption keys in this process: those of the keyring, or those that the environment gave. A key is wrapped with
 * HKDF(key-encryption key, id of the record key), so that no key-encryption key ever nears the bound of random nonces.
 */
import { hkdfSync } from 'node:crypto'
import { concat, fromBase64url, IpseError, utf8 } from '@ipse/protocol'
import { inForceAt } from '../keys/in-force.ts'
import type { EncryptionKey } from '../keys/keys.ts'
import { KEY_BYTES, open, seal } from './envelope.ts'
import type { KekDescription, KekProvider, KeyBinding } from './kek.ts'

export type LocalKek = EncryptionKey

function wrapperAt<T extends Pick<LocalKek, 'wrapsFrom'>>(keks: readonly T[], now: number): T | undefined {
  return inForceAt(keks, ({ wrapsFrom }) => wrapsFrom, now)
}

/** What each of them is for at a moment, newest first. */
export function describeKeks(
  keks: readonly Pick<LocalKek, 'id' | 'wrapsFrom'>[],
  now: number,
): readonly KekDescription[] {
  const current = wrapperAt(keks, now)
  const at = current ? keks.indexOf(current) : -1
  return keks.map(({ id, wrapsFrom }, index) => ({
    id,
    state: index < at ? 'waiting' : index === at ? 'wrapping' : 'opening',
    ...(wrapsFrom === undefined ? {} : { wrapsFrom }),
  }))
}

/**
 * @param keks newest first; asked each time, because a rotation changes them while the service runs
 * @param now milliseconds since the epoch
 * @param bytes returns that many bytes from a CSPRNG
 */
export function localKeks(
  keks: () => readonly LocalKek[],
  now: () => number,
  bytes: (length: number) => Uint8Array,
): KekProvider {
  const current = () => {
    const found = wrapperAt(keks(), now())
    if (!found) throw new IpseError('settings_invalid', 'there is no key-encryption key')
    return found
  }
  return {
    list: async () => describeKeks(keks(), now()),
    current: async () => current().id,
    async wrap(key, binding) {
      const kek = current()
      const wrapped = withWrappingKey(kek, binding, (wrapping) =>
        seal(wrapping, key, aadOf(kek, binding), bytes),
      )
      return { kekId: kek.id, wrapped }
    },
    async unwrap({ kekId, wrapped }, binding) {
      const kek = keks().find(({ id }) => id === kekId)
      if (!kek) throw new IpseError('internal', 'a key is wrapped with a key-encryption key that is not here')
      return withWrappingKey(kek, binding, (wrapping) => open(wrapping, wrapped, aadOf(kek, binding)))
    },
  }
}

function aadOf({ id }: LocalKek, { aad }: KeyBinding): Uint8Array {
  return concat(utf8(`${id}\0`), aad)
}

function withWrappingKey<T>({ secret }: LocalKek, { keyId }: KeyBinding, use: (key: Uint8Array) => T): T {
  const key = new Uint8Array(hkdfSync('sha256', secret, utf8(keyId), utf8('ipse-key-wrap/2'), KEY_BYTES))
  try {
    return use(key)
  } finally {
    key.fill(0)
  }
}

const ENVIRONMENT_KEK = /^([A-Za-z0-9_-]{1,64}):([A-Za-z0-9_-]{43})$/

/**
 * The keys of the setting `kek.keys`: `id:secret`, newest first, separated by commas; a secret is 32 bytes in base64url.
 * @throws IpseError `settings_invalid` that tells no secret
 */
export function parseKeks(text: string): readonly LocalKek[] {
  const keks = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part, index) => {
      const [, id, secret] = ENVIRONMENT_KEK.exec(part) ?? []
      if (id === undefined || secret === undefined)
        throw new IpseError(
          'settings_invalid',
          `kek.keys: entry ${index + 1} is not id:secret with 32 bytes in base64url`,
        )
      return { id, secret: fromBase64url(secret) }
    })
  if (keks.length === 0) throw new IpseError('settings_invalid', 'kek.keys: there is no key')
  if (new Set(keks.map(({ id }) => id)).size < keks.length)
    throw new IpseError('settings_invalid', 'kek.keys: two keys have the same id')
  return keks
}
