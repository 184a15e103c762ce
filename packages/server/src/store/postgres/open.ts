/**
 * The store for many nodes: PostgreSQL. READ COMMITTED, and the lock on a tenant's row at the beginning of each of its
 * transactions makes them follow one another, which is what the embedded store has by nature. The subset of SQL is one
 * that CockroachDB and Citus know: no advisory locks but for the migration, no triggers, no sequences in the way.
 */
import { Kysely, PostgresDialect, sql } from 'kysely'
import { type Access, guarded } from '../access.ts'
import { storeOn } from '../sql-store.ts'
import type { Store } from '../store.ts'
import type { Tables } from '../tables.ts'
import { takeAllowances } from './allowances.ts'
import { poolOf } from './connect.ts'
import { migrate } from './migrate.ts'
import { lockTenant, retried } from './transactions.ts'

export interface PostgresOptions {
  /** postgres://user:password@host:port/database?sslmode=verify-full */
  readonly url: string
  /** Connections of this process; 10 when absent, as `pg` has it. */
  readonly connections?: number
}

/**
 * Opens, and where needed fills or migrates, the store.
 * @throws IpseError `storage_unavailable`
 */
export async function openPostgresStore({ url, connections = 10 }: PostgresOptions): Promise<Store> {
  const pool = poolOf(url, connections)
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
  await guarded(() => migrate(db)).catch(async (error) => {
    await db.destroy()
    throw error
  })
  const access: Access = {
    db,
    transaction: (tenant, work) =>
      guarded(() =>
        retried(() =>
          db.transaction().execute(async (trx) => {
            await lockTenant(trx, tenant)
            return work(trx)
          }),
        ),
      ),
    write: (work) => guarded(() => retried(() => db.transaction().execute(work))),
    among: (values) => sql<string>`(select unnest(${[...values]}::text[]))`,
  }
  return {
    ...storeOn(access),
    takeAllowances: (takes) => guarded(() => retried(() => takeAllowances(db, takes))),
    close: () => guarded(() => db.destroy()),
  }
}
