/** `ipse backup`: the whole store in one file, taken while the service runs. */
import { open, rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { IpseError } from '@ipse/protocol'
import { backUp } from '@ipse/server'
import type { Command } from 'commander'
import { type Answer, answering, EXIT, progress } from '../command.ts'
import { fileError } from '../files.ts'
import { type DataFlags, dataFlags, existingFolder, storeSettings } from '../installation.ts'
import { placeInWords, storePlace } from '../store.ts'

export function addBackup(program: Command): void {
  const command = program
    .command('backup')
    .argument('<file>', 'file to make; one that is there is never overwritten')
    .description('write the whole store to one file while nodes go on working')
    .addHelpText(
      'after',
      `
Examples:
  ipse backup /backups/ipse-2026-11-21.sqlite
  IPSE_STORE_URL=postgres://… ipse backup ipse.sqlite

The file is an SQLite database, also for a store in PostgreSQL, and holds one moment. Templates in it stay sealed. The
keyring is not in it: keep a copy of that on another medium, because without it nobody opens the templates.
"ipse restore" puts it into an empty store of either kind. What is erased later is still in older backups: delete
them by the horizon that docs/privacy.md has you choose.`,
    )
  answering(dataFlags(command), run)
}

async function run(file: string, { data }: DataFlags): Promise<Answer> {
  const folder = await existingFolder(data)
  const place = storePlace(storeSettings(), folder.store)
  const path = resolve(file)
  await makeNew(path)
  try {
    const { tables, rows } = await backUp(place, path, (done, total) => progress(done, total, 'backup'))
    return {
      exit: EXIT.done,
      json: { file: path, tables, rows },
      text: `${path}: ${rows} rows of ${tables} tables from ${placeInWords(place)}, read again and sound.`,
    }
  } catch (error) {
    await rm(path, { force: true })
    throw error
  }
}

/** An empty file for its owner only. */
async function makeNew(path: string): Promise<void> {
  try {
    await (await open(path, 'wx', 0o600)).close()
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST')
      throw new IpseError('invalid_request', `${path} is there already: name another file`, { cause })
    throw fileError(path, cause)
  }
}
