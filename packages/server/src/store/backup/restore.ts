/**
 * Puts a backup into an empty store of either kind, in one transaction: all of it or nothing. A backup of an older version
 * is brought to this one first. So this is also the way from the embedded store to PostgreSQL.
 */
import { copyFile, rm } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { IpseError } from '@ipse/protocol'
import { guarded } from '../access.ts'
import { MIGRATIONS } from '../migrations/index.ts'
import { connectTo } from '../postgres/connect.ts'
import { migrate } from '../sqlite/migrate.ts'
import {
  type BackupProgress,
  type BackupSummary,
  checkBackup,
  insertInto,
  type StorePlace,
} from './backup.ts'
import { quoted, type TableShape, tablesOf } from './tables.ts'

/**
 * @param file the backup; is not changed
 * @param to a store that has been opened once and holds nothing
 * @param migrations of the store, or of the store of keys
 * @throws IpseError `invalid_request` for a file that is no sound backup or a store that holds something,
 *   `storage_unavailable`
 */
export async function restore(
  file: string,
  to: StorePlace,
  progress: BackupProgress = () => {},
  migrations: readonly string[] = MIGRATIONS,
): Promise<BackupSummary> {
  const copy = `${file}.restoring`
  await copyFile(file, copy)
  try {
    const summary = sound(copy, migrations)
    const source = new DatabaseSync(copy, { readOnly: true })
    try {
      const target = 'file' in to ? sqliteTarget(to.file) : await postgresTarget(to.url)
      await guarded(() => fill(source, target, summary.rows, progress))
    } finally {
      source.close()
    }
    return summary
  } finally {
    for (const name of [copy, `${copy}-wal`, `${copy}-shm`]) await rm(name, { force: true })
  }
}

function sound(copy: string, migrations: readonly string[]): BackupSummary {
  try {
    const database = new DatabaseSync(copy)
    try {
      migrate(database, migrations)
    } finally {
      database.close()
    }
    return checkBackup(copy)
  } catch (cause) {
    throw new IpseError('invalid_request', 'this file is no sound backup of a store of Ipse', { cause })
  }
}

type Value = string | number | bigint | null | Uint8Array

/** What is filled; `begin` to `end` is one transaction. */
interface Target {
  begin(): Promise<void>
  count(table: TableShape): Promise<number>
  writer(table: TableShape): (values: readonly Value[]) => Promise<unknown>
  end(how: 'commit' | 'rollback'): Promise<void>
  close(): Promise<void>
}

async function fill(
  source: DatabaseSync,
  target: Target,
  total: number,
  progress: BackupProgress,
): Promise<void> {
  const tables = tablesOf(source)
  await target.begin()
  let done = 0
  try {
    for (const table of tables)
      if ((await target.count(table)) > 0)
        throw new IpseError('invalid_request', `the store is not empty: it has rows in ${table.name}`)
    for (const table of tables) {
      const write = target.writer(table)
      for (const row of source.prepare(`select * from ${quoted(table.name)}`).iterate()) {
        await write(table.columns.map((column) => row[column] ?? null))
        if (++done % 1000 === 0) progress(done, total)
      }
    }
    await target.end('commit')
    progress(done, total)
  } catch (error) {
    await target.end('rollback')
    throw error
  } finally {
    await target.close()
  }
}

function sqliteTarget(file: string): Target {
  const database = new DatabaseSync(file)
  return {
    async begin() {
      database.exec('begin immediate')
    },
    count: async ({ name }) => Number(database.prepare(`select count(*) as n from ${quoted(name)}`).get()?.n),
    writer(table) {
      const insert = database.prepare(insertInto(table, () => '?'))
      return async (values) => insert.run(...values)
    },
    async end(how) {
      database.exec(how)
    },
    async close() {
      database.close()
    },
  }
}

async function postgresTarget(url: string): Promise<Target> {
  const client = await guarded(() => connectTo(url))
  return {
    begin: async () => void (await client.query('begin')),
    async count({ name }) {
      const { rows } = await client.query(`select count(*) as n from ${quoted(name)}`)
      return Number(rows[0]?.n)
    },
    writer(table) {
      const text = insertInto(table, (index) => `$${index}`)
      return (values) => client.query({ name: `restore ${table.name}`, text, values: [...values] })
    },
    end: async (how) => void (await client.query(how)),
    close: () => client.end(),
  }
}
