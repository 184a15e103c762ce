/** The part of the store that knows what was there before: values that count once, traces of captures. */
import type { Access } from '../access.ts'
import type { Store } from '../store.ts'

export function onceStore({
  write,
  transaction,
  among,
}: Access): Pick<Store, 'useOnce' | 'claim' | 'leaveTraces'> {
  return {
    useOnce: (kind, value, expiresAt) =>
      write(async (trx) => {
        const { numInsertedOrUpdatedRows } = await trx
          .insertInto('used_values')
          .values({ kind, value, expires_at: expiresAt })
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirstOrThrow()
        return numInsertedOrUpdatedRows === 1n
      }),
    claim: (name, value) =>
      write(async (trx) => {
        await trx
          .insertInto('claims')
          .values({ name, value })
          .onConflict((conflict) => conflict.doNothing())
          .execute()
        const { value: first } = await trx
          .selectFrom('claims')
          .select('value')
          .where('name', '=', name)
          .executeTakeFirstOrThrow()
        return first
      }),
    leaveTraces: ({ tenant, sessionId, kept, sought, now, expiresAt }) =>
      transaction(tenant, async (trx) => {
        const rows = kept.map((mac) => ({ tenant, mac, session_id: sessionId, expires_at: expiresAt }))
        if (rows.length > 0)
          await trx
            .insertInto('traces')
            .values(rows)
            .onConflict((conflict) => conflict.doNothing())
            .execute()
        const found = await trx
          .selectFrom('traces')
          .select(['session_id as sessionId', 'mac'])
          .where('tenant', '=', tenant)
          .where('mac', 'in', among(sought))
          .where('session_id', '<>', sessionId)
          .where('expires_at', '>', now)
          .execute()
        return found.map(({ sessionId, mac }) => ({ sessionId, mac }))
      }),
  }
}
