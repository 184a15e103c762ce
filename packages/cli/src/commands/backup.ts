/** `ipse backup`: the whole store in one file and its keys in a second one, taken while the service runs. */
import { open, rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { IpseError } from '@ipse/protocol'
import { backUp, KEY_MIGRATIONS, keysFileBeside } from '@ipse/server'
import { type Command, Option } from 'commander'
import { type Answer, answering, EXIT, progress } from '../command.ts'
import { fileError } from '../files.ts'
import { type DataFlags, dataFlags, existingFolder, storeSettings } from '../installation.ts'
import { keysPlaceOf, placeInWords, storePlace } from '../store.ts'

export function addBackup(program: Command): void {
  const command = program
    .command('backup')
    .argument('<file>', 'file to make; one that is there is never overwritten')
    .addOption(new Option('--keys <file>', 'file for the keys of templates; FILE-keys beside it when absent'))
    .addHelpText(
      'after',
      `
Examples:
  ipse backup /backups/ipse-2026-11-21.sqlite
  IPSE_STORE_URL=postgres://… ipse backup ipse.sqlite

Both are SQLite databases, also for a store in PostgreSQL. Templates in the first stay sealed, with keys that are in the
second, which are wrapped with keys that are in neither: keep a copy of the keyring on another medium, because without it
nobody opens the templates. "ipse restore" puts both into an empty store of either kind.
What is erased later opens as long as there is a backup of the keys from before: keep those for days, and the others as
long as you like (docs/vault.md).`,
    )
  answering(dataFlags(command), run)
}

interface Flags extends DataFlags {
  readonly keys?: string
}

async function run(file: string, flags: Flags): Promise<Answer> {
  const folder = await existingFolder(flags.data)
  const settings = storeSettings()
  const place = storePlace(settings, folder.store)
  const path = resolve(file)
  const keysPath = resolve(flags.keys ?? keysFileBeside(path))
  await makeNew(path)
  try {
    await makeNew(keysPath)
    const { tables, rows } = await backUp(place, path, (done, total) => progress(done, total, 'backup'))
    // After the data: whatever record is in the first file, its key is in the second.
    const from = keysPlaceOf(settings, folder.store)
    const heard = (done: number, total: number) => progress(done, total, 'keys')
    const keys = await backUp(from, keysPath, heard, KEY_MIGRATIONS)
    return {
      exit: EXIT.done,
      json: { file: path, tables, rows, keys: { file: keysPath, rows: keys.rows } },
      text: `${path}: ${rows} rows of ${tables} tables from ${placeInWords(place)}, read again and sound.\n${keysPath}: ${keys.rows} keys.`,
    }
  } catch (error) {
    await rm(path, { force: true })
    if (!isTaken(error, keysPath)) await rm(keysPath, { force: true })
    throw error
  }
}

/** Whether the file was somebody's before. */
function isTaken(error: unknown, path: string): boolean {
  return error instanceof IpseError && error.message.startsWith(`${path} is there already`)
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
