/** How every part of the store works on the database: one transaction a method, one kind of error, one audit line. */
import { IpseError } from '@ipse/protocol'
import type { Kysely, Transaction } from 'kysely'
import type { AuditEntry } from './store.ts'
import type { Tables } from './tables.ts'

export type Writer = Kysely<Tables> | Transaction<Tables>

export interface Access {
  readonly db: Kysely<Tables>
  transaction<T>(work: (trx: Transaction<Tables>) => Promise<T>): Promise<T>
}

export function accessTo(db: Kysely<Tables>): Access {
  return { db, transaction: (work) => guarded(() => db.transaction().execute(work)) }
}

/** Runs the store's work; whatever goes wrong below becomes `storage_unavailable`. */
export async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    throw cause instanceof IpseError ? cause : new IpseError('storage_unavailable', undefined, { cause })
  }
}

export function writeAudit(db: Writer, entry: AuditEntry): Promise<unknown> {
  const { id, time, tenant, event, sessionId } = entry
  return db
    .insertInto('audit')
    .values({ id, time, tenant, event, entry: JSON.stringify(entry), session_id: sessionId ?? null })
    .execute()
}
