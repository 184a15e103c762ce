/** A keyring under a passphrase: what opens it, what does not, and what is left on the disk. */
import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  createKeyring,
  loadKeyring,
  loadOrCreateKeyring,
  type PassphraseKdf,
  protectKeyring,
} from '../src/index.ts'
import { isSealedKeyring, openSealedKeyring, sealKeyring } from '../src/keys/sealed-keyring.ts'
import { systemRandom } from './fixture.ts'

const bytes = (length: number) => systemRandom.bytes(length)
const PHRASE = 'correct horse battery staple'
const invalid = { code: 'settings_invalid' }

for (const kdf of ['scrypt', 'pbkdf2'] as const satisfies PassphraseKdf[])
  test(`${kdf}: the passphrase opens the keyring, another one does not`, async () => {
    const keyring = await createKeyring(bytes, 1)
    const sealed = await sealKeyring(keyring, PHRASE, bytes, kdf)
    assert.equal(isSealedKeyring(sealed), true)
    assert.deepEqual(await openSealedKeyring(sealed, PHRASE), keyring)
    const text = Buffer.from(sealed).toString()
    for (const secret of [keyring.pepper, keyring.captureToken, keyring.signing[0]?.privateJwk.d ?? ''])
      assert.ok(secret.length > 40 && !text.includes(secret))
    for (const wrong of [`${PHRASE} `, '', PHRASE.toUpperCase()])
      await assert.rejects(openSealedKeyring(sealed, wrong), (error: Error) => {
        assert.ok(wrong === '' || !error.message.includes(wrong))
        return (error as { code?: string }).code === 'settings_invalid'
      })
  })

test('the letters count, not the keys that made them', async () => {
  const keyring = await createKeyring(bytes, 1)
  const sealed = await sealKeyring(keyring, 'caf\u00e9 et croissants', bytes, 'pbkdf2')
  assert.deepEqual(await openSealedKeyring(sealed, 'cafe\u0301 et croissants'), keyring)
})

test('a file that was changed does not open, nor one that asks for a cheaper derivation', async () => {
  const sealed = JSON.parse(
    Buffer.from(await sealKeyring(await createKeyring(bytes, 1), PHRASE, bytes, 'pbkdf2')).toString(),
  ) as Record<string, string>
  const flipped = (text = '') => (text[0] === 'A' ? 'B' : 'A') + text.slice(1)
  for (const spoiled of [
    { ...sealed, sealed: flipped(sealed.sealed) },
    { ...sealed, salt: flipped(sealed.salt) },
    { ...sealed, iv: flipped(sealed.iv) },
    { ...sealed, kdf: 'pbkdf2-hmac-sha256-1' },
    { ...sealed, kdf: 'constructor' },
    { ...sealed, kdf: 'scrypt-131072-8-1' },
    { ...sealed, note: 'a member more' },
    { ...sealed, sealed: '' },
  ])
    await assert.rejects(openSealedKeyring(Buffer.from(JSON.stringify(spoiled)), PHRASE), invalid)
})

test('a passphrase that is too short closes nothing', async () => {
  await assert.rejects(sealKeyring(await createKeyring(bytes, 1), '14 characters!', bytes), invalid)
})

test('a keyring file is closed, closed anew and opened, and never lies half written', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ipse-sealed-'))
  try {
    const path = join(folder, 'keyring.json')
    const { keyring } = await loadOrCreateKeyring(path, bytes, 1)
    await protectKeyring(path, {}, { passphrase: PHRASE, kdf: 'pbkdf2' }, bytes)
    assert.equal(isSealedKeyring(await readFile(path)), true)
    assert.equal((await stat(path)).mode & 0o777, 0o600)
    await assert.rejects(loadKeyring(path), invalid)
    await assert.rejects(loadKeyring(path, { given: 'another passphrase' }), invalid)
    assert.deepEqual(await loadKeyring(path, { given: PHRASE }), keyring)
    assert.deepEqual(await loadKeyring(path, { ask: async () => PHRASE }), keyring)
    const second = { passphrase: 'another passphrase', kdf: 'pbkdf2' } as const
    await assert.rejects(protectKeyring(path, { given: 'wrong wrong wrong' }, second, bytes), invalid)
    await protectKeyring(path, { given: PHRASE }, second, bytes)
    assert.deepEqual(await loadKeyring(path, { given: second.passphrase }), keyring)
    await protectKeyring(path, { given: second.passphrase }, undefined, bytes)
    assert.deepEqual(await loadKeyring(path), keyring)
    assert.deepEqual(await readdir(folder), ['keyring.json'])
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('an installation that begins with a passphrase never has an open keyring', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ipse-sealed-'))
  try {
    const path = join(folder, 'keyring.json')
    const { keyring } = await loadOrCreateKeyring(path, bytes, 1, { given: PHRASE })
    assert.equal(isSealedKeyring(await readFile(path)), true)
    const again = await loadOrCreateKeyring(path, bytes, 2, { given: PHRASE })
    assert.deepEqual(again, { keyring, created: false })
    await writeFile(path, (await readFile(path)).subarray(0, 200))
    await assert.rejects(loadOrCreateKeyring(path, bytes, 3, { given: PHRASE }), invalid)
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('the vector: what was closed once opens for ever', async () => {
  const path = new URL('../../../vectors/protocol/sealed-keyring.json', import.meta.url)
  const { in: given, want } = JSON.parse(await readFile(path, 'utf8')) as {
    in: { passphrase: string; sealed: readonly object[] }
    want: object
  }
  for (const sealed of given.sealed)
    assert.deepEqual(await openSealedKeyring(Buffer.from(JSON.stringify(sealed)), given.passphrase), want)
})
