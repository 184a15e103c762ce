/** The keyring of a running service: signing keys that were rotated are taken without a restart. */
import { IpseError } from '@ipse/protocol'
import { type KeyringWatch, loadKeyring, watchKeyring } from '@ipse/server'
import { note } from '../command.ts'
import { type Installation, keyringPassphrase } from '../installation.ts'

/** A closed keyring opens with its setting only: nobody is asked while the service runs. */
export function followKeyring({ folder, keys }: Pick<Installation, 'folder' | 'keys'>): KeyringWatch {
  const load = async () => {
    const { given } = keyringPassphrase()
    return loadKeyring(folder.keyring, given === undefined ? {} : { given })
  }
  return watchKeyring(folder.keyring, load, keys, {
    taken: () => note('keyring: read again'),
    refused: (error) => note(`keyring: not taken, the one before stays: ${sentenceOf(error)}`),
  })
}

function sentenceOf(error: unknown): string {
  return error instanceof IpseError ? error.message : 'the file cannot be used'
}
