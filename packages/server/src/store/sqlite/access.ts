/** How the parts of a store work on SQLite. */
import { type Kysely, sql } from 'kysely'
import { type Access, guarded } from '../access.ts'
import type { Tables } from '../tables.ts'
import { groupedWrites } from './grouped.ts'

export function sqliteAccess(db: Kysely<Tables>): Access {
  const grouped = groupedWrites(db)
  return {
    db,
    // There is one writer: what follows one another for all does so for one tenant.
    transaction: (_tenant, work) => guarded(() => grouped(work)),
    write: (work) => guarded(() => grouped(work)),
    among: (values) => sql<string>`(select value from json_each(${JSON.stringify(values)}))`,
  }
}
