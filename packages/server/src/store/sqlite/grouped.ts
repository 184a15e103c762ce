/**
 * Transactions in groups: those that wait at the same time share one commit, and so one wait for the disk. Each stands in
 * a savepoint of its own: one that fails takes nothing of the others with it. None is answered before the commit.
 */
import { type Kysely, sql } from 'kysely'
import type { Trx, Work } from '../access.ts'
import type { Tables } from '../tables.ts'

/** So many share a commit at most: the first of them waits for the last. */
const GROUP = 64

interface Job {
  readonly work: Work<unknown>
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

export function groupedWrites(db: Kysely<Tables>): <T>(work: Work<T>) => Promise<T> {
  const waiting: Job[] = []
  let busy = false

  const attempt = async (trx: Trx, { work, resolve, reject }: Job) => {
    await sql`savepoint job`.execute(trx)
    try {
      const value = await work(trx)
      await sql`release job`.execute(trx)
      return () => resolve(value)
    } catch (error) {
      await sql`rollback to job`.execute(trx)
      await sql`release job`.execute(trx)
      return () => reject(error)
    }
  }
  const commit = async (jobs: readonly Job[]) => {
    try {
      const ends = await db.transaction().execute(async (trx) => {
        const all: (() => void)[] = []
        for (const job of jobs) all.push(await attempt(trx, job))
        return all
      })
      for (const end of ends) end()
    } catch (error) {
      for (const { reject } of jobs) reject(error)
    }
  }
  const drain = async () => {
    busy = true
    while (waiting.length > 0) {
      // Whatever else has arrived by now comes along.
      await new Promise((resolve) => setImmediate(resolve))
      await commit(waiting.splice(0, GROUP))
    }
    busy = false
  }
  return <T>(work: Work<T>) =>
    new Promise<T>((resolve, reject) => {
      waiting.push({ work, resolve: resolve as (value: unknown) => void, reject })
      if (!busy) void drain()
    })
}
