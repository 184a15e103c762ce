/** `ipse restore`: a backup and its keys into an empty store, embedded or PostgreSQL. */
import { access } from 'node:fs/promises'
import { resolve } from 'node:path'
import { IpseError } from '@ipse/protocol'
import { KEY_MIGRATIONS, keysFileBeside, restore, type StorePlace } from '@ipse/server'
import { type Command, Option } from 'commander'
import { type Answer, answering, EXIT, progress } from '../command.ts'
import {
  type DataFlags,
  dataFlags,
  existingFolder,
  openInstallation,
  storeSettings,
} from '../installation.ts'
import { keysPlaceOf, openStore, placeInWords, storePlace } from '../store.ts'

export function addRestore(program: Command): void {
  const command = program
    .command('restore')
    .argument('<file>', 'what "ipse backup" has made')
    .addOption(
      new Option('--keys <file>', 'the keys that were written with it; FILE-keys beside it when absent'),
    )
    .addOption(new Option('--without-keys', 'everything but what opens templates').conflicts('keys'))
    .addHelpText(
      'after',
      `
Examples:
  ipse restore /backups/ipse-2026-11-21.sqlite --data /var/lib/ipse
  IPSE_STORE_URL=postgres://… ipse restore ipse.sqlite    (also the way from the embedded store to PostgreSQL)

The data folder must hold the keyring that the backup was made with, and no store. All of the backup is restored, or
nothing. Stop the service before.`,
    )
  answering(dataFlags(command), run)
}

interface Flags extends DataFlags {
  readonly keys?: string
  readonly withoutKeys?: boolean
}

async function run(file: string, { data, ...flags }: Flags): Promise<Answer> {
  const folder = await existingFolder(data)
  const keysFile = flags.withoutKeys ? undefined : await keysOf(file, flags.keys)
  const settings = storeSettings()
  const place = storePlace(settings, folder.store)
  // Opened once, so that its tables are there.
  await (await openStore(settings, folder.store)).close()
  const { tables, rows } = await restore(file, place, (done, total) => progress(done, total, 'restore'))
  const keys = keysFile === undefined ? 0 : await restoreKeys(keysFile, keysPlaceOf(settings, folder.store))
  await belongsHere(data)
  return {
    exit: EXIT.done,
    json: { store: placeInWords(place), tables, rows, keys },
    text: `${rows} rows of ${tables} tables are in ${placeInWords(place)}, and ${keys} keys in their own store.`,
  }
}

async function restoreKeys(file: string, to: StorePlace): Promise<number> {
  const heard = (done: number, total: number) => progress(done, total, 'keys')
  return (await restore(file, to, heard, KEY_MIGRATIONS)).rows
}

async function keysOf(file: string, given: string | undefined): Promise<string> {
  const path = given ?? keysFileBeside(resolve(file))
  await access(path).catch((cause) => {
    throw new IpseError(
      'invalid_request',
      `${path} with the keys is not there: name it with --keys; --without-keys restores what needs none`,
      { cause },
    )
  })
  return path
}

async function belongsHere(data: string): Promise<void> {
  try {
    await using _installation = await openInstallation(data)
  } catch (cause) {
    throw new IpseError(
      'settings_invalid',
      'everything was restored, but the backup belongs to another keyring: put that one into the data folder',
      { cause },
    )
  }
}
