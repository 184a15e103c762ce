/** Dead rows stay in their pages until tables are rewritten, and in the write-ahead log until it is begun anew. */
import { type Kysely, sql } from 'kysely'
import { guarded } from '../access.ts'
import type { Tables } from '../tables.ts'

export function settle(db: Kysely<Tables>): Promise<void> {
  return guarded(() =>
    db.connection().execute(async (connection) => {
      // Tables are rewritten whole, however long that takes.
      await sql`set statement_timeout = 0`.execute(connection)
      try {
        await sql`vacuum full`.execute(connection)
        await sql`select pg_switch_wal()`.execute(connection)
        await sql`checkpoint`.execute(connection)
      } finally {
        await sql`reset statement_timeout`.execute(connection)
      }
    }),
  )
}
