/**
 * A backup is one SQLite file with the tables of the store, whichever database it came from, taken while nodes go on
 * writing: it holds one moment. Templates in it are sealed; their keys are a store of their own and make a second file. The
 * keyring is in neither and belongs on another medium.
 */
import { backup, DatabaseSync } from 'node:sqlite'
import { guarded } from '../access.ts'
import { MIGRATIONS } from '../migrations/index.ts'
import { connectTo } from '../postgres/connect.ts'
import { migrate } from '../sqlite/migrate.ts'
import { quoted, type TableShape, tablesOf } from './tables.ts'

/** Where a store is. */
export type StorePlace = { readonly file: string } | { readonly url: string }

/** Hears how much is done of how much, in pages of a file or rows of tables. */
export type BackupProgress = (done: number, total: number) => void

export interface BackupSummary {
  readonly tables: number
  readonly rows: number
}

/** Pages that are copied between two looks at other work. */
const PAGES_A_STEP = 500
/** Rows that are read at once from PostgreSQL. */
const ROWS_A_STEP = 1000

/**
 * @param to a file that does not exist yet; made for its owner only by the caller
 * @param migrations of the store, or of the store of keys
 * @throws IpseError `storage_unavailable`
 */
export function backUp(
  from: StorePlace,
  to: string,
  progress: BackupProgress = () => {},
  migrations: readonly string[] = MIGRATIONS,
): Promise<BackupSummary> {
  return guarded(async () => {
    await ('file' in from
      ? fromSqlite(from.file, to, progress)
      : fromPostgres(from.url, to, progress, migrations))
    return checkBackup(to)
  })
}

async function fromSqlite(file: string, to: string, progress: BackupProgress): Promise<void> {
  const source = new DatabaseSync(file, { readOnly: true })
  try {
    await backup(source, to, {
      rate: PAGES_A_STEP,
      progress: ({ totalPages, remainingPages }) => progress(totalPages - remainingPages, totalPages),
    })
  } finally {
    source.close()
  }
}

async function fromPostgres(
  url: string,
  to: string,
  progress: BackupProgress,
  migrations: readonly string[],
): Promise<void> {
  const client = await connectTo(url)
  const target = new DatabaseSync(to)
  try {
    migrate(target, migrations)
    const tables = tablesOf(target)
    await client.query('begin isolation level repeatable read read only')
    let total = 0
    for (const { name } of tables) {
      const { rows } = await client.query<{ n: number }>(`select count(*) as n from ${quoted(name)}`)
      total += Number(rows[0]?.n)
    }
    let done = 0
    target.exec('begin')
    for (const table of tables) {
      const insert = target.prepare(insertInto(table, () => '?'))
      await client.query(
        `declare copied no scroll cursor for select ${table.columns.map(quoted).join(', ')} from ${quoted(table.name)}`,
      )
      for (;;) {
        const { rows } = await client.query<Record<string, string | number | null | Uint8Array>>(
          `fetch ${ROWS_A_STEP} from copied`,
        )
        if (rows.length === 0) break
        for (const row of rows) insert.run(...table.columns.map((column) => row[column] ?? null))
        done += rows.length
        progress(done, total)
      }
      await client.query('close copied')
    }
    target.exec('commit')
    await client.query('commit')
  } finally {
    target.close()
    await client.end()
  }
}

export function insertInto({ name, columns }: TableShape, parameter: (index: number) => string): string {
  const values = columns.map((_, i) => parameter(i + 1))
  return `insert into ${quoted(name)} (${columns.map(quoted).join(', ')}) values (${values.join(', ')})`
}

/** Reads every page of a backup. @throws Error for a damaged one */
export function checkBackup(file: string): BackupSummary {
  const database = new DatabaseSync(file, { readOnly: true })
  try {
    const result = String(database.prepare('pragma integrity_check').get()?.integrity_check)
    if (result !== 'ok') throw new Error(`the backup is damaged: ${result}`)
    const tables = tablesOf(database)
    const rows = tables.map(({ name }) =>
      Number(database.prepare(`select count(*) as n from ${quoted(name)}`).get()?.n),
    )
    return { tables: tables.length, rows: rows.reduce((sum, n) => sum + n, 0) }
  } finally {
    database.close()
  }
}
