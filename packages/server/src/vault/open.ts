/** The vault as the server has it: over its store, its keyring, and the provider that it was given. */
import { IpseError } from '@ipse/protocol'
import type { Dependencies } from '../deps.ts'
import type { KekProvider } from './kek.ts'
import { localKeks } from './kek-local.ts'
import { createVault, type Vault } from './vault.ts'

type Given = Pick<Dependencies, 'store' | 'keys' | 'clock' | 'random' | 'kek'>

/** The key-encryption keys of the keyring. */
export function keyringKeks({ keys, clock, random }: Omit<Given, 'store' | 'kek'>): KekProvider {
  return localKeks(
    () => keys.encryptionKeys(),
    () => clock.now(),
    (length) => random.bytes(length),
  )
}

export function openVault(given: Given): Vault {
  const { store, keys, clock, random, kek = keyringKeks(given) } = given
  return createVault({
    store,
    kek,
    ownerMac: (tenant, subject) => keys.mac('data-key-owner', [tenant, subject]),
    legacyKek(id) {
      const key = keys.encryptionKeys().find((candidate) => candidate.id === id)
      if (!key) throw new IpseError('internal', 'a template is sealed with a key that the keyring lacks')
      return key
    },
    now: () => clock.now(),
    bytes: (length) => random.bytes(length),
  })
}
