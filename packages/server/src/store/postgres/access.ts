/** How the parts of a store work on PostgreSQL. */
import { type Kysely, sql } from 'kysely'
import { type Access, guarded } from '../access.ts'
import type { Tables } from '../tables.ts'
import { lockTenant, retried } from './transactions.ts'

export function postgresAccess(db: Kysely<Tables>): Access {
  return {
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
}
