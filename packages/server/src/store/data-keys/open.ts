/** Opens the store of keys: a second SQLite file, or a second schema or database of PostgreSQL. */
import { Kysely, PostgresDialect } from 'kysely'
import { guarded } from '../access.ts'
import type { DataKeyStore } from '../data-key-records.ts'
import { dataKeyStore } from '../parts/data-keys.ts'
import { postgresAccess } from '../postgres/access.ts'
import { endPool, poolOf } from '../postgres/connect.ts'
import { type Ask, migrate as migratePostgres } from '../postgres/migrate.ts'
import { settle as settlePostgres } from '../postgres/settle.ts'
import { sqliteAccess } from '../sqlite/access.ts'
import { openNodeSqlite } from '../sqlite/dialect.ts'
import { migrate as migrateSqlite } from '../sqlite/migrate.ts'
import { settle as settleSqlite } from '../sqlite/settle.ts'
import type { Tables } from '../tables.ts'
import { KEY_MIGRATIONS } from './migrations.ts'
import { KEYS_SCHEMA } from './place.ts'

export interface OpenDataKeys {
  readonly store: DataKeyStore
  /** As `Store.settle`. */
  settle(): Promise<void>
  close(): Promise<void>
}

/** @throws IpseError `storage_unavailable` */
export function openSqliteKeys(file: string): Promise<OpenDataKeys> {
  return guarded(async () => {
    const { dialect, database } = openNodeSqlite(file)
    migrateSqlite(database, KEY_MIGRATIONS)
    const db = new Kysely<Tables>({ dialect })
    return {
      store: dataKeyStore(sqliteAccess(db)),
      settle: () => settleSqlite(db),
      async close() {
        await db.destroy()
        // Kysely closes only what it has used.
        if (database.isOpen) database.close()
      },
    }
  })
}

/** @throws IpseError `storage_unavailable` */
export function openPostgresKeys(
  url: string,
  connections: number,
  silenceMs?: number,
): Promise<OpenDataKeys> {
  return guarded(async () => {
    await migratePostgres(url, KEY_MIGRATIONS, makeSchema)
    const pool = poolOf(url, connections, silenceMs)
    const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
    return {
      store: dataKeyStore(postgresAccess(db)),
      settle: () => settlePostgres(url),
      async close() {
        await db.destroy()
        await endPool(pool)
      },
    }
  })
}

/** A database of its own has the schema that is there; beside the data, one is made the first time. */
async function makeSchema(ask: Ask): Promise<void> {
  const [row] = await ask('select current_schema() as schema')
  if (!row?.schema) await ask(`create schema ${KEYS_SCHEMA}`)
}
