/** What a store is and whether this program fits it, without changing anything: what an operator asks before an update. */
import { DatabaseSync } from 'node:sqlite'
import { guarded } from './access.ts'
import type { StorePlace } from './backup/backup.ts'
import { MIGRATIONS } from './migrations/index.ts'
import { connectTo } from './postgres/connect.ts'
import { versionOf } from './postgres/migrate.ts'

export interface StoreState {
  /** Name and version of the database program. */
  readonly database: string
  /** Migrations that were applied; 0 for an empty database. */
  readonly version: number
  /** Migrations that this program knows. */
  readonly known: number
  /** What the database says of its own files; PostgreSQL is not asked. */
  readonly damage?: string
}

/** @throws IpseError `storage_unavailable` */
export function readStoreState(place: StorePlace): Promise<StoreState> {
  return guarded(() => ('file' in place ? sqliteState(place.file) : postgresState(place.url)))
}

async function sqliteState(file: string): Promise<StoreState> {
  const database = new DatabaseSync(file, { readOnly: true })
  try {
    const one = (sql: string) => Object.values(database.prepare(sql).get() ?? {})[0]
    const check = String(one('pragma quick_check(1)'))
    return {
      database: `SQLite ${one('select sqlite_version()')}`,
      version: Number(one('pragma user_version')),
      known: MIGRATIONS.length,
      ...(check === 'ok' ? {} : { damage: check }),
    }
  } finally {
    database.close()
  }
}

async function postgresState(url: string): Promise<StoreState> {
  const client = await connectTo(url)
  try {
    const { rows } = await client.query<{ version: string }>(
      "select current_setting('server_version') as version",
    )
    return {
      database: `PostgreSQL ${rows[0]?.version}`,
      version: await versionOf(async (sql) => (await client.query(sql)).rows),
      known: MIGRATIONS.length,
    }
  } finally {
    await client.end()
  }
}
