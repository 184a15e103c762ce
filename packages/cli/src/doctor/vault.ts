/** Check of what wraps the keys of templates: it answers, wraps and unwraps, and nothing needs a key that is not there. */
import {
  checkKek,
  type Keys,
  kekUses,
  loadKeyring,
  openKeys,
  readStoreState,
  type Settings,
} from '@ipse/server'
import { dataFolder, keyringPassphrase, readSettings, systemRandom } from '../installation.ts'
import { openKek } from '../kek.ts'
import { openStore, storePlace } from '../store.ts'
import { type Finding, failure, found } from './finding.ts'

const NAME = 'key-encryption key'

/** Nothing is found where settings, keyring or store are not there or not right: others say so, and one cause is named once. */
export async function checkVault(data: string, named: Readonly<Record<string, string>>): Promise<Finding[]> {
  const folder = dataFolder(data)
  let settings: Settings
  let keys: Keys
  try {
    settings = readSettings(named)
    keys = await openKeys(await loadKeyring(folder.keyring, keyringPassphrase()))
    const { version, known } = await readStoreState(storePlace(settings.store, folder.store))
    if (version !== known) return []
  } catch {
    return []
  }
  try {
    const kek = await openKek(settings.kek, keys)
    const store = await openStore(settings.store, folder.store)
    try {
      const kekId = await checkKek(kek, systemRandom.bytes)
      const uses = await kekUses(store, kek)
      const lost = uses.filter(({ state }) => state === 'missing')
      const count = uses.reduce((sum, { keys: wrappedKeys }) => sum + wrappedKeys, 0)
      if (lost.length > 0)
        return [
          found(
            'fail',
            NAME,
            `${lost.map(({ id, keys: n }) => `${n} keys need ${id}`).join(', ')}, which is not there`,
            {
              advice:
                'Put the keyring, or the provider, back that had it: without it these templates never open.',
            },
          ),
        ]
      return [found('ok', NAME, `${settings.kek.provider}: ${kekId} wraps; ${count} keys are wrapped`)]
    } finally {
      kek.close?.()
      await store.close()
    }
  } catch (error) {
    return [failure(NAME, error)]
  }
}
