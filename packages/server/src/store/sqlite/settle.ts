/** What the files of an embedded store still hold of deleted rows: pages are overwritten when rows are deleted, the log is not. */
import { type Kysely, sql } from 'kysely'
import { guarded } from '../access.ts'
import type { Tables } from '../tables.ts'

export function settle(db: Kysely<Tables>): Promise<void> {
  return guarded(async () => void (await sql`pragma wal_checkpoint(truncate)`.execute(db)))
}
