/** Apple App Attest against a synthetic authority: what holds, and every way in which it does not. */
import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { encode } from 'cborg'
import fc from 'fast-check'
import { verifyAppAssertion, verifyAppAttestation } from '../src/attestation/app-attest.ts'
import { REFUSALS, type Refusal, type Verdict } from '../src/attestation/refusals.ts'
import {
  APP_ID,
  type AssertionForgery,
  assertion,
  attest,
  createAuthority,
  environments,
  type Forgery,
  keyPair,
  NOW,
  publicKeyOf,
  sha256,
  trustIn,
} from './apple-device.ts'

const T = new Uint8Array(sha256('transcript'))
const OTHER = new Uint8Array(sha256('another transcript'))
const authority = await createAuthority()
const stranger = await createAuthority()
const DAY_MS = 86_400_000

function refusalOf(verdict: Verdict<object>): Refusal | undefined {
  return verdict.holds ? undefined : verdict.refusal
}

async function judge(
  forgery: Forgery = {},
  { trust = trustIn(authority), now = NOW, from = authority, transcript = T } = {},
) {
  return verifyAppAttestation(await attest(from, T, forgery), trust, transcript, now)
}

test('a key of the production environment holds', async () => {
  const given = await attest(authority, T)
  const verdict = await verifyAppAttestation(given, trustIn(authority), T, NOW)
  assert.deepEqual(verdict, {
    holds: true,
    environment: 'production',
    publicKey: await publicKeyOf(given),
  })
})

test('a key of the development environment holds only where it is allowed, and is named', async () => {
  const forgery = { aaguid: environments.development }
  assert.equal(refusalOf(await judge(forgery)), 'environment')
  const verdict = await judge(forgery, { trust: trustIn(authority, { development: true }) })
  assert.ok(verdict.holds && verdict.environment === 'development')
})

test('one of several roots and one of several apps is enough', async () => {
  const roots = [stranger, authority].map(({ rootCertificate }) => new X509Certificate(rootCertificate))
  const trust = { roots, appIds: ['A1B2C3D4E5.other', APP_ID], development: false }
  assert.equal((await judge({}, { trust })).holds, true)
})

