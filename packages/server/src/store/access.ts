/** How every part of the store works on the database: one transaction a method, one kind of error, one audit line. */
import { IpseError } from '@ipse/protocol'
import { type Expression, type Kysely, sql, type Transaction } from 'kysely'
import { appendEntry } from './append-entry.ts'
import type { AuditDraft } from './audit-records.ts'
import type { LogPlace } from './log-records.ts'
import type { PageQuery } from './store.ts'
import type { Tables } from './tables.ts'

export type Trx = Transaction<Tables>
export type Writer = Kysely<Tables> | Trx
export type Work<T> = (trx: Trx) => Promise<T>

/** What the parts of the store are given; SQLite and PostgreSQL each make one. */
export interface Access {
  readonly db: Kysely<Tables>
  /** All or nothing, on the disk before it is answered; the transactions of one tenant follow one another. */
  transaction<T>(tenant: string, work: Work<T>): Promise<T>
  /** The same for what is exact by its statement alone and belongs to no tenant's order. */
  write<T>(work: Work<T>): Promise<T>
  /** The values as one parameter, for `in`. */
  among(values: readonly string[]): Expression<string>
}

/** Runs the store's work; whatever goes wrong below becomes `storage_unavailable`. */
export async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    throw cause instanceof IpseError ? cause : new IpseError('storage_unavailable', undefined, { cause })
  }
}

/** Appends to the audit log, within the transaction of what it records. */
export async function writeAudit(trx: Trx, draft: AuditDraft): Promise<LogPlace> {
  const { subject, ...rest } = draft
  return appendEntry(
    trx,
    subject === undefined ? rest : { ...rest, subject: await pseudonymOf(trx, draft, subject) },
  )
}

/** What a subject is called in the log: drawn once, and known to nobody when its row is deleted. */
async function pseudonymOf(
  trx: Trx,
  { tenant, time }: AuditDraft,
  { mac, pseudonym }: NonNullable<AuditDraft['subject']>,
): Promise<string> {
  const known = await trx
    .selectFrom('pseudonyms')
    .select('pseudonym')
    .where('tenant', '=', tenant)
    .where('subject_mac', '=', mac)
    .executeTakeFirst()
  if (known) return known.pseudonym
  await trx
    .insertInto('pseudonyms')
    .values({ tenant, subject_mac: mac, pseudonym, created_at: time })
    .execute()
  return pseudonym
}

export const NEWEST_FIRST = sql`created_at desc, id desc`

/** True for what comes after the page's position, newest first. */
export function onPage(after: PageQuery['after'] | undefined): Expression<boolean> {
  return after ? sql<boolean>`(created_at, id) < (${after.createdAt}, ${after.id})` : sql<boolean>`1 = 1`
}
