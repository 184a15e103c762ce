/** Brings an SQLite database to the version that this program knows. */
import type { DatabaseSync } from 'node:sqlite'
import { MIGRATIONS, outstanding } from '../migrations/index.ts'

/** The database's `user_version` says how many migrations were applied. */
export function migrate(database: DatabaseSync, migrations: readonly string[] = MIGRATIONS): void {
  const version = () => Number(database.prepare('pragma user_version').get()?.user_version ?? 0)
  if (outstanding(version(), migrations).length === 0) return
  // The version is read again under the write lock: another process may have migrated meanwhile.
  database.exec('begin immediate')
  try {
    const applied = version()
    const missing = outstanding(applied, migrations)
    for (const step of missing) database.exec(step)
    database.exec(`pragma user_version = ${applied + missing.length}; commit`)
  } catch (error) {
    database.exec('rollback')
    throw error
  }
}
