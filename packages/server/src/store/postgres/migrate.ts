/** Brings a PostgreSQL database to the version that this program knows, once, however many nodes start together. */
import { type Kysely, sql } from 'kysely'
import { inPostgres, MIGRATIONS, outstanding } from '../migrations/index.ts'
import type { Tables } from '../tables.ts'

/** "ipse" in ASCII: names the lock that nodes wait for while one of them migrates. */
const MIGRATION_LOCK = 0x69707365

export async function migrate(db: Kysely<Tables>, migrations: readonly string[] = MIGRATIONS): Promise<void> {
  if (outstanding(await version(db), migrations).length === 0) return
  await db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(${MIGRATION_LOCK})`.execute(trx)
    await sql`create table if not exists schema_version (version bigint not null)`.execute(trx)
    const applied = await version(trx)
    const missing = outstanding(applied, migrations)
    for (const step of missing) await sql.raw(inPostgres(step)).execute(trx)
    await sql`delete from schema_version`.execute(trx)
    await sql`insert into schema_version values (${applied + missing.length})`.execute(trx)
  })
}

/** 0 for a database that Ipse has not met. @param ask runs a query and returns its rows */
export async function versionOf(
  ask: (query: string) => Promise<readonly Readonly<Record<string, unknown>>[]>,
): Promise<number> {
  const [known] = await ask("select to_regclass('schema_version') as at")
  if (!known?.at) return 0
  const [row] = await ask('select version from schema_version')
  return Number(row?.version ?? 0)
}

function version(db: Kysely<Tables>): Promise<number> {
  return versionOf(async (query) => (await sql.raw<Record<string, unknown>>(query).execute(db)).rows)
}
