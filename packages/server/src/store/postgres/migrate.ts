/** Brings a PostgreSQL database to the version that this program knows, once, however many nodes start together. */
import { guarded } from '../access.ts'
import { inPostgres, MIGRATIONS, outstanding } from '../migrations/index.ts'
import { connectTo } from './connect.ts'

/** "ipse" in ASCII: names the lock that nodes wait for while one of them migrates. */
const MIGRATION_LOCK = 0x69707365

/** Runs a query and returns its rows. */
export type Ask = (query: string) => Promise<readonly Readonly<Record<string, unknown>>[]>

/**
 * On a connection that may take its time: nodes wait for the one that migrates.
 * @param prepare makes what the tables stand in, under the same lock
 * @throws IpseError `storage_unavailable`
 */
export function migrate(
  url: string,
  migrations: readonly string[] = MIGRATIONS,
  prepare: (ask: Ask) => Promise<void> = async () => {},
): Promise<void> {
  return guarded(async () => {
    const client = await connectTo(url)
    try {
      const ask: Ask = async (query) => (await client.query(query)).rows
      if (outstanding(await versionOf(ask), migrations).length === 0) return
      await ask('begin')
      await ask(`select pg_advisory_xact_lock(${MIGRATION_LOCK})`)
      await prepare(ask)
      await ask('create table if not exists schema_version (version bigint not null)')
      const applied = await versionOf(ask)
      const missing = outstanding(applied, migrations)
      for (const step of missing) await ask(inPostgres(step))
      await ask('delete from schema_version')
      await ask(`insert into schema_version values (${applied + missing.length})`)
      await ask('commit')
    } finally {
      // Whatever was not committed ends with its connection.
      await client.end()
    }
  })
}

/** 0 for a database that Ipse has not met. */
export async function versionOf(ask: Ask): Promise<number> {
  const [known] = await ask("select to_regclass('schema_version') as at")
  if (!known?.at) return 0
  const [row] = await ask('select version from schema_version')
  return Number(row?.version ?? 0)
}
