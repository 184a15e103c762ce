/** Keyring and API keys: what is stored, what opens it, and what does not. */
import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  createApiKey,
  createKeyring,
  loadOrCreateKeyring,
  openKeys,
  openSqliteStore,
  parseKeyring,
  serializeKeyring,
} from '../src/index.ts'
import { createTestClock, systemRandom } from './fixture.ts'

const bytes = (length: number) => systemRandom.bytes(length)

test('the keyring file is made once, for its owner only, and read again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ipse-keys-'))
  try {
    const path = join(folder, 'keyring.json')
    const first = await loadOrCreateKeyring(path, bytes, 1)
    assert.equal(first.created, true)
    assert.equal(statSync(path).mode & 0o777, 0o600)
    const again = await loadOrCreateKeyring(path, bytes, 2)
    assert.deepEqual(again, { keyring: first.keyring, created: false })
    chmodSync(path, 0o644)
    await assert.rejects(loadOrCreateKeyring(path, bytes, 3), { code: 'settings_invalid' })
    chmodSync(path, 0o600)
    writeFileSync(path, readFileSync(path, 'utf8').slice(0, 200))
    await assert.rejects(loadOrCreateKeyring(path, bytes, 4), { code: 'settings_invalid' })
    await assert.rejects(loadOrCreateKeyring(join(folder, 'no', 'keyring.json'), bytes, 5), {
      code: 'settings_invalid',
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('a damaged keyring is refused without telling its secrets', async () => {
  const keyring = await createKeyring(bytes, 1)
  const spoiled: unknown[] = [
    {},
    { ...keyring, format: 'other' },
    { ...keyring, signing: [] },
    { ...keyring, encryption: [{ id: 'k', secret: 'AAAA' }] },
    { ...keyring, pepper: `${keyring.pepper}A` },
    { ...keyring, captureToken: 7 },
    { ...keyring, signing: [{ kid: 'k', privateJwk: { kty: 'EC', crv: 'P-256', x: 'x', y: 'y' } }] },
    null,
  ]
  for (const value of spoiled)
    assert.throws(
      () => parseKeyring(new TextEncoder().encode(JSON.stringify(value))),
      (error: Error) =>
        !error.message.includes(keyring.pepper) && (error as { code?: string }).code === 'settings_invalid',
    )
  assert.deepEqual(parseKeyring(serializeKeyring(keyring)), keyring)
})

test('of an API key only a keyed hash is stored', async () => {
  const keys = await openKeys(await createKeyring(bytes, 1))
  const store = await openSqliteStore(':memory:')
  const clock = createTestClock()
  const wish = { tenant: 'shop', name: 'backend', scopes: ['session:create'] } as const
  const { key, record } = await createApiKey(store, keys, systemRandom, clock, wish)
  assert.match(key, /^ipse_live_[0-9a-f]{16}_[\w-]{43}$/)
  assert.ok(!JSON.stringify(await store.listApiKeys()).includes(key.split('_').slice(3).join('_')))
  assert.notEqual(record.secretMac, keys.mac('api-key', key))
  for (const bad of [
    { tenant: 'A B' },
    { name: '' },
    { scopes: [] },
    { scopes: ['root' as never] },
    { origins: ['shop.test'] },
  ])
    await assert.rejects(createApiKey(store, keys, systemRandom, clock, { ...wish, ...bad }), {
      code: 'invalid_request',
    })
  await store.close()
})
