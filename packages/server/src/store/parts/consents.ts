/** The part of the store that keeps consents. Every reference and session that names one is checked against it here. */
import { type Consent, IpseError } from '@ipse/protocol'
import { type Access, guarded, type Trx, writeAudit } from '../access.ts'
import type { PrivacyStore, StoredConsent } from '../privacy-records.ts'
import { OPEN_STATES } from '../rows.ts'
import type { Tables } from '../tables.ts'

type ConsentStore = Pick<PrivacyStore, 'insertConsent' | 'findConsent' | 'listConsents' | 'withdrawConsent'>

export function consentStore({ db, transaction }: Access): ConsentStore {
  return {
    insertConsent: (consent, audit) =>
      transaction(consent.tenant, async (trx) => {
        await writeConsent(trx, consent)
        await writeAudit(trx, audit)
      }),
    findConsent: (tenant, id) =>
      guarded(async () => {
        const row = await db
          .selectFrom('consents')
          .selectAll()
          .where('id', '=', id)
          .where('tenant', '=', tenant)
          .executeTakeFirst()
        return row && toConsent(row)
      }),
    listConsents: (tenant, subject) =>
      guarded(async () => {
        const rows = await db
          .selectFrom('consents')
          .selectAll()
          .where('tenant', '=', tenant)
          .where('subject', '=', subject)
          .orderBy('recorded_at', 'desc')
          .orderBy('id', 'desc')
          .execute()
        return rows.map(toConsent)
      }),
    withdrawConsent: (tenant, id, audit) =>
      transaction(tenant, async (trx) => {
        const { numUpdatedRows } = await trx
          .updateTable('consents')
          .set({ withdrawn_at: audit.time })
          .where('id', '=', id)
          .where('tenant', '=', tenant)
          .where('withdrawn_at', 'is', null)
          .executeTakeFirst()
        if (numUpdatedRows === 0n) return undefined
        // A capture under way finds another version of its session and ends.
        const ended = await trx
          .updateTable('sessions')
          .set(({ eb }) => ({ state: 'cancelled', version: eb('version', '+', 1), ...NO_TEMPLATE }))
          .where('consent', '=', id)
          .where('tenant', '=', tenant)
          .where('state', 'in', OPEN_STATES)
          .executeTakeFirst()
        await writeAudit(trx, audit)
        return { sessionsEnded: Number(ended.numUpdatedRows) }
      }),
  }
}

const NO_TEMPLATE = {
  reference_model: null,
  reference_scheme: null,
  reference_kek_id: null,
  reference_sealed: null,
  reference_wrapped_key: null,
}

export async function writeConsent(trx: Trx, consent: StoredConsent): Promise<void> {
  await trx
    .insertInto('consents')
    .values({
      id: consent.id,
      tenant: consent.tenant,
      subject: consent.subject ?? null,
      body: JSON.stringify(consent.consent),
      recorded_at: consent.recordedAt,
      valid_until: consent.validUntil ?? null,
      withdrawn_at: consent.withdrawnAt ?? null,
    })
    .execute()
}

/**
 * Writes the consent that came along, or makes sure that the one that is named stands.
 * @throws IpseError `consent_missing` for one that is unknown or somebody else's, `consent_withdrawn` for one that has ended
 */
export async function takeConsent(
  trx: Trx,
  resting: { readonly tenant: string; readonly subject?: string; readonly consent?: string },
  now: number,
  fresh?: StoredConsent,
): Promise<void> {
  const { tenant, subject, consent } = resting
  if (consent === undefined) return
  if (fresh) return writeConsent(trx, fresh)
  const row = await trx
    .selectFrom('consents')
    .selectAll()
    .where('id', '=', consent)
    .where('tenant', '=', tenant)
    .executeTakeFirst()
  if (!row || row.subject !== (subject ?? null))
    throw new IpseError('consent_missing', 'no such consent of this subject was recorded')
  if (row.withdrawn_at !== null || (row.valid_until !== null && row.valid_until <= now))
    throw new IpseError('consent_withdrawn')
}

export function toConsent(row: Tables['consents']): StoredConsent {
  return {
    id: row.id,
    tenant: row.tenant,
    ...(row.subject === null ? {} : { subject: row.subject }),
    consent: JSON.parse(row.body) as Consent,
    recordedAt: row.recorded_at,
    ...(row.valid_until === null ? {} : { validUntil: row.valid_until }),
    ...(row.withdrawn_at === null ? {} : { withdrawnAt: row.withdrawn_at }),
  }
}
