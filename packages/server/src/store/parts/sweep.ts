/** The part of the store that deletes what has had its time. */
import type { Access } from '../access.ts'
import { OPEN_STATES } from '../rows.ts'
import type { Store } from '../store.ts'
import { sweepPeople } from './people.ts'

export function sweepStore({ write }: Access): Pick<Store, 'sweep'> {
  return {
    sweep: (now, sessionsBefore) =>
      write(async (trx) => {
        const old = await trx
          .deleteFrom('sessions')
          .where('state', 'not in', OPEN_STATES)
          .where('created_at', '<', sessionsBefore)
          .executeTakeFirst()
        const others = [
          await trx.deleteFrom('idempotency').where('expires_at', '<=', now).executeTakeFirst(),
          await trx.deleteFrom('used_values').where('expires_at', '<=', now).executeTakeFirst(),
          await trx.deleteFrom('traces').where('expires_at', '<=', now).executeTakeFirst(),
          await trx.deleteFrom('allowances').where('ends_at', '<=', now).executeTakeFirst(),
          await trx.deleteFrom('standings').where('stale_at', '<=', now).executeTakeFirst(),
          ...(await sweepPeople(trx, now)),
        ]
        return {
          sessions: Number(old.numDeletedRows),
          others: others.reduce((sum, { numDeletedRows }) => sum + Number(numDeletedRows), 0),
        }
      }),
  }
}
