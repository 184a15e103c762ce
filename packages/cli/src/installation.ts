/**
 * An installation: the data folder with keyring and store, and the settings. Made at the first start, readable by its
 * owner only; nothing of Ipse lives outside it.
 */
import { readFileSync } from 'node:fs'
import { mkdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { IpseError } from '@ipse/protocol'
import {
  type Clock,
  createSystemRandom,
  type Keys,
  loadOrCreateKeyring,
  openKeys,
  type Passphrase,
  parseSettings,
  type Random,
  SETTINGS,
  type Settings,
  type Store,
} from '@ipse/server'
import { type Command, InvalidArgumentError } from 'commander'
import { askHidden } from './ask-hidden.ts'
import { fileError } from './files.ts'
import { openStore } from './store.ts'

export const DEFAULT_DATA_DIR = '.ipse'

export const systemClock: Clock = { now: () => Date.now(), monotonicMs: () => performance.now() }
export const systemRandom: Random = createSystemRandom()

export interface DataFolder {
  readonly path: string
  readonly keyring: string
  readonly store: string
  /** The example site's API key, in development. */
  readonly siteKey: string
  /** The example site's own files, in development. */
  readonly site: string
}

export function dataFolder(given: string): DataFolder {
  const path = resolve(given)
  return {
    path,
    keyring: join(path, 'keyring.json'),
    store: join(path, 'ipse.sqlite'),
    siteKey: join(path, 'site-key'),
    site: join(path, 'site'),
  }
}

export interface DataFlags {
  readonly data: string
}

export function dataFlags(command: Command): Command {
  return command.option('--data <folder>', 'data folder: keyring and store', DEFAULT_DATA_DIR)
}

export interface SettingFlags {
  readonly set: Readonly<Record<string, string>>
}

/** Collects `--set name=value`. */
export function settingFlags(command: Command): Command {
  const collect = (text: string, earlier: Record<string, string>) => {
    const at = text.indexOf('=')
    if (at < 1) throw new InvalidArgumentError('It must be name=value.')
    return { ...earlier, [text.slice(0, at)]: text.slice(at + 1) }
  }
  return command.option(
    '--set <name=value>',
    'a setting, see docs/reference/settings.md; repeatable',
    collect,
    {},
  )
}

/**
 * Settings from the environment; `--set` and the command's own flags win. The only reader of the environment.
 * @throws IpseError `settings_invalid` listing every problem
 */
export function readSettings(named: Readonly<Record<string, string | undefined>> = {}): Settings {
  return parseSettings({
    environment: process.env,
    named,
    readFile: (path) => readFileSync(path, 'utf8'),
  })
}

/** Whether a setting was given at all, so that a command may choose another default. */
export function isGiven(
  name: string,
  env: string,
  named: Readonly<Record<string, string | undefined>>,
): boolean {
  return named[name] !== undefined || process.env[env] !== undefined
}

export interface Installation extends AsyncDisposable {
  readonly folder: DataFolder
  readonly keys: Keys
  readonly store: Store
  /** The keyring was made just now. */
  readonly created: boolean
}

let answered: Promise<string> | undefined

/**
 * What opens a closed keyring: its setting, whatever the others say, or whoever sits at the terminal, asked once a command.
 * @throws IpseError `settings_invalid` when the file with the passphrase cannot be read
 */
export function keyringPassphrase(): Passphrase {
  const { keyring } = environment('IPSE_KEYRING_PASSPHRASE', 'IPSE_KEYRING_PASSPHRASE_FILE')
  return { given: keyring.passphrase, ask: askOnce }
}

function askOnce(): Promise<string> {
  answered ??= askHidden('Passphrase of the keyring: ')
  return answered
}

/** Settings from these variables alone, whatever the others say: every command needs them. */
function environment(...names: readonly string[]): Settings {
  return parseSettings({
    environment: Object.fromEntries(names.map((name) => [name, process.env[name]])),
    readFile: (path) => readFileSync(path, 'utf8'),
  })
}

/** All settings of a group. */
function ofGroup(group: keyof Settings): Settings {
  const rows = SETTINGS.filter(({ name }) => name.startsWith(`${group}.`))
  return environment(...rows.flatMap(({ env }) => [env, `${env}_FILE`]))
}

export function kekSettings(): Settings['kek'] {
  return ofGroup('kek').kek
}

export function retentionSettings(): Settings['retention'] {
  return ofGroup('retention').retention
}

export function storeSettings(): Settings['store'] {
  return ofGroup('store').store
}

/** @throws IpseError `invalid_request` when there is none; commands that only read must not make one */
export async function openExistingInstallation(given: string): Promise<Installation> {
  await existingFolder(given)
  return openInstallation(given)
}

/** @throws IpseError `invalid_request` when it is none */
export async function existingFolder(given: string): Promise<DataFolder> {
  const folder = dataFolder(given)
  await stat(folder.keyring).catch((cause) => {
    throw new IpseError(
      'invalid_request',
      `${folder.path} is no data folder of Ipse: "ipse serve" or "ipse keys create" makes one`,
      { cause },
    )
  })
  return folder
}

/**
 * @param settings where the store is; the environment says it when absent
 * @throws IpseError `settings_invalid`, also for the keyring of another installation; `storage_unavailable`
 */
export async function openInstallation(
  given: string,
  settings: Settings['store'] = storeSettings(),
): Promise<Installation> {
  const folder = dataFolder(given)
  await makePrivateFolder(folder.path)
  const { keyring, created } = await loadOrCreateKeyring(
    folder.keyring,
    systemRandom.bytes,
    systemClock.now(),
    keyringPassphrase(),
  )
  const keys = await openKeys(keyring)
  const store = await openStore(settings, folder.store)
  const mine = keys.mac('installation', null)
  if ((await store.claim('keyring', mine)) !== mine) {
    await store.close()
    throw new IpseError(
      'settings_invalid',
      `the store was made with another keyring than ${folder.keyring}: every node needs a copy of the same one`,
    )
  }
  return { folder, keys, store, created, [Symbol.asyncDispose]: () => store.close() }
}

/** Makes the folder for the owner only; an existing one that others may enter is refused, not silently changed. */
export async function makePrivateFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 })
    const { mode } = await stat(path)
    if (process.platform !== 'win32' && (mode & 0o077) !== 0)
      throw new IpseError('settings_invalid', `others may enter the folder: run chmod 700 ${path}`)
  } catch (cause) {
    throw cause instanceof IpseError ? cause : fileError(path, cause)
  }
}
