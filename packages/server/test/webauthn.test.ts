/** WebAuthn as device factor against a synthetic authenticator: what holds, and every way in which it does not. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromBase64url, toBase64url } from '@ipse/protocol'
import fc from 'fast-check'
import type { Refusal, Verdict } from '../src/attestation/refusals.ts'
import { verifyAssertion, verifyRegistration, type WebAuthnExpectation } from '../src/attestation/webauthn.ts'
import { sha256 } from './apple-device.ts'
import { type AuthenticatorForgery, createAuthenticator, KEY_KINDS, ORIGIN, RP_ID } from './authenticator.ts'

const T = new Uint8Array(sha256('transcript'))
const OTHER = new Uint8Array(sha256('another transcript'))
const device = createAuthenticator()
const stranger = createAuthenticator()
const known = { publicKey: device.publicKey, counter: 0 }
const expected: WebAuthnExpectation = {
  rpId: RP_ID,
  origins: [ORIGIN, 'https://shop.ipse.test'],
  transcript: T,
  userVerification: true,
}
const refusalOf = (verdict: Verdict<object>) => (verdict.holds ? 'holds' : verdict.refusal)

/** What is wrong with client data or authenticator data is the same in both ceremonies. */
const SHARED: readonly [string, Refusal, AuthenticatorForgery][] = [
  ['another challenge', 'challenge', { client: { challenge: toBase64url(OTHER) } }],
  ['a padded challenge', 'challenge', { client: { challenge: `${toBase64url(T)}=` } }],
  ['no challenge', 'challenge', { client: { challenge: undefined } }],
  ['another origin', 'origin', { client: { origin: 'https://evil.test' } }],
  ['an origin below ours', 'origin', { client: { origin: 'https://other.ipse.test' } }],
  ['our origin without TLS', 'origin', { client: { origin: 'http://ipse.test' } }],
  ['our origin with a slash', 'origin', { client: { origin: `${ORIGIN}/` } }],
  ['our origin on another port', 'origin', { client: { origin: `${ORIGIN}:8443` } }],
  ['no origin', 'origin', { client: { origin: undefined } }],
  ['a frame in a strange page', 'origin', { client: { crossOrigin: true } }],
  ['a strange page around it', 'origin', { client: { topOrigin: 'https://evil.test' } }],
  ['another ceremony', 'ceremony', { client: { type: 'payment.get' } }],
  ['no ceremony', 'ceremony', { client: { type: undefined } }],
  ['another relying party', 'app_mismatch', { rpId: 'evil.test' }],
  ['a relying party below ours', 'app_mismatch', { rpId: 'shop.ipse.test' }],
  ['nobody present', 'user_absent', { present: false }],
  ['nobody verified', 'user_unverified', { verified: false }],
  ['authenticator data cut off', 'malformed', { authData: (bytes) => bytes.slice(0, 36) }],
]

test('a registration holds and says the key', async () => {
  const verdict = await verifyRegistration(device.register(T), expected)
  assert.deepEqual(verdict, { holds: true, publicKey: device.publicKey, counter: 0 })
})

test('an assertion of a registered key holds and says its counter', async () => {
  assert.deepEqual(await verifyAssertion(device.assert(T, { counter: 7 }), expected, known), {
    holds: true,
    counter: 7,
  })
})

test('each kind of key can be registered and used, and no bit of its signature flipped', async (t) => {
  for (const kind of KEY_KINDS)
    await t.test(kind, async () => {
      const key = createAuthenticator(kind)
      const registered = await verifyRegistration(key.register(T), expected)
      assert.ok(registered.holds)
      const given = key.assert(T)
      assert.deepEqual(await verifyAssertion(given, expected, registered), { holds: true, counter: 1 })
      const signature = fromBase64url(given.signature)
      for (let at = 0; at < signature.length; at++) {
        const flipped = signature.with(at, signature[at]! ^ (1 << (at % 8)))
        const changed = { ...given, signature: toBase64url(flipped) }
        assert.equal((await verifyAssertion(changed, expected, registered)).holds, false, `byte ${at}`)
      }
    })
})

test('an authenticator that does not count stays at nought', async () => {
  assert.deepEqual(await verifyAssertion(device.assert(T, { counter: 0 }), expected, known), {
    holds: true,
    counter: 0,
  })
})

test('presence is enough where the policy asks for no verification', async () => {
  const lax = { ...expected, userVerification: false }
  assert.equal((await verifyRegistration(device.register(T, { verified: false }), lax)).holds, true)
  assert.equal((await verifyAssertion(device.assert(T, { verified: false }), lax, known)).holds, true)
  assert.equal(
    refusalOf(await verifyAssertion(device.assert(T, { present: false }), lax, known)),
    'user_absent',
  )
})

