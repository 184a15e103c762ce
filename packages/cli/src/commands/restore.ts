/** `ipse restore`: a backup into an empty store, embedded or PostgreSQL. */
import { IpseError } from '@ipse/protocol'
import { restore } from '@ipse/server'
import type { Command } from 'commander'
import { type Answer, answering, EXIT, progress } from '../command.ts'
import {
  type DataFlags,
  dataFlags,
  existingFolder,
  openInstallation,
  storeSettings,
} from '../installation.ts'
import { openStore, placeInWords, storePlace } from '../store.ts'

export function addRestore(program: Command): void {
  const command = program
    .command('restore')
    .argument('<file>', 'what "ipse backup" has made')
    .description('put a backup into an empty store')
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

async function run(file: string, { data }: DataFlags): Promise<Answer> {
  const folder = await existingFolder(data)
  const settings = storeSettings()
  const place = storePlace(settings, folder.store)
  // Opened once, so that its tables are there.
  await (await openStore(settings, folder.store)).close()
  const { tables, rows } = await restore(file, place, (done, total) => progress(done, total, 'restore'))
  await belongsHere(data)
  return {
    exit: EXIT.done,
    json: { store: placeInWords(place), tables, rows },
    text: `${rows} rows of ${tables} tables are in ${placeInWords(place)}.`,
  }
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
