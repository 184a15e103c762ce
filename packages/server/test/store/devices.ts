/** What every store must do with keys of devices. */
import assert from 'node:assert/strict'
import type { DeviceKeyRecord } from '../../src/store/store.ts'
import type { Check } from './contract.ts'
import { anAudit, unique } from './records.ts'

export function devices(check: Check): void {
  check(
    'keeps a key of a device once, moves its counter once, and forgets it with its subject',
    async (store) => {
      const key: DeviceKeyRecord = {
        tenant: 'shop',
        kind: 'webauthn',
        id: unique('credential'),
        subject: 'anna',
        level: 'valid',
        publicKey: new Uint8Array([1, 2, 3]),
        counter: 4,
        createdAt: 1000,
      }
      const { subject: _, ...app } = { ...key, kind: 'app-attest', level: 'strong' } as const
      assert.equal(await store.insertDeviceKey(key), true)
      assert.equal(await store.insertDeviceKey(app), true)
      assert.equal(
        await store.insertDeviceKey({ ...key, subject: 'eve', publicKey: new Uint8Array([9]) }),
        false,
      )
      assert.deepEqual(await store.findDeviceKey(key), key)
      assert.deepEqual(await store.findDeviceKey(app), app)
      assert.deepEqual(await store.listDeviceKeys('shop', 'anna'), [key])
      assert.deepEqual(await store.listDeviceKeys('bank', 'anna'), [])
      assert.equal(await store.findDeviceKey({ ...key, tenant: 'bank' }), undefined)
      const moves = await Promise.all(Array.from({ length: 8 }, () => store.advanceDeviceKey(key, 5)))
      assert.equal(moves.filter(Boolean).length, 1)
      assert.equal((await store.findDeviceKey(key))?.counter, 5)
      assert.equal((await store.findDeviceKey(app))?.counter, 4)
      assert.equal(await store.advanceDeviceKey({ ...key, tenant: 'bank', counter: 5 }, 6), false)
      await store.eraseSubject('bank', 'anna', anAudit())
      assert.ok(await store.findDeviceKey(key))
      await store.eraseSubject('shop', 'anna', anAudit())
      assert.equal(await store.findDeviceKey(key), undefined)
      assert.ok(await store.findDeviceKey(app))
    },
  )
}
