/**
 * Allowances in SQLite: one upsert a request. The statement refuses by its condition, so no two processes can both take the
 * last one.
 *
 * A count need not survive a power cut, so this is the one write that does not wait for the disk. It reaches the disk with
 * the next commit that does.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { type AllowanceRow, takenFrom } from '../allowances.ts'
import type { Take, Taken } from '../conduct-records.ts'

const upsert = (rows: number) => `
  insert into allowances (key, most, ends_at, used) values ${Array(rows).fill('(?, ?, ?, 1)').join(', ')}
  on conflict (key) do update set
    used = case when allowances.ends_at < excluded.ends_at then 1 else allowances.used + 1 end,
    ends_at = case when allowances.ends_at < excluded.ends_at then excluded.ends_at else allowances.ends_at end,
    most = excluded.most
  where allowances.ends_at < excluded.ends_at or allowances.used < excluded.most
  returning key, most, ends_at, used`

/** @returns takes from the database; nothing else may be under way on it */
export function allowanceTaker(database: DatabaseSync): (takes: readonly Take[]) => Taken {
  const upserts = new Map<number, StatementSync>()
  const find = database.prepare('select key, most, ends_at, used from allowances where key = ?')
  const takeAll = (takes: readonly Take[]): readonly AllowanceRow[] => {
    const statement = upserts.get(takes.length) ?? database.prepare(upsert(takes.length))
    upserts.set(takes.length, statement)
    const sorted = takes.toSorted((a, b) => (a.key < b.key ? -1 : 1))
    const values = sorted.flatMap(({ key, most, endsAt }) => [key, most, endsAt])
    return statement.all(...values) as unknown as AllowanceRow[]
  }
  /** After a refusal nothing was taken: what was counted in the attempt is read again. */
  const findAll = (key: string) => find.all(key) as unknown as AllowanceRow[]
  const attempt = (takes: readonly Take[]): Taken => {
    database.exec('begin immediate')
    try {
      const rows = takeAll(takes)
      const taken = rows.length === takes.length
      database.exec(taken ? 'commit' : 'rollback')
      return takenFrom(takes, taken ? rows : takes.flatMap(({ key }) => findAll(key)), taken)
    } catch (error) {
      if (database.isTransaction) database.exec('rollback')
      throw error
    }
  }
  return (takes) => {
    if (takes.length === 0) return { taken: true, allowances: [] }
    database.exec('pragma synchronous = normal')
    try {
      return attempt(takes)
    } finally {
      database.exec('pragma synchronous = full')
    }
  }
}
