/** Checks of the installation: settings, data folder, keyring, store. */
import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { IpseError } from '@ipse/protocol'
import { loadKeyring, POLICIES, readStoreState, SETTINGS, type Settings, type StoreState } from '@ipse/server'
import { dataFolder, keyringPassphrase, readSettings, systemClock, systemRandom } from '../installation.ts'
import { loadPolicies } from '../policies.ts'
import { openStore, placeInWords, storePlace } from '../store.ts'
import { type Finding, failure, found } from './finding.ts'

export function checkSettings(named: Readonly<Record<string, string>>): Finding {
  let settings: Settings
  try {
    settings = readSettings(named)
  } catch (error) {
    return failure('settings', error)
  }
  if (settings.server.development)
    return found('warn', 'settings', 'development: policies that accept simulated cameras are allowed', {
      advice: 'You MUST change server.development to false where people rely on the answers.',
    })
  return found('ok', 'settings', `${SETTINGS.length} settings, none in conflict`)
}

/**
 * Every policy file is read as the service would; what was calibrated with another network is found by `serve`. Nothing is
 * found where the settings cannot be read: that is a finding of {@link checkSettings}, and one cause is named once.
 */
export async function checkPolicies(named: Readonly<Record<string, string>>): Promise<Finding[]> {
  let path: string
  try {
    path = readSettings(named).policies.path
  } catch {
    return []
  }
  try {
    const policies = Object.values(await loadPolicies(path))
    const own = policies.filter(({ name }) => !Object.hasOwn(POLICIES, name))
    const names = policies.map(({ name, version }) => `${name}/${version}`)
    const data = { path, own: own.map(({ name }) => name) }
    return [found('ok', 'policies', `${names.join(', ')}; ${own.length} from files`, { data })]
  } catch (error) {
    return [failure('policies', error)]
  }
}

export async function checkFolder(data: string): Promise<Finding[]> {
  const { path } = dataFolder(data)
  const name = 'data folder'
  try {
    const { mode } = await stat(path)
    if (process.platform !== 'win32' && (mode & 0o077) !== 0)
      return [found('fail', name, `others may enter ${path}`, { advice: `Run chmod 700 ${path}.` })]
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK)
    return [found('ok', name, path)]
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [await couldBeMade(path)]
    return [
      found('fail', name, `${path} cannot be read and written`, {
        advice: 'Give it to the user that runs Ipse.',
      }),
    ]
  }
}

async function couldBeMade(path: string): Promise<Finding> {
  for (let above = dirname(path); ; above = dirname(above)) {
    const error = await access(above, constants.W_OK).then(
      () => undefined,
      (cause: NodeJS.ErrnoException) => cause,
    )
    if (error?.code === 'ENOENT' && above !== dirname(above)) continue
    if (error)
      return found('fail', 'data folder', `${path} is not there and cannot be made`, {
        advice: `Give ${above} to the user that runs Ipse, or name another folder with --data.`,
      })
    return found('warn', 'data folder', `${path} is not there yet`, {
      advice: 'The first "ipse serve" makes it.',
    })
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

export async function checkKeyring(data: string): Promise<Finding[]> {
  const { keyring: path } = dataFolder(data)
  if (!(await exists(path))) return []
  try {
    const keyring = await loadKeyring(path, keyringPassphrase())
    const made = new Date(keyring.createdAt).toISOString()
    const detail = `${keyring.signing.length} signing, ${keyring.encryption.length} encryption keys, made ${made}, owner only`
    return [found('ok', 'keyring', detail)]
  } catch (error) {
    return [failure('keyring', error)]
  }
}

/**
 * Looks at the store first, and only then, if it fits, writes and forgets one single-use value. Of settings that cannot be read
 * {@link checkSettings} tells.
 */
export async function checkStore(data: string, named: Readonly<Record<string, string>>): Promise<Finding[]> {
  const { store: path } = dataFolder(data)
  let settings: Settings['store']
  try {
    settings = readSettings(named).store
  } catch {
    return []
  }
  try {
    const place = storePlace(settings, path)
    if ('file' in place && !(await exists(path))) return []
    const state = await readStoreState(place)
    const unfit = misfit(state)
    if (unfit) return [unfit]
    const started = performance.now()
    const store = await openStore(settings, path)
    try {
      await store.check()
      const value = `doctor-${Buffer.from(systemRandom.bytes(16)).toString('hex')}`
      // Expired already, so the next sweep takes it away.
      if (!(await store.useOnce('proof', value, systemClock.now() - 1)))
        throw new IpseError('storage_unavailable', 'a fresh value was refused')
    } finally {
      await store.close()
    }
    const ms = Math.round(performance.now() - started)
    const { database, version } = state
    const detail = `${placeInWords(place)}: ${database}, migration ${version}, opened, read and written in ${ms} ms`
    return [found('ok', 'store', detail, { data: { ms, database, version } })]
  } catch (error) {
    return [failure('store', error)]
  }
}

/** What speaks against opening it: opening would migrate. */
function misfit({ database, version, known, damage }: StoreState): Finding | undefined {
  if (damage !== undefined)
    return found('fail', 'store', `${database} finds damage: ${damage}`, {
      advice: 'Stop the service, keep a copy of the files, and restore the last backup with "ipse restore".',
    })
  if (version > known)
    return found('fail', 'store', `a newer Ipse has migrated it to ${version}, this one knows ${known}`, {
      advice: 'Run the newer version, or restore the backup from before the update.',
    })
  if (version < known)
    return found('warn', 'store', `${database}, migration ${version} of ${known}`, {
      advice: 'The next start migrates it. Run "ipse backup" before: there is no way back.',
    })
  return undefined
}
