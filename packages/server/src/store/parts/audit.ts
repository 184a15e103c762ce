/** The part of the store that reads and appends to the audit trail. */
import { type Access, guarded, writeAudit } from '../access.ts'
import type { LoggedEntry } from '../audit-records.ts'
import type { Store } from '../store.ts'

export function auditStore({
  db,
  transaction,
}: Access): Pick<Store, 'appendAudit' | 'listAudit' | 'listSessionAudit'> {
  const entries = db.selectFrom('audit').select('entry').orderBy('position')
  const parsed = (rows: readonly { readonly entry: string }[]) =>
    rows.map(({ entry }) => JSON.parse(entry) as LoggedEntry)
  return {
    appendAudit: (entry) => transaction(entry.tenant, (trx) => writeAudit(trx, entry)),
    listAudit: (tenant, limit) =>
      guarded(async () => parsed(await entries.where('tenant', '=', tenant).limit(limit).execute())),
    listSessionAudit: (tenant, sessionId, limit) =>
      guarded(async () =>
        parsed(
          await entries
            .where('session_id', '=', sessionId)
            .where('tenant', '=', tenant)
            .limit(limit)
            .execute(),
        ),
      ),
  }
}
