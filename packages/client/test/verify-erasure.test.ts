/** Receipts of erasures: the genuine one is read, everything else refused. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ERASED_KIND_NAMES, ERASURE_TYPE, newId, RECEIPT_TYPE } from '@ipse/protocol'
import { verifyErasure } from '../src/index.ts'
import { ISSUER, KID, NOW, publicKey, sign } from './receipts.ts'

const iat = NOW.getTime() / 1000 - 5
const LEAF = `${'B'.repeat(42)}A`
const HEADER = { alg: 'ES256', typ: ERASURE_TYPE, kid: KID }
const CLAIMS = {
  iss: ISSUER,
  aud: 'shop',
  iat,
  jti: newId('erasure', (length) => new Uint8Array(length).fill(3)),
  sub: 'account-17',
  erased: Object.fromEntries(ERASED_KIND_NAMES.map((kind, i) => [kind, i])),
  proofsKept: 1,
  backupsUntil: iat + 86_400,
  // The first entry of a log is its root.
  audit: { log: 'ipse.example/log/shop', index: 0, size: 1, root: LEAF, leaf: LEAF, proof: [] },
}
const EXPECTED = {
  keys: { keys: [publicKey] },
  issuer: ISSUER,
  audience: 'shop',
  expectedSubject: 'account-17',
  now: NOW,
} as const

test('a genuine receipt of an erasure is read, also years later', async () => {
  const claims = await verifyErasure(await sign(HEADER, CLAIMS), EXPECTED)
  assert.deepEqual(claims, CLAIMS)
  const later = new Date(NOW.getTime() + 5 * 365 * 86_400_000)
  await verifyErasure(await sign(HEADER, CLAIMS), { ...EXPECTED, now: later })
  const { backupsUntil: _none, ...withoutBackups } = CLAIMS
  await verifyErasure(await sign(HEADER, withoutBackups), EXPECTED)
})

test('anything else is refused', async (t) => {
  const other = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ])
  const { sub: _gone, ...withoutSubject } = CLAIMS
  const cases: Readonly<Record<string, () => Promise<string>>> = {
    'another type of token': () => sign({ ...HEADER, typ: RECEIPT_TYPE }, CLAIMS),
    'another key': () => sign(HEADER, CLAIMS, other.privateKey),
    'an unknown key id': () => sign({ ...HEADER, kid: 'none' }, CLAIMS),
    'another issuer': () => sign(HEADER, { ...CLAIMS, iss: 'https://evil.example' }),
    'another audience': () => sign(HEADER, { ...CLAIMS, aud: 'bank' }),
    'another subject': () => sign(HEADER, { ...CLAIMS, sub: 'account-18' }),
    'no subject': () => sign(HEADER, withoutSubject),
    'signed in the future': () => sign(HEADER, { ...CLAIMS, iat: iat + 600 }),
    'a count that is none': () => sign(HEADER, { ...CLAIMS, erased: { ...CLAIMS.erased, sessions: -1 } }),
    'a kind too many': () => sign(HEADER, { ...CLAIMS, erased: { ...CLAIMS.erased, dreams: 1 } }),
    'a member too many': () => sign(HEADER, { ...CLAIMS, decision: 'accept' }),
    'a place in the log that is not proved': () =>
      sign(HEADER, { ...CLAIMS, audit: { ...CLAIMS.audit, index: 1, size: 2 } }),
    'no place in the log': () => sign(HEADER, { ...CLAIMS, audit: undefined }),
    'a number of the wrong kind': () => sign(HEADER, { ...CLAIMS, jti: 'rcp_1' }),
  }
  for (const [name, make] of Object.entries(cases))
    await t.test(name, async () => {
      await assert.rejects(verifyErasure(await make(), EXPECTED), { code: 'receipt_invalid' })
    })
})

test('what is expected must be said', async () => {
  const receipt = await sign(HEADER, CLAIMS)
  await assert.rejects(verifyErasure(receipt, { ...EXPECTED, expectedSubject: '' }), TypeError)
  await assert.rejects(verifyErasure(receipt, { ...EXPECTED, now: new Date('x') }), TypeError)
})
