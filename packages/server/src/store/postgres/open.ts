/**
 * The store for many nodes: PostgreSQL. READ COMMITTED, and the lock on a tenant's row at the beginning of each of its
 * transactions makes them follow one another, which is what the embedded store has by nature. The subset of SQL is one
 * that CockroachDB and Citus know: no advisory locks but for the migration, no triggers, no sequences in the way.
 */
import { Kysely, PostgresDialect } from 'kysely'
import { guarded } from '../access.ts'
import { openPostgresKeys } from '../data-keys/open.ts'
import { keysUrlBeside } from '../data-keys/place.ts'
import { storeOn } from '../sql-store.ts'
import type { Store } from '../store.ts'
import type { Tables } from '../tables.ts'
import { postgresAccess } from './access.ts'
import { takeAllowances } from './allowances.ts'
import { endPool, poolOf } from './connect.ts'
import { migrate } from './migrate.ts'
import { settle } from './settle.ts'
import { retried } from './transactions.ts'

/** Keys are written with an enrolment and read with a comparison: much rarer than the rest. */
const CONNECTIONS_PER_KEYS = 5

export interface PostgresOptions {
  /** postgres://user:password@host:port/database?sslmode=verify-full */
  readonly url: string
  /** Connections of this process; 10 when absent, as `pg` has it. */
  readonly connections?: number
  /** After which a silent connection is given up, milliseconds; longer than any statement takes when absent. */
  readonly silenceMs?: number
  /** Where the keys of records are; the same database, in a schema of its own, when absent. */
  readonly keysUrl?: string
}

/**
 * Opens, and where needed fills or migrates, the store.
 * @throws IpseError `storage_unavailable`
 */
export async function openPostgresStore({
  url,
  connections = 10,
  silenceMs,
  keysUrl = keysUrlBeside(url),
}: PostgresOptions): Promise<Store> {
  const pool = poolOf(url, connections, silenceMs)
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
  const keys = await guarded(async () => {
    await migrate(url)
    return openPostgresKeys(keysUrl, Math.ceil(connections / CONNECTIONS_PER_KEYS), silenceMs)
  }).catch(async (error) => {
    await endPool(pool)
    throw error
  })
  return {
    ...storeOn(postgresAccess(db)),
    ...keys.store,
    takeAllowances: (takes) => guarded(() => retried(() => takeAllowances(db, takes))),
    async settle() {
      await keys.settle()
      await settle(url)
    },
    close: () =>
      guarded(async () => {
        await keys.close()
        await db.destroy()
        await endPool(pool)
      }),
  }
}
