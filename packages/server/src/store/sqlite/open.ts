/** The embedded store: SQLite in one file, write-ahead log, every commit on the disk before it is answered. */
import { Kysely, sql } from 'kysely'
import { type Access, guarded } from '../access.ts'
import { storeOn } from '../sql-store.ts'
import type { Store } from '../store.ts'
import type { Tables } from '../tables.ts'
import { allowanceTaker } from './allowances.ts'
import { openNodeSqlite } from './dialect.ts'
import { groupedWrites } from './grouped.ts'
import { migrate } from './migrate.ts'

/**
 * Opens, and where needed creates or migrates, the store.
 * @param path file, or `:memory:`
 * @throws IpseError `storage_unavailable`
 */
export async function openSqliteStore(path: string): Promise<Store> {
  const { db, database, takeAllowances } = await guarded(async () => {
    const { dialect, database } = openNodeSqlite(path)
    migrate(database)
    return { db: new Kysely<Tables>({ dialect }), database, takeAllowances: allowanceTaker(database) }
  })
  const grouped = groupedWrites(db)
  const access: Access = {
    db,
    // There is one writer: what follows one another for all does so for one tenant.
    transaction: (_tenant, work) => guarded(() => grouped(work)),
    write: (work) => guarded(() => grouped(work)),
    among: (values) => sql<string>`(select value from json_each(${JSON.stringify(values)}))`,
  }
  return {
    ...storeOn(access),
    // The connection is held meanwhile: no other transaction is open on it.
    takeAllowances: (takes) => guarded(() => db.connection().execute(async () => takeAllowances(takes))),
    close: () =>
      guarded(async () => {
        await db.destroy()
        // Kysely closes only what it has used.
        if (database.isOpen) database.close()
      }),
  }
}
