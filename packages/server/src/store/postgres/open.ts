/**
 * The store for many nodes: PostgreSQL. READ COMMITTED, and the lock on a tenant's row at the beginning of each of its
 * transactions makes them follow one another, which is what the embedded store has by nature. The subset of SQL is one
 * that CockroachDB and Citus know: no advisory locks but for the migration, no triggers, no sequences in the way.
 */
import { Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import { type Access, guarded } from '../access.ts'
import { storeOn } from '../sql-store.ts'
import type { Store } from '../store.ts'
import type { Tables } from '../tables.ts'
import { takeAllowances } from './allowances.ts'
import { migrate } from './migrate.ts'
import { lockTenant, retried } from './transactions.ts'

export interface PostgresOptions {
  /** postgres://user:password@host:port/database?sslmode=verify-full */
  readonly url: string
  /** Connections of this process; 10 when absent, as `pg` has it. */
  readonly connections?: number
}

/** A statement that takes longer has met a lock that nobody lets go of, milliseconds. */
const STATEMENT_TIMEOUT_MS = 10_000
/** For a connection: a node of the load balancer is asked whether it is ready about as often. */
const CONNECT_TIMEOUT_MS = 5_000
/** A client that holds a transaction open and says nothing, its process stopped or its network gone, loses it. */
const IDLE_TRANSACTION_MS = 10_000

/** Times and counters are below 2⁵³, so numbers keep them. */
const INT8 = 20
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === INT8 && format !== 'binary'
      ? Number
      : pg.types.getTypeParser(oid, format)) as pg.CustomTypesConfig['getTypeParser'],
}

/**
 * Opens, and where needed fills or migrates, the store.
 * @throws IpseError `storage_unavailable`
 */
export async function openPostgresStore({ url, connections = 10 }: PostgresOptions): Promise<Store> {
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_TRANSACTION_MS,
    application_name: 'ipse',
    keepAlive: true,
    types,
  })
  // A connection that dies while nobody uses it is replaced with the next use.
  pool.on('error', () => {})
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
