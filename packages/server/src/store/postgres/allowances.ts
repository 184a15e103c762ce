/** Allowances in PostgreSQL: the same upsert, rows in the order of their keys, so that two takes never wait for each other. */
import { type Kysely, sql } from 'kysely'
import { type AllowanceRow, takenFrom } from '../allowances.ts'
import type { Take, Taken } from '../conduct-records.ts'
import type { Tables } from '../tables.ts'

class UsedUp extends Error {}

/** A count need not survive a power cut: the answer does not wait for the disk. */
export async function takeAllowances(db: Kysely<Tables>, takes: readonly Take[]): Promise<Taken> {
  if (takes.length === 0) return { taken: true, allowances: [] }
  const sorted = takes.toSorted((a, b) => (a.key < b.key ? -1 : 1))
  const values = sql.join(sorted.map(({ key, most, endsAt }) => sql`(${key}, ${most}, ${endsAt}, 1)`))
  try {
    const rows = await db.transaction().execute(async (trx) => {
      await sql`set local synchronous_commit = off`.execute(trx)
      const { rows } = await sql<AllowanceRow>`
        insert into allowances (key, most, ends_at, used) values ${values}
        on conflict (key) do update set
          used = case when allowances.ends_at < excluded.ends_at then 1 else allowances.used + 1 end,
          ends_at = greatest(allowances.ends_at, excluded.ends_at),
          most = excluded.most
        where allowances.ends_at < excluded.ends_at or allowances.used < excluded.most
        returning key, most, ends_at, used`.execute(trx)
      if (rows.length < takes.length) throw new UsedUp()
      return rows
    })
    return takenFrom(takes, rows, true)
  } catch (error) {
    if (!(error instanceof UsedUp)) throw error
    const keys = takes.map(({ key }) => key)
    const rows = await db.selectFrom('allowances').selectAll().where('key', 'in', keys).execute()
    return takenFrom(takes, rows, false)
  }
}
