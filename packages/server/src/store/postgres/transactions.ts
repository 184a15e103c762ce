/** The order of a tenant's transactions in PostgreSQL, and what is tried again. */
import type { Trx } from '../access.ts'

/** Locks the tenant's row until the transaction ends; makes it where there is none. */
export async function lockTenant(trx: Trx, tenant: string): Promise<void> {
  const locked = () =>
    trx.selectFrom('tenants').select('tenant').where('tenant', '=', tenant).forUpdate().executeTakeFirst()
  if (await locked()) return
  await trx
    .insertInto('tenants')
    .values({ tenant })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  await locked()
}

/** serialization_failure, deadlock_detected: nothing was done, and the same may succeed now. */
const AGAIN = new Set(['40001', '40P01'])
/** Tries of a transaction; distributed databases ask for it now and then, one node nearly never. */
const TRIES = 5

export async function retried<T>(work: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await work()
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : ''
      if (tried === TRIES || !AGAIN.has(code)) throw error
    }
  }
}
