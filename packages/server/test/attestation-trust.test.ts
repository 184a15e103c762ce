/** Roots and keys from settings and files: all of it or a start that fails and says why. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { IpseError } from '@ipse/protocol'
import { REFUSALS } from '../src/attestation/refusals.ts'
import { attestationTrust, POLICIES, parsePolicy, parseSettings } from '../src/index.ts'
import { APP_ID, attest, createAuthority } from './apple-device.ts'
import { createPlayKeys, PACKAGE, SIGNER } from './play-device.ts'

const authority = await createAuthority()
const play = createPlayKeys()
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
const pem = (der: Uint8Array) =>
  `-----BEGIN CERTIFICATE-----\n${base64(der).replace(/.{64}(?=.)/g, '$&\n')}\n-----END CERTIFICATE-----\n`

const FILES: Readonly<Record<string, string>> = {
  root: pem(authority.rootCertificate),
  intermediate: pem(authority.intermediateCertificate),
  leaf: pem((await leafOf()) ?? new Uint8Array()),
  decryption: `${base64(play.decryptionKey)}\n`,
  verification: play.verificationKey.export({ type: 'spki', format: 'der' }).toString('base64'),
  short: base64(play.decryptionKey.subarray(1)),
  empty: '',
}

async function leafOf(): Promise<Uint8Array | undefined> {
  let leaf: Uint8Array | undefined
  await attest(authority, new Uint8Array(32), {
    x5c: (chain) => {
      leaf = chain[0]
      return chain
    },
  })
  return leaf
}

const ALL = {
  'server.publicUrl': 'https://ipse.test',
  'attestation.appleRootFile': 'root',
  'attestation.appleAppIds': APP_ID,
  'attestation.playPackage': PACKAGE,
  'attestation.playCertificates': SIGNER,
  'attestation.playDecryptionKeyFile': 'decryption',
  'attestation.playVerificationKeyFile': 'verification',
  'attestation.webauthnRpId': 'ipse.test',
}

function trustFrom(named: Readonly<Record<string, string>>) {
  return attestationTrust(parseSettings({ named }), (path) => {
    const text = FILES[path]
    if (text === undefined) throw new Error(`ENOENT ${path}`)
    return text
  })
}

test('without settings nothing is trusted and no file is read', () => {
  assert.deepEqual(trustFrom({}), {})
})

test('with all settings, all three kinds are', () => {
  const { apple, play: google, webauthn } = trustFrom(ALL)
  assert.equal(apple?.roots[0]?.subject, 'CN=Test App Attestation Root CA')
  assert.deepEqual([apple?.appIds, apple?.development], [[APP_ID], false])
  assert.deepEqual(google?.decryptionKey, play.decryptionKey)
  assert.deepEqual([google?.packageName, google?.certificates], [PACKAGE, [SIGNER]])
  assert.ok(google?.verificationKey.equals(play.verificationKey))
  assert.deepEqual(webauthn, { rpId: 'ipse.test', origins: ['https://ipse.test'] })
})

test('each setting that holds something else stops the start by its name, and tells nothing of a file', async (t) => {
  const rows: [string, Readonly<Record<string, string>>, readonly string[]][] = [
    ['a root that is not there', { 'attestation.appleRootFile': 'none' }, ['appleRootFile']],
    ['an empty file as root', { 'attestation.appleRootFile': 'empty' }, ['appleRootFile']],
    ['an intermediate as root', { 'attestation.appleRootFile': 'intermediate' }, ['appleRootFile']],
    ['a leaf as root', { 'attestation.appleRootFile': 'leaf' }, ['appleRootFile']],
    ['no app', { 'attestation.appleAppIds': '' }, ['appleAppIds']],
    ['an app without team', { 'attestation.appleAppIds': 'test.ipse.shop' }, ['appleAppIds']],
    ['a short key', { 'attestation.playDecryptionKeyFile': 'short' }, ['playDecryptionKeyFile']],
    ['no key', { 'attestation.playDecryptionKeyFile': '' }, ['playDecryptionKeyFile']],
    [
      'a secret as public key',
      { 'attestation.playVerificationKeyFile': 'decryption' },
      ['playVerificationKeyFile'],
    ],
    ['no signer', { 'attestation.playCertificates': '' }, ['playCertificates']],
    ['a signer in hex', { 'attestation.playCertificates': 'ab'.repeat(32) }, ['playCertificates']],
    ['a package that is none', { 'attestation.playPackage': 'shop' }, ['playPackage']],
    [
      'an address as host',
      { 'attestation.webauthnRpId': 'https://ipse.test' },
      ['webauthnRpId', 'webauthnOrigins'],
    ],
    ['an origin elsewhere', { 'attestation.webauthnOrigins': 'https://evil.test' }, ['webauthnOrigins']],
    [
      'a host that ends alike',
      { 'attestation.webauthnOrigins': 'https://evil-ipse.test' },
      ['webauthnOrigins'],
    ],
    ['an origin with a path', { 'attestation.webauthnOrigins': 'https://ipse.test/' }, ['webauthnOrigins']],
    [
      'several at once',
      {
        'attestation.appleAppIds': '',
        'attestation.playPackage': 'shop',
        'attestation.playCertificates': '',
      },
      ['appleAppIds', 'playPackage', 'playCertificates'],
    ],
  ]
  for (const [what, change, names] of rows)
    await t.test(what, () => {
      assert.throws(
        () => trustFrom({ ...ALL, ...change }),
        (error) => {
          assert.ok(error instanceof IpseError && error.code === 'settings_invalid')
          const named = error.message.split('\n').map((line) => line.split(/[.:]/)[1])
          assert.deepEqual(named, names)
          assert.ok(!error.message.includes(FILES.decryption!.trim()))
          return true
        },
      )
    })
})

const page = readFileSync(new URL('../../../docs/attestation.md', import.meta.url), 'utf8')

test('the policy in docs/attestation.md is one', () => {
  const [, text = ''] = /```json\n([\s\S]+?)```/.exec(page) ?? []
  const policy = parsePolicy(JSON.parse(text), POLICIES)
  assert.equal(policy.rules.at(-1)?.signal, 'attestation')
})

test('docs/attestation.md names every refusal with its meaning, and no other', () => {
  const section = page.slice(page.indexOf('## Why a proof was refused'))
  const rows = [...section.matchAll(/^\| `([a-z_]+)` \| (.+) \|$/gm)].map(([, name, text]) => [name, text])
  assert.deepEqual(rows, Object.entries(REFUSALS))
})
