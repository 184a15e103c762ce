/**
 * Requests that are sent twice make one thing: their keys, each with the id of what it made. The column still has the name of
 * the time when that was always a session.
 */
import type { Trx } from '../access.ts'
import type { IdempotencyRecord } from '../store.ts'

/** The record of whoever used the key before, while it stands; nothing when the key is this one's now. */
export async function claim(
  trx: Trx,
  record: IdempotencyRecord,
  now: number,
): Promise<IdempotencyRecord | undefined> {
  const { tenant, key, digest, madeId, expiresAt } = record
  const earlier = await trx
    .selectFrom('idempotency')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('key', '=', key)
    .executeTakeFirst()
  if (earlier && earlier.expires_at > now)
    return { ...record, digest: earlier.digest, madeId: earlier.session_id }
  const row = { digest, session_id: madeId, expires_at: expiresAt }
  await trx
    .insertInto('idempotency')
    .values({ tenant, key, ...row })
    .onConflict((conflict) => conflict.columns(['tenant', 'key']).doUpdateSet(row))
    .execute()
  return undefined
}
