/** The part of the store that keeps the public keys of attested devices and their counters. */
import { type Access, guarded } from '../access.ts'
import type { DeviceKeyRecord, Store } from '../store.ts'
import type { Tables } from '../tables.ts'

type DeviceKeyStore = Pick<Store, 'insertDeviceKey' | 'findDeviceKey' | 'listDeviceKeys' | 'advanceDeviceKey'>

export function deviceKeyStore({ db, write }: Access): DeviceKeyStore {
  return {
    insertDeviceKey: ({ publicKey, createdAt, subject = null, ...key }) =>
      write(async (trx) => {
        const { numInsertedOrUpdatedRows } = await trx
          .insertInto('device_keys')
          .values({ ...key, subject, public_key: publicKey, created_at: createdAt })
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirstOrThrow()
        return numInsertedOrUpdatedRows === 1n
      }),
    findDeviceKey: ({ tenant, kind, id }) =>
      guarded(async () => {
        const row = await db
          .selectFrom('device_keys')
          .selectAll()
          .where('tenant', '=', tenant)
          .where('kind', '=', kind)
          .where('id', '=', id)
          .executeTakeFirst()
        return row && toDeviceKey(row)
      }),
    listDeviceKeys: (tenant, subject) =>
      guarded(async () => {
        const rows = await db
          .selectFrom('device_keys')
          .selectAll()
          .where('tenant', '=', tenant)
          .where('subject', '=', subject)
          .orderBy('created_at')
          .orderBy('id')
          .execute()
        return rows.map(toDeviceKey)
      }),
    advanceDeviceKey: ({ tenant, kind, id, counter }, next) =>
      write(async (trx) => {
        const { numUpdatedRows } = await trx
          .updateTable('device_keys')
          .set({ counter: next })
          .where('tenant', '=', tenant)
          .where('kind', '=', kind)
          .where('id', '=', id)
          .where('counter', '=', counter)
          .executeTakeFirst()
        return numUpdatedRows === 1n
      }),
  }
}

function toDeviceKey(row: Tables['device_keys']): DeviceKeyRecord {
  return {
    tenant: row.tenant,
    kind: row.kind as DeviceKeyRecord['kind'],
    id: row.id,
    ...(row.subject === null ? {} : { subject: row.subject }),
    level: row.level as DeviceKeyRecord['level'],
    publicKey: new Uint8Array(row.public_key),
    counter: row.counter,
    createdAt: row.created_at,
  }
}
