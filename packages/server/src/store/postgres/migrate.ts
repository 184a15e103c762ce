/** Brings a PostgreSQL database to the version that this program knows, once, however many nodes start together. */
import { type Kysely, sql } from 'kysely'
import { inPostgres, outstanding } from '../migrations/index.ts'
import type { Tables } from '../tables.ts'

/** "ipse" in ASCII: names the lock that nodes wait for while one of them migrates. */
const MIGRATION_LOCK = 0x69707365

export async function migrate(db: Kysely<Tables>): Promise<void> {
  const known = await sql<{ at: string | null }>`select to_regclass('schema_version') as at`.execute(db)
  if (known.rows[0]?.at && outstanding(await version(db)).length === 0) return
  await db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(${MIGRATION_LOCK})`.execute(trx)
    await sql`create table if not exists schema_version (version bigint not null)`.execute(trx)
    const applied = await version(trx)
    const missing = outstanding(applied)
    for (const step of missing) await sql.raw(inPostgres(step)).execute(trx)
    await sql`delete from schema_version`.execute(trx)
    await sql`insert into schema_version values (${applied + missing.length})`.execute(trx)
  })
}

async function version(db: Kysely<Tables>): Promise<number> {
  const { rows } = await sql<{ version: number }>`select version from schema_version`.execute(db)
  return rows[0]?.version ?? 0
}
