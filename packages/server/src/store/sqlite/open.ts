/** The embedded store: SQLite in one file, write-ahead log, every commit on the disk before it is answered. */
import { Kysely } from 'kysely'
import { guarded } from '../access.ts'
import { openSqliteKeys } from '../data-keys/open.ts'
import { keysFileBeside } from '../data-keys/place.ts'
import { storeOn } from '../sql-store.ts'
import type { Store } from '../store.ts'
import type { Tables } from '../tables.ts'
import { sqliteAccess } from './access.ts'
import { allowanceTaker } from './allowances.ts'
import { openNodeSqlite } from './dialect.ts'
import { migrate } from './migrate.ts'
import { settle } from './settle.ts'

/**
 * Opens, and where needed creates or migrates, the store.
 * @param path file, or `:memory:`; the keys of its records are in a second file beside it
 * @throws IpseError `storage_unavailable`
 */
export async function openSqliteStore(path: string): Promise<Store> {
  const { db, database, takeAllowances } = await guarded(async () => {
    const { dialect, database } = openNodeSqlite(path)
    migrate(database)
    return { db: new Kysely<Tables>({ dialect }), database, takeAllowances: allowanceTaker(database) }
  })
  const keys = await openSqliteKeys(keysFileBeside(path))
  return {
    ...storeOn(sqliteAccess(db)),
    ...keys.store,
    // The connection is held meanwhile: no other transaction is open on it.
    takeAllowances: (takes) => guarded(() => db.connection().execute(async () => takeAllowances(takes))),
    async settle() {
      await keys.settle()
      await settle(db)
    },
    close: () =>
      guarded(async () => {
        await keys.close()
        await db.destroy()
        // Kysely closes only what it has used.
        if (database.isOpen) database.close()
      }),
  }
}
