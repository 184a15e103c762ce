/** The part of the store that keeps what is known of a subject, and forgets it. */
import { sql } from 'kysely'
import { type Access, guarded, NEWEST_FIRST, type Trx, writeAudit } from '../access.ts'
import type { AuditEntry } from '../audit-records.ts'
import type { PrivacyStore } from '../privacy-records.ts'
import { fromReference, toReference } from '../rows.ts'
import type { ReferenceRecord, Store } from '../store.ts'
import { takeConsent, toConsent } from './consents.ts'
import { claim } from './idempotency.ts'

type SubjectStore = Pick<Store, 'insertReference' | 'listReferences' | 'touchReferences'> &
  Pick<PrivacyStore, 'eraseSubject' | 'listSubjectMedia' | 'listSubjectAudit'>

const DAY_MS = 86_400_000

export function subjectStore({ db, transaction }: Access): SubjectStore {
  return {
    insertReference: (reference, audit, consent, idempotency) =>
      transaction(reference.tenant, async (trx) => {
        const earlier = idempotency && (await claim(trx, idempotency, audit.time))
        if (earlier) return earlier
        await writeReference(trx, reference, consent)
        await writeAudit(trx, audit)
        return undefined
      }),
    listReferences: (tenant, subject, { withdrawn } = { withdrawn: false }) =>
      guarded(async () => {
        const standing = sql<boolean>`(consent is null or not exists
          (select 1 from consents
            where tenant = ${tenant} and id = reference_templates.consent and withdrawn_at is not null))`
        const rows = await db
          .selectFrom('reference_templates')
          .selectAll()
          .where('tenant', '=', tenant)
          .where('subject', '=', subject)
          .where(withdrawn ? sql<boolean>`1 = 1` : standing)
          .orderBy(NEWEST_FIRST)
          .execute()
        return rows.map(toReference)
      }),
    touchReferences: (tenant, subject, at) => transaction(tenant, (trx) => noteUse(trx, tenant, subject, at)),
    eraseSubject: (tenant, subject, audit) =>
      transaction(tenant, async (trx) => {
        const { mac = '' } = audit.subject ?? {}
        const proofsKept = await keepProofs(trx, tenant, subject, audit.time)
        const idempotencyKeys = await eraseIdempotency(trx, tenant, subject)
        const erased = {
          ...(await eraseSessions(trx, tenant, subject)),
          idempotencyKeys,
          references: await deleted(
            trx.deleteFrom('reference_templates').where('tenant', '=', tenant).where('subject', '=', subject),
          ),
          authenticators: await deleted(
            trx.deleteFrom('device_keys').where('tenant', '=', tenant).where('subject', '=', subject),
          ),
          standings: await eraseStandings(trx, tenant, mac),
          approvals: await deleted(
            trx.deleteFrom('approvals').where('tenant', '=', tenant).where('target', '=', subject),
          ),
        }
        const place = await writeAudit(trx, { ...audit, erased })
        const pseudonyms = await deleted(
          trx.deleteFrom('pseudonyms').where('tenant', '=', tenant).where('subject_mac', '=', mac),
        )
        return { erased: { ...erased, pseudonyms }, proofsKept, place }
      }),
    listSubjectMedia: (tenant, subject, now) =>
      guarded(async () => {
        const rows = await db
          .selectFrom('media')
          .innerJoin('sessions', (join) =>
            join.onRef('sessions.tenant', '=', 'media.tenant').onRef('sessions.id', '=', 'media.session_id'),
          )
          .select(['session_id', 'n', 'media.created_at', 'media.expires_at'])
          .where('sessions.tenant', '=', tenant)
          .where('subject', '=', subject)
          .where('media.expires_at', '>', now)
          .orderBy('media.created_at')
          .orderBy('n')
          .execute()
        return rows.map((row) => ({
          sessionId: row.session_id,
          n: row.n,
          createdAt: row.created_at,
          expiresAt: row.expires_at,
        }))
      }),
    listSubjectAudit: (tenant, subjectMac, limit) =>
      guarded(async () => {
        const rows = await db
          .selectFrom('audit')
          .innerJoin('pseudonyms', (join) =>
            join
              .onRef('pseudonyms.tenant', '=', 'audit.tenant')
              .onRef('pseudonyms.pseudonym', '=', 'audit.subject'),
          )
          .select('entry')
          .where('audit.tenant', '=', tenant)
          .where('pseudonyms.subject_mac', '=', subjectMac)
          .orderBy('position')
          .limit(limit)
          .execute()
        return rows.map(({ entry }) => JSON.parse(entry) as AuditEntry)
      }),
  }
}

