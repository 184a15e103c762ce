/** The part of the store that keeps what is known of a subject, and forgets it. */
import { type Access, guarded, NEWEST_FIRST, writeAudit } from '../access.ts'
import { fromReference, toReference } from '../rows.ts'
import type { Store } from '../store.ts'

export function subjectStore({
  db,
  transaction,
}: Access): Pick<Store, 'insertReference' | 'listReferences' | 'eraseSubject'> {
  return {
    insertReference: (reference, audit) =>
      transaction(reference.tenant, async (trx) => {
        await trx.insertInto('reference_templates').values(fromReference(reference)).execute()
        await writeAudit(trx, audit)
      }),
    listReferences: (tenant, subject) =>
      guarded(async () => {
        const rows = await db
          .selectFrom('reference_templates')
          .selectAll()
          .where('tenant', '=', tenant)
          .where('subject', '=', subject)
          .orderBy(NEWEST_FIRST)
          .execute()
        return rows.map(toReference)
      }),
    eraseSubject: (tenant, subject, audit) =>
      transaction(tenant, async (trx) => {
        const erase = (table: 'reference_templates' | 'sessions' | 'device_keys') =>
          trx.deleteFrom(table).where('tenant', '=', tenant).where('subject', '=', subject).executeTakeFirst()
        const references = Number((await erase('reference_templates')).numDeletedRows)
        const sessions = Number((await erase('sessions')).numDeletedRows)
        await erase('device_keys')
        await writeAudit(trx, audit)
        const { mac } = audit.subject ?? {}
        if (mac !== undefined) {
          await trx.deleteFrom('standings').where('key', '=', `subject:${mac}`).execute()
          await trx
            .deleteFrom('pseudonyms')
            .where('tenant', '=', tenant)
            .where('subject_mac', '=', mac)
            .execute()
        }
        return { references, sessions }
      }),
  }
}
