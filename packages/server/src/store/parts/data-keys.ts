/** The store of keys in SQL. It works on a database, or at least a schema, of its own. */
import { type Access, guarded } from '../access.ts'
import type { DataKeyRecord, DataKeyStore } from '../data-key-records.ts'
import type { Tables } from '../tables.ts'

/** Either moment makes a key due. */
const DUE = ['expires_at', 'check_at'] as const

export function dataKeyStore({ db, write, among }: Omit<Access, 'transaction'>): DataKeyStore {
  return {
    insertDataKey: (key) =>
      write(async (trx) => void (await trx.insertInto('data_keys').values(fromDataKey(key)).execute())),
    findDataKey: (id) =>
      guarded(async () => {
        const row = await db.selectFrom('data_keys').selectAll().where('id', '=', id).executeTakeFirst()
        return row && toDataKey(row)
      }),
    rewrapDataKey: (id, before, { kekId, wrapped }) =>
      write(async (trx) => {
        const { numUpdatedRows } = await trx
          .updateTable('data_keys')
          .set({ kek_id: kekId, wrapped })
          .where('id', '=', id)
          .where('kek_id', '=', before)
          .executeTakeFirst()
        return numUpdatedRows === 1n
      }),
    listDataKeysNotOf: (kekId, { after = '', limit }) =>
      guarded(async () => {
        const rows = await db
          .selectFrom('data_keys')
          .selectAll()
          .where('kek_id', '<>', kekId)
          .where('id', '>', after)
          .orderBy('id')
          .limit(limit)
          .execute()
        return rows.map(toDataKey)
      }),
    countDataKeys: () =>
      guarded(async () => {
        const rows = await db
          .selectFrom('data_keys')
          .select((eb) => ['kek_id', eb.fn.countAll<number>().as('keys')])
          .groupBy('kek_id')
          .execute()
        return new Map(rows.map(({ kek_id, keys }) => [kek_id, Number(keys)]))
      }),
    deleteDataKeys: (ids) =>
      write(async (trx) => {
        const { numDeletedRows } = await trx
          .deleteFrom('data_keys')
          .where('id', 'in', among(ids))
          .executeTakeFirst()
        return Number(numDeletedRows)
      }),
    shredDataKeys: (tenant, owner) =>
      write(async (trx) => {
        const { numDeletedRows } = await trx
          .deleteFrom('data_keys')
          .where('tenant', '=', tenant)
          .where('owner', '=', owner)
          .executeTakeFirst()
        return Number(numDeletedRows)
      }),
    checkDataKeys: (ids, checkAt) =>
      write(async (trx) => {
        await trx.updateTable('data_keys').set({ check_at: checkAt }).where('id', 'in', among(ids)).execute()
      }),
    listDueDataKeys: (now, limit) =>
      guarded(async () => {
        const found: DataKeyRecord[] = []
        for (const moment of DUE) {
          const rows = await db
            .selectFrom('data_keys')
            .selectAll()
            .where(moment, '<=', now)
            .orderBy(moment)
            .limit(limit - found.length)
            .execute()
          found.push(...rows.map(toDataKey))
        }
        return found
      }),
  }
}

function fromDataKey(key: DataKeyRecord): Tables['data_keys'] {
  return {
    id: key.id,
    tenant: key.tenant,
    owner: key.owner,
    kek_id: key.kekId,
    wrapped: key.wrapped,
    created_at: key.createdAt,
    expires_at: key.expiresAt ?? null,
    check_at: key.checkAt ?? null,
  }
}

function toDataKey(row: Tables['data_keys']): DataKeyRecord {
  return {
    id: row.id,
    tenant: row.tenant,
    owner: row.owner,
    kekId: row.kek_id,
    wrapped: new Uint8Array(row.wrapped),
    createdAt: row.created_at,
    ...(row.expires_at === null ? {} : { expiresAt: row.expires_at }),
    ...(row.check_at === null ? {} : { checkAt: row.check_at }),
  }
}