/** @throws IpseError `consent_missing`, `consent_withdrawn` */
export async function writeReference(
  trx: Trx,
  reference: ReferenceRecord,
  consent?: Parameters<typeof takeConsent>[3],
): Promise<void> {
  await takeConsent(trx, reference, reference.createdAt, consent)
  await trx.insertInto('reference_templates').values(fromReference(reference)).execute()
}

/** At most once a day and template: how long ago is counted in days. */
export async function noteUse(trx: Trx, tenant: string, subject: string, at: number): Promise<void> {
  await trx
    .updateTable('reference_templates')
    .set({ last_used_at: at })
    .where('tenant', '=', tenant)
    .where('subject', '=', subject)
    .where('last_used_at', '<', at - DAY_MS)
    .execute()
}

async function deleted(query: {
  executeTakeFirst(): Promise<{ readonly numDeletedRows: bigint } | undefined>
}): Promise<number> {
  return Number((await query.executeTakeFirst())?.numDeletedRows ?? 0)
}

/** What a consent was, without whose: it ends with the erasure at the latest. How many there are. */
async function keepProofs(trx: Trx, tenant: string, subject: string, now: number): Promise<number> {
  const rows = await trx
    .selectFrom('consents')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('subject', '=', subject)
    .execute()
  for (const row of rows) {
    const { version, textSha256, givenAt } = toConsent(row).consent
    await trx
      .updateTable('consents')
      .set({
        subject: null,
        body: JSON.stringify({ version, textSha256, givenAt }),
        withdrawn_at: row.withdrawn_at ?? now,
      })
      .where('tenant', '=', tenant)
      .where('id', '=', row.id)
      .execute()
  }
  return rows.length
}

/** Sessions, and what is keyed to them. */
async function eraseSessions(trx: Trx, tenant: string, subject: string) {
  const ids = trx
    .selectFrom('sessions')
    .select('id')
    .where('tenant', '=', tenant)
    .where('subject', '=', subject)
  const traces = await deleted(
    trx.deleteFrom('traces').where('tenant', '=', tenant).where('session_id', 'in', ids),
  )
  const media = await deleted(
    trx.deleteFrom('media').where('tenant', '=', tenant).where('session_id', 'in', ids),
  )
  const sessions = await deleted(
    trx.deleteFrom('sessions').where('tenant', '=', tenant).where('subject', '=', subject),
  )
  return { sessions, traces, media }
}

/** Keys of the requests that made a session or a reference of the subject; before those are gone. */
async function eraseIdempotency(trx: Trx, tenant: string, subject: string): Promise<number> {
  const made = (table: 'sessions' | 'reference_templates') =>
    trx.selectFrom(table).select('id').where('tenant', '=', tenant).where('subject', '=', subject)
  return deleted(
    trx
      .deleteFrom('idempotency')
      .where('tenant', '=', tenant)
      .where('session_id', 'in', made('sessions').unionAll(made('reference_templates'))),
  )
}

/** The subject's own standing and limits, and its keyed hash in the standings of devices that tried for it. */
async function eraseStandings(trx: Trx, tenant: string, mac: string): Promise<number> {
  if (mac === '') return 0
  await unlinkOldEntries(trx, tenant, mac)
  const own = await deleted(
    trx.deleteFrom('standings').where('tenant', '=', tenant).where('key', '=', `subject:${mac}`),
  )
  await trx.deleteFrom('allowances').where('key', '=', `captures:subject:${mac}`).execute()
  const target = `"target":"${mac}"`
  const others = await trx
    .selectFrom('standings')
    .select(['key', 'body'])
    .where('key', '>=', 'device:')
    .where('key', '<', 'device;')
    .where('tenant', '=', tenant)
    .where('body', 'like', `%${target}%`)
    .execute()
  for (const { key, body } of others) {
    const cut = body.replaceAll(`,${target}`, '').replaceAll(`${target},`, '')
    await trx
      .updateTable('standings')
      .set({ body: cut })
      .where('tenant', '=', tenant)
      .where('key', '=', key)
      .execute()
  }
  return own + others.length
}

/** Entries from before the log named subjects by pseudonym have the keyed hash itself; they prove nothing, so they may change. */
async function unlinkOldEntries(trx: Trx, tenant: string, mac: string): Promise<void> {
  const own = `"subjectMac":"${mac}"`
  await sql`update audit_before set entry = replace(entry, ${own}, '"subjectMac":""')
    where tenant = ${tenant} and entry like ${`%${own}%`}`.execute(trx)
}
