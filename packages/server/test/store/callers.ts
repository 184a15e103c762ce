/** What every store must do with API keys and registered clients. */
import assert from 'node:assert/strict'
import type { ApiKeyRecord } from '../../src/store/store.ts'
import type { Check } from './contract.ts'
import { aClient, aKey, anAudit } from './records.ts'

export function callers(check: Check): void {
  check('keeps every right and limit of keys and clients', async (store) => {
    const limits = { origins: ['https://shop.test'], networks: ['10.0.0.0/8', '::1'] }
    const key = aKey({ ...limits, expiresAt: 5000 })
    assert.equal(await store.insertApiKey(key, anAudit({ event: 'key.created' })), true)
    assert.deepEqual(await store.findApiKey(key.kid), key)
    await store.touchApiKey(key.kid, 4000)
    assert.deepEqual(await store.findApiKey(key.kid), { ...key, lastUsedAt: 4000 })
    const jwks = [{ kty: 'EC', crv: 'P-256', x: 'x', y: 'y', kid: '1' }]
    const client = aClient({ ...limits, fingerprint: 'ab', san: 'spiffe://shop/till', jwks })
    assert.equal(await store.insertClient(client, anAudit({ event: 'client.added' })), true)
    assert.deepEqual(await store.findClient(client.id), client)
    assert.deepEqual(await store.listClients(), [client])
  })

  check('has so many live keys of a name at most, whoever asks at the same time', async (store) => {
    const make = (change: Partial<ApiKeyRecord> = {}) =>
      store.insertApiKey(aKey(change), anAudit({ time: 1000 }), { maxLive: 2 })
    assert.equal(await make({ expiresAt: 1000 }), true)
    const made = await Promise.all([make(), make(), make(), make()])
    assert.equal(made.filter((one) => one).length, 2)
    assert.equal(await make({ name: 'another' }), true)
    assert.equal(await make({ tenant: 'another' }), true)
    const [dead] = (await store.listApiKeys()).filter(
      ({ expiresAt, name, tenant }) => !expiresAt && name === 'backend' && tenant === 'shop',
    )
    await store.revokeApiKey(dead?.kid ?? '', anAudit())
    assert.equal(await make(), true)
  })

  check('gives a key its end with its successor, never a later one than it has', async (store) => {
    const [endless, brief] = [aKey(), aKey({ name: 'brief', expiresAt: 2000 })]
    for (const key of [endless, brief]) await store.insertApiKey(key, anAudit())
    for (const { kid } of [endless, brief])
      await store.insertApiKey(aKey(), anAudit({ event: 'key.rotated' }), { ends: { kid, at: 3000 } })
    assert.equal((await store.findApiKey(endless.kid))?.expiresAt, 3000)
    assert.equal((await store.findApiKey(brief.kid))?.expiresAt, 2000)
  })

  check(
    'finds the live client of a certificate, fingerprint before name, and takes none twice',
    async (store) => {
      const [pinned, named] = [aClient({ fingerprint: 'ab' }), aClient({ san: 'spiffe://shop/till' })]
      for (const client of [pinned, named]) assert.equal(await store.insertClient(client, anAudit()), true)
      assert.equal(await store.insertClient(aClient({ san: 'spiffe://shop/till' }), anAudit()), false)
      assert.equal(await store.insertClient(aClient({ fingerprint: 'ab', san: 'x:y' }), anAudit()), false)
      assert.equal(await store.insertClient(aClient(), anAudit()), true)
      assert.equal((await store.findCertificateClient('ab', 'spiffe://shop/till'))?.id, pinned.id)
      assert.equal((await store.findCertificateClient('cd', 'spiffe://shop/till'))?.id, named.id)
      assert.equal(await store.findCertificateClient('cd', 'spiffe://shop'), undefined)
      assert.equal(await store.findCertificateClient('cd', undefined), undefined)
      const audit = () => anAudit({ event: 'client.revoked' })
      assert.equal(await store.revokeClient(named.id, audit()), true)
      assert.equal(await store.revokeClient(named.id, audit()), false)
      assert.equal(await store.findCertificateClient('cd', 'spiffe://shop/till'), undefined)
      assert.equal((await store.findClient(named.id))?.revokedAt, 1000)
      assert.equal(await store.insertClient(aClient({ san: 'spiffe://shop/till' }), anAudit()), true)
    },
  )

  check('revokes a key once', async (store) => {
    const key = aKey()
    await store.insertApiKey(key, anAudit())
    assert.equal(await store.revokeApiKey(key.kid, anAudit({ time: 77 })), true)
    assert.equal(await store.revokeApiKey(key.kid, anAudit({ time: 78 })), false)
    assert.equal((await store.findApiKey(key.kid))?.revokedAt, 77)
    assert.equal((await store.listApiKeys()).length, 1)
  })
}