test('each thing that is wrong with an attestation is refused by its name', async (t) => {
  const lateRoot = await createAuthority({ rootDays: [-10, -1] })
  const earlyRoot = await createAuthority({ rootDays: [1, 10] })
  const lateIntermediate = await createAuthority({ intermediateDays: [-10, -1] })
  const noCa = await createAuthority({ intermediateCa: false })
  const random = new Uint8Array(32).fill(7)
  const withStatement = (change: (statement: Record<string, unknown>) => unknown): Forgery => ({
    object: (object) => ({ ...object, attStmt: change(object.attStmt as Record<string, unknown>) }),
  })
  const rows: [string, Refusal, Forgery, Parameters<typeof judge>[1]?][] = [
    ['another format', 'format', { object: (object) => ({ ...object, fmt: 'packed' }) }],
    ['a format that is no text', 'format', { object: (object) => ({ ...object, fmt: 1 }) }],
    ['a member too many', 'malformed', { object: (object) => ({ ...object, more: 1 }) }],
    ['no authenticator data', 'malformed', { object: ({ fmt, attStmt }) => ({ fmt, attStmt }) }],
    ['a list in place of the object', 'malformed', { object: (object) => [object] }],
    ['a statement that is no map', 'malformed', withStatement(() => 'statement')],
    ['a statement without receipt', 'malformed', withStatement(({ x5c }) => ({ x5c }))],
    ['a receipt that is no bytes', 'malformed', withStatement(({ x5c }) => ({ x5c, receipt: 'r' }))],
    ['no chain', 'certificate_malformed', { x5c: () => [] }],
    ['a chain that is no list', 'certificate_malformed', { x5c: () => 'chain' }],
    ['a leaf alone', 'certificate_malformed', { x5c: ([leaf]) => [leaf] }],
    [
      'a third certificate',
      'certificate_malformed',
      { x5c: (chain) => [...chain, authority.rootCertificate] },
    ],
    ['a leaf that is no certificate', 'certificate_malformed', { x5c: ([, ca]) => [random, ca] }],
    ['a leaf that is text', 'certificate_malformed', { x5c: ([, ca]) => ['leaf', ca] }],
    [
      'bytes behind a certificate',
      'certificate_malformed',
      { x5c: ([leaf, ca]) => [new Uint8Array([...leaf!, 0]), ca] },
    ],
    ['the chain the wrong way round', 'root_unknown', { x5c: (chain) => chain.toReversed() }],
    ['the chain of a stranger', 'root_unknown', {}, { from: stranger }],
    ['no root at all', 'root_unknown', {}, { trust: trustIn(authority, { roots: [] }) }],
    ['the root as intermediate', 'chain_broken', { x5c: ([leaf]) => [leaf, authority.rootCertificate] }],
    ['a leaf signed by a stranger', 'chain_broken', { leafSigner: stranger.intermediate }],
    ['a leaf signed by the root', 'chain_broken', { leafSigner: authority.root }],
    ['an intermediate that is no authority', 'issuer_not_ca', {}, { from: noCa, trust: trustIn(noCa) }],
    ['a leaf that is an authority', 'leaf_is_ca', { leafCa: true }],
    ['a leaf on another curve', 'leaf_key', { leafCurve: 'P-384' }],
    ['an expired leaf', 'certificate_expired', { leafDays: [-5, -1] }],
    ['a leaf of tomorrow', 'certificate_early', { leafDays: [1, 5] }],
    [
      'an expired intermediate',
      'certificate_expired',
      {},
      { from: lateIntermediate, trust: trustIn(lateIntermediate) },
    ],
    ['an expired root', 'certificate_expired', {}, { from: lateRoot, trust: trustIn(lateRoot) }],
    ['a root of tomorrow', 'certificate_early', {}, { from: earlyRoot, trust: trustIn(earlyRoot) }],
    ['everything, weeks later', 'certificate_expired', {}, { now: NOW + 20 * DAY_MS }],
    ['no nonce', 'nonce_absent', { nonceValues: () => [] }],
    ['two nonces', 'nonce_absent', { nonceValues: (value) => [value, value] }],
    ['an empty nonce', 'nonce_mismatch', { nonceValues: () => [new Uint8Array()] }],
    ['a bare nonce', 'nonce_mismatch', { nonceValues: (value) => [value.slice(6)] }],
    [
      'a nonce with bytes behind it',
      'nonce_mismatch',
      { nonceValues: (value) => [new Uint8Array([...value, 0])] },
    ],
    ['the nonce of another transcript', 'nonce_mismatch', { nonceOf: OTHER }],
    ['the right nonce at another transcript', 'nonce_mismatch', {}, { transcript: OTHER }],
    ['another key identifier', 'key_mismatch', { keyId: random }],
    ['an empty key identifier', 'key_mismatch', { keyId: new Uint8Array() }],
    ['another app', 'app_mismatch', { appId: 'A1B2C3D4E5.test.ipse.other' }],
    ['another team', 'app_mismatch', { appId: 'Z9B2C3D4E5.test.ipse.shop' }],
    ['a used key', 'counter_not_zero', { counter: 1 }],
    ['an unknown environment', 'environment', { aaguid: random.slice(0, 16) }],
    ['another credential', 'credential_mismatch', { credentialId: random }],
    ['a short credential', 'credential_mismatch', { credentialId: random.slice(0, 16) }],
    ['authenticator data cut off', 'malformed', { authData: (bytes) => bytes.slice(0, 36) }],
    ['no attested credential', 'malformed', { authData: (bytes) => bytes.slice(0, 37) }],
    ['a credential cut off', 'malformed', { authData: (bytes) => bytes.slice(0, 60) }],
  ]
  for (const [what, refusal, forgery, more] of rows)
    await t.test(what, async () => {
      const verdict = await judge(forgery, more)
      assert.equal(refusalOf(verdict), refusal)
      assert.ok(Object.hasOwn(REFUSALS, refusal))
    })
})

test('any single bit that is flipped, but in Apple’s own receipt, is refused', async () => {
  const given = await attest(authority, T)
  const trust = trustIn(authority)
  const { from, until } = given.receipt
  for (let at = 0; at < given.attestation.length; at++) {
    if (at >= from && at < until) continue
    const attestation = given.attestation.slice()
    attestation[at]! ^= 1 << (at % 8)
    const verdict = await verifyAppAttestation({ ...given, attestation }, trust, T, NOW)
    assert.equal(verdict.holds, false, `byte ${at} of ${given.attestation.length}`)
  }
})

test('nesting without end is refused like every other malformed object', async () => {
  const { keyId } = await attest(authority, T)
  for (const head of [0x81, 0xa1, 0xc1, 0xd8]) {
    const attestation = new Uint8Array(12_000).fill(head)
    const verdict = await verifyAppAttestation({ keyId, attestation }, trustIn(authority), T, NOW)
    assert.equal(refusalOf(verdict), 'malformed')
  }
})