test('each thing that is wrong with a registration is refused by its name', async (t) => {
  const rows: [string, Refusal, AuthenticatorForgery][] = [
    ...SHARED,
    ['an assertion', 'ceremony', { client: { type: 'webauthn.get' } }],
    ['a chain of certificates', 'format', { format: 'packed', statement: { alg: -7, sig: T, x5c: [T] } }],
    ['a format of phones', 'format', { format: 'android-safetynet', statement: { ver: '1', response: T } }],
    ['a format of chips', 'format', { format: 'tpm' }],
    ['Apple’s anonymous format', 'format', { format: 'apple' }],
    ['a statement where there is none', 'key_unusable', { statement: { more: 1 } }],
    ['another algorithm', 'key_unusable', { algorithm: -36 }],
    ['a secret as key', 'key_unusable', { algorithm: 5 }],
    ['another identifier', 'credential_mismatch', { id: toBase64url(T) }],
    ['an identifier that is no base64url', 'malformed', { id: '%%%' }],
    ['no credential', 'malformed', { authData: (bytes) => bytes.slice(0, 37) }],
    ['a wrong signature of its own', 'key_unusable', { format: 'packed', statement: { alg: -7, sig: T } }],
  ]
  for (const [what, refusal, forgery] of rows)
    await t.test(what, async () => {
      assert.equal(refusalOf(await verifyRegistration(device.register(T, forgery), expected)), refusal)
    })
})

test('each thing that is wrong with an assertion is refused by its name', async (t) => {
  const used = { ...known, counter: 7 }
  const rows: [string, Refusal, AuthenticatorForgery, Partial<typeof known>?][] = [
    ...SHARED,
    ['a registration', 'ceremony', { client: { type: 'webauthn.create' } }],
    ['the counter as before', 'counter_not_increased', { counter: 7 }, used],
    ['a lower counter', 'counter_not_increased', { counter: 6 }, used],
    ['a counter that fell to nought', 'counter_not_increased', { counter: 0 }, used],
    ['another key', 'signature', { signer: stranger.privateKey }],
    ['the stored key of another', 'signature', {}, { publicKey: stranger.publicKey }],
    ['a stored key that is none', 'malformed', {}, { publicKey: new Uint8Array([1]) }],
  ]
  for (const [what, refusal, forgery, change = {}] of rows)
    await t.test(what, async () => {
      const verdict = await verifyAssertion(device.assert(T, forgery), expected, { ...known, ...change })
      assert.equal(refusalOf(verdict), refusal)
    })
})

test('any single bit of an assertion that is flipped is refused', async () => {
  const given = device.assert(T)
  for (const part of ['clientData', 'authenticatorData', 'signature'] as const) {
    const bytes = fromBase64url(given[part])
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = bytes.slice()
      flipped[bit >> 3]! ^= 1 << (bit & 7)
      const verdict = await verifyAssertion({ ...given, [part]: toBase64url(flipped) }, expected, known)
      assert.equal(verdict.holds, false, `${part}, bit ${bit}`)
    }
  }
})

test('a part that is no canonical base64url is refused', async () => {
  const given = device.assert(T)
  for (const part of ['clientData', 'authenticatorData', 'signature'] as const)
    for (const text of [`${given[part]}=`, ` ${given[part]}`, `${given[part]}+`, ''])
      assert.equal((await verifyAssertion({ ...given, [part]: text }, expected, known)).holds, false, part)
})

test('no bytes make a ceremony throw or hold', async () => {
  const bytes = fc.uint8Array({ maxLength: 120 }).map(toBase64url)
  const text = fc.oneof(bytes, fc.string({ maxLength: 80 }))
  await fc.assert(
    fc.asyncProperty(text, text, text, async (clientData, data, signature) => {
      const assertion = { id: device.id, clientData, authenticatorData: data, signature }
      assert.equal((await verifyAssertion(assertion, expected, known)).holds, false)
      const given = device.assert(T)
      assert.equal((await verifyAssertion({ ...given, signature: data }, expected, known)).holds, false)
      const registration = { id: device.id, clientData, attestation: data }
      assert.equal((await verifyRegistration(registration, expected)).holds, false)
      const { clientData: right } = device.register(T)
      const half = { ...registration, clientData: right }
      assert.equal((await verifyRegistration(half, expected)).holds, false)
    }),
    { numRuns: 200 },
  )
})
