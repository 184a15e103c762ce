/** The part of the store that knows who may ask: API keys and registered clients. */
import { type Access, guarded, type Trx, writeAudit } from '../access.ts'
import type { AuditDraft } from '../audit-records.ts'
import { fromApiKey, fromClient, toApiKey, toClient } from '../rows.ts'
import type { ApiKeyRecord, ClientRecord, Store } from '../store.ts'

type CallerStore = Pick<
  Store,
  | 'insertApiKey'
  | 'findApiKey'
  | 'listApiKeys'
  | 'revokeApiKey'
  | 'touchApiKey'
  | 'insertClient'
  | 'findClient'
  | 'findCertificateClient'
  | 'listClients'
  | 'revokeClient'
>

export function callerStore({ db, transaction, write }: Access): CallerStore {
  return {
    insertApiKey: (key, audit, { maxLive, ends } = {}) =>
      transaction(key.tenant, async (trx) => {
        if (maxLive !== undefined && (await liveKeys(trx, key, audit.time)) >= maxLive) return false
        await trx.insertInto('api_keys').values(fromApiKey(key)).execute()
        if (ends)
          await trx
            .updateTable('api_keys')
            .set({ expires_at: ends.at })
            .where('kid', '=', ends.kid)
            .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', ends.at)]))
            .execute()
        await writeAudit(trx, audit)
        return true
      }),
    findApiKey: (kid) =>
      guarded(async () => {
        const row = await db.selectFrom('api_keys').selectAll().where('kid', '=', kid).executeTakeFirst()
        return row && toApiKey(row)
      }),
    listApiKeys: () =>
      guarded(async () => {
        const rows = await db
          .selectFrom('api_keys')
          .selectAll()
          .orderBy('created_at')
          .orderBy('kid')
          .execute()
        return rows.map(toApiKey)
      }),
    revokeApiKey: (kid, audit) =>
      transaction(audit.tenant, async (trx) => {
        const { numUpdatedRows } = await trx
          .updateTable('api_keys')
          .set({ revoked_at: audit.time })
          .where('kid', '=', kid)
          .where('revoked_at', 'is', null)
          .executeTakeFirst()
        return numUpdatedRows > 0n && wrote(trx, audit)
      }),
    touchApiKey: (kid, at) =>
      write(async (trx) => {
        await trx.updateTable('api_keys').set({ last_used_at: at }).where('kid', '=', kid).execute()
      }),

    insertClient: (client, audit) =>
      transaction(client.tenant, async (trx) => {
        if (await liveTwin(trx, client)) return false
        await trx.insertInto('clients').values(fromClient(client)).execute()
        return wrote(trx, audit)
      }),
    findClient: (id) =>
      guarded(async () => {
        const row = await db.selectFrom('clients').selectAll().where('id', '=', id).executeTakeFirst()
        return row && toClient(row)
      }),
    findCertificateClient: (fingerprint, san) =>
      guarded(async () => {
        const live = db.selectFrom('clients').selectAll().where('revoked_at', 'is', null)
        const row =
          (await live.where('fingerprint', '=', fingerprint).executeTakeFirst()) ??
          (san === undefined ? undefined : await live.where('san', '=', san).executeTakeFirst())
        return row && toClient(row)
      }),
    listClients: () =>
      guarded(async () => {
        const rows = await db.selectFrom('clients').selectAll().orderBy('created_at').orderBy('id').execute()
        return rows.map(toClient)
      }),
    revokeClient: (id, audit) =>
      transaction(audit.tenant, async (trx) => {
        const { numUpdatedRows } = await trx
          .updateTable('clients')
          .set({ revoked_at: audit.time })
          .where('id', '=', id)
          .where('revoked_at', 'is', null)
          .executeTakeFirst()
        return numUpdatedRows > 0n && wrote(trx, audit)
      }),
  }
}

async function wrote(trx: Trx, audit: AuditDraft): Promise<true> {
  await writeAudit(trx, audit)
  return true
}

async function liveKeys(trx: Trx, { tenant, name }: ApiKeyRecord, now: number): Promise<number> {
  const rows = await trx
    .selectFrom('api_keys')
    .select('kid')
    .where('tenant', '=', tenant)
    .where('name', '=', name)
    .where('revoked_at', 'is', null)
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', now)]))
    .execute()
  return rows.length
}

async function liveTwin(trx: Trx, { fingerprint, san }: ClientRecord): Promise<boolean> {
  const row = await trx
    .selectFrom('clients')
    .select('id')
    .where('revoked_at', 'is', null)
    .where((eb) => eb.or([eb('fingerprint', '=', fingerprint ?? ''), eb('san', '=', san ?? '')]))
    .executeTakeFirst()
  return row !== undefined
}