test('no bytes make the verification throw or hold', async () => {
  const given = await attest(authority, T)
  const trust = trustIn(authority)
  const odd = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.anything().map((value) => {
      try {
        return encode(value)
      } catch {
        return new Uint8Array()
      }
    }),
    fc
      .tuple(fc.nat(given.attestation.length), fc.uint8Array({ minLength: 1, maxLength: 8 }))
      .map(([at, bytes]) =>
        Buffer.concat([given.attestation.subarray(0, at), bytes, given.attestation.subarray(at)]),
      )
      .map((bytes) => new Uint8Array(bytes)),
    fc.nat(given.attestation.length - 1).map((end) => given.attestation.slice(0, end)),
  )
  await fc.assert(
    fc.asyncProperty(odd, fc.uint8Array({ maxLength: 40 }), async (attestation, keyId) => {
      assert.equal((await verifyAppAttestation({ attestation, keyId }, trust, T, NOW)).holds, false)
      const same = await verifyAppAttestation({ attestation, keyId: given.keyId }, trust, T, NOW)
      assert.equal(same.holds, false)
    }),
    { numRuns: 300 },
  )
})

test('an assertion of a known key holds and says its counter', async () => {
  const device = await attest(authority, T)
  const known = { publicKey: await publicKeyOf(device), counter: 3 }
  const verdict = await verifyAppAssertion(
    await assertion(device, OTHER, 4),
    trustIn(authority),
    OTHER,
    known,
  )
  assert.deepEqual(verdict, { holds: true, counter: 4 })
})

test('each thing that is wrong with an assertion is refused by its name', async (t) => {
  const device = await attest(authority, T)
  const known = { publicKey: await publicKeyOf(device), counter: 3 }
  const other = await keyPair('P-256')
  const rows: [string, Refusal, number, AssertionForgery, Partial<typeof known>?, Uint8Array?][] = [
    ['the counter as before', 'counter_not_increased', 3, {}],
    ['a lower counter', 'counter_not_increased', 2, {}],
    ['another key', 'signature', 4, { signer: other }],
    ['another transcript', 'signature', 4, {}, {}, T],
    ['another app', 'app_mismatch', 4, { appId: 'A1B2C3D4E5.test.ipse.other' }],
    ['a stored key that is none', 'malformed', 4, {}, { publicKey: new Uint8Array([1, 2]) }],
    ['no signature', 'malformed', 4, { object: ({ authenticatorData }) => ({ authenticatorData }) }],
    ['a signature that is text', 'malformed', 4, { object: (all) => ({ ...all, signature: 'x' }) }],
    ['an empty signature', 'signature', 4, { object: (all) => ({ ...all, signature: new Uint8Array() }) }],
    ['a member too many', 'malformed', 4, { object: (all) => ({ ...all, more: 1 }) }],
    ['a list', 'malformed', 4, { object: (all) => [all] }],
    [
      'data of another device',
      'signature',
      4,
      { object: (all) => ({ ...all, authenticatorData: new Uint8Array(37) }) },
    ],
    ['no data', 'signature', 4, { object: (all) => ({ ...all, authenticatorData: new Uint8Array() }) }],
  ]
  for (const [what, refusal, counter, forgery, change = {}, transcript = OTHER] of rows)
    await t.test(what, async () => {
      const bytes = await assertion(device, OTHER, counter, forgery)
      const verdict = await verifyAppAssertion(bytes, trustIn(authority), transcript, { ...known, ...change })
      assert.equal(refusalOf(verdict), refusal)
    })
})

test('any single bit of an assertion that is flipped is refused', async () => {
  const device = await attest(authority, T)
  const known = { publicKey: await publicKeyOf(device), counter: 0 }
  const bytes = await assertion(device, T, 1)
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = bytes.slice()
    flipped[bit >> 3]! ^= 1 << (bit & 7)
    const verdict = await verifyAppAssertion(flipped, trustIn(authority), T, known)
    assert.equal(verdict.holds, false, `bit ${bit}`)
  }
})

test('no bytes make the verification of an assertion throw or hold', async () => {
  const device = await attest(authority, T)
  const known = { publicKey: await publicKeyOf(device), counter: 0 }
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
      assert.equal((await verifyAppAssertion(bytes, trustIn(authority), T, known)).holds, false)
    }),
    { numRuns: 300 },
  )
})
