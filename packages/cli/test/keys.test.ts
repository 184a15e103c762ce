/** `ipse keys` and `ipse clients` as an operator uses them. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { openSqliteStore } from '@ipse/server'
import { emptyFolder, ipse, ipseJson } from './run.ts'

const folder = emptyFolder()
const file = (name: string, content: string) => {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}
const text = file('text', 'neither certificate nor key set')

test('a key is rotated with its rights, two live at most, and the old one ends', async () => {
  const data = join(emptyFolder(), 'data')
  const flags = ['--name', 'shop', '--scopes', 'session:create', '--data', data]
  const made = await ipseJson(['keys', 'create', ...flags, '--expires', '90d', '--ips', '192.0.2.0/24,::1'])
  const { kid, networks, expiresAt } = made.json as { kid: string; networks: string[]; expiresAt: string }
  assert.deepEqual(networks, ['192.0.2.0/24', '::1'])
  const lasts = (until: string) => Math.round((Date.parse(until) - Date.now()) / 86_400_000)
  assert.equal(lasts(expiresAt), 90)
  const rotated = await ipseJson(['keys', 'rotate', kid, '--data', data, '--overlap', '48h'])
  const successor = rotated.json as { kid: string; scopes: string[]; networks: string[]; expiresAt: string }
  assert.deepEqual([successor.scopes, successor.networks], [['session:create'], networks])
  assert.equal(lasts(successor.expiresAt), 90)
  const { kid: old, expiresAt: end } = rotated.json.replaces as { kid: string; expiresAt: string }
  assert.deepEqual([old, lasts(end)], [kid, 2])
  for (const third of [
    ['keys', 'rotate', successor.kid, '--data', data],
    ['keys', 'create', ...flags],
  ]) {
    const { code, stderr } = await ipse(third)
    assert.deepEqual([code, /2 keys named "shop" .* are live already/.test(stderr)], [2, true])
  }
  const listed = (await ipse(['keys', 'list', '--data', data])).stdout
  for (const word of ['valid until', 'never', '192.0.2.0/24,::1']) assert.ok(listed.includes(word), word)
  assert.equal((await ipse(['keys', 'revoke', kid, '--data', data])).code, 0)
  assert.equal((await ipse(['keys', 'rotate', successor.kid, '--data', data])).code, 0)
})

test('clients are registered by certificate, URI or key set, listed and revoked once', async () => {
  const data = join(folder, 'data')
  const pem = join(folder, 'client.pem')
  const subject = ['-subj', '/CN=till', '-addext', 'subjectAltName=URI:spiffe://shop.example/till']
  const key = [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-keyout',
    join(folder, 'key'),
  ]
  execFileSync('openssl', ['req', '-x509', ...key, '-days', '1', '-out', pem, ...subject], {
    stdio: 'ignore',
  })
  const { x, y } = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' })
  const jwks = file('jwks.json', JSON.stringify({ keys: [{ kty: 'EC', crv: 'P-256', x, y, kid: '1' }] }))
  const flags = ['--name', 'till', '--scopes', 'session:create', '--data', data]
  const add = (...how: string[]) => ipseJson(['clients', 'add', ...flags, ...how])
  const pinned = (await add('--certificate', pem, '--jwks', jwks)).json
  assert.match(String(pinned.id), /^cli_[\w-]{22}$/)
  assert.match(String(pinned.fingerprint), /^[0-9a-f]{64}$/)
  assert.deepEqual(pinned.kids, ['1'])
  assert.equal((await add('--san', 'spiffe://shop.example/till')).code, 0)
  for (const how of [
    [],
    ['--san', 'spiffe://shop.example/till'],
    ['--certificate', pem],
    ['--certificate', text],
    ['--jwks', text],
    [
      '--jwks',
      file('private.json', JSON.stringify({ keys: [{ kty: 'EC', crv: 'P-256', x, y, d: x, kid: '1' }] })),
    ],
    ['--jwks', file('secret.json', JSON.stringify({ keys: [{ kty: 'oct', k: 'AAAA', kid: '1' }] }))],
  ])
    assert.equal((await add(...how)).code, 2, how.join(' '))
  assert.equal(((await ipseJson(['clients', 'list', '--data', data])).json.clients as unknown[]).length, 2)
  assert.equal((await ipse(['clients', 'revoke', String(pinned.id), '--data', data])).code, 0)
  assert.equal((await ipse(['clients', 'revoke', String(pinned.id), '--data', data])).code, 2)
  assert.match((await ipse(['clients', 'list', '--data', data])).stdout, /revoked/)
})

test('a keyring is closed with a passphrase from a file, and nothing opens it without', async () => {
  const data = join(emptyFolder(), 'data')
  const flags = ['--data', data]
  const create = ['keys', 'create', '--name', 'shop', '--scopes', 'session:create', ...flags]
  assert.equal((await ipse(create)).code, 0)
  const phrase = file('phrase', 'correct horse battery staple\n')
  const closed = await ipseJson(['keys', 'protect', '--passphrase-file', phrase, '--kdf', 'pbkdf2', ...flags])
  assert.equal(closed.json.kdf, 'pbkdf2-hmac-sha256-600000')
  const without = await ipse(['keys', 'list', ...flags])
  assert.deepEqual([without.code, /IPSE_KEYRING_PASSPHRASE_FILE/.test(without.stderr)], [2, true])
  assert.equal((await ipse(['keys', 'list', ...flags], { IPSE_KEYRING_PASSPHRASE_FILE: phrase })).code, 0)
  const wrong = await ipse(['keys', 'list', ...flags], { IPSE_KEYRING_PASSPHRASE: 'none of your business' })
  assert.deepEqual([wrong.code, wrong.stderr.includes('none of your business')], [2, false])
  const opened = await ipse(['keys', 'protect', '--remove', ...flags], {
    IPSE_KEYRING_PASSPHRASE_FILE: phrase,
  })
  assert.equal(opened.code, 0)
  assert.equal((await ipse(['keys', 'list', ...flags])).code, 0)
  const short = file('short', 'secret')
  assert.equal((await ipse(['keys', 'protect', '--passphrase-file', short, ...flags])).code, 2)
  assert.equal((await ipse(['keys', 'protect', ...flags])).code, 2)
})

test('with the keyring of another installation no key is rotated: nothing changes, and nothing is in the log', async () => {
  const [ours, theirs] = [emptyFolder(), emptyFolder()].map((folder) => join(folder, 'data')) as [
    string,
    string,
  ]
  for (const data of [ours, theirs])
    await ipse(['keys', 'create', '--name', 'shop', '--scopes', 'session:create', '--data', data])
  const keyring = join(ours, 'keyring.json')
  copyFileSync(join(theirs, 'keyring.json'), keyring)
  const before = readFileSync(keyring, 'utf8')
  for (const what of [
    ['rotate-log'],
    ['rotate-signing'],
    ['rotate-signing', '--retire'],
    ['rotate-encryption'],
    ['rewrap'],
  ]) {
    const { code, stderr } = await ipse(['keys', ...what, '--data', ours])
    assert.deepEqual([code, /settings_invalid.*another keyring/s.test(stderr)], [2, true], stderr)
    assert.equal(readFileSync(keyring, 'utf8'), before, what.join(' '))
  }
  const store = await openSqliteStore(join(ours, 'ipse.sqlite'))
  const events = (await store.listAudit('', 99)).map(({ event }) => event)
  await store.close()
  assert.ok(!events.some((event) => /rotated|rewrapped/.test(event)), events.join())
})

test('the signing key rotates once at a time, with a lead, in a keyring that is read again', async () => {
  const data = join(emptyFolder(), 'data')
  const flags = ['--data', data]
  assert.equal((await ipse(['keys', 'rotate-signing', ...flags])).code, 2)
  await ipse(['keys', 'create', '--name', 'shop', '--scopes', 'session:create', ...flags])
  const short = await ipse(['keys', 'rotate-signing', '--lead', '5m', ...flags])
  assert.deepEqual([short.code, /shorter than 6m/.test(short.stderr)], [2, true])
  const { code, json } = await ipseJson(['keys', 'rotate-signing', ...flags])
  const states = (json.keys as { state: string }[]).map(({ state }) => state)
  assert.deepEqual([code, states], [0, ['waiting', 'signing']])
  assert.equal((await ipse(['keys', 'rotate-signing', ...flags])).code, 2)
  const retired = await ipseJson(['keys', 'rotate-signing', '--retire', ...flags])
  assert.equal((retired.json.keys as unknown[]).length, 2)
  assert.equal((await ipse(['keys', 'list', ...flags])).code, 0)
})
