/** Google Play Integrity against synthetic keys: what holds, and every way in which it does not. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { toBase64url } from '@ipse/protocol'
import fc from 'fast-check'
import { MAX_AGE_MS, MAX_AHEAD_MS, verifyPlayIntegrity } from '../src/attestation/play-integrity.ts'
import type { Refusal } from '../src/attestation/refusals.ts'
import { NOW, sha256 } from './apple-device.ts'
import { createPlayKeys, type PlayForgery, playToken, SIGNER, trustIn } from './play-device.ts'

const T = new Uint8Array(sha256('transcript'))
const keys = createPlayKeys()
const stranger = createPlayKeys()
const trust = trustIn(keys)
const labels = (...deviceRecognitionVerdict: string[]): PlayForgery => ({
  device: { deviceRecognitionVerdict },
})

const judge = async (forgery: PlayForgery = {}, transcript: Uint8Array = T) =>
  verifyPlayIntegrity(await playToken(keys, T, forgery), trust, transcript, NOW)

test('the level is what the device meets', async () => {
  const both = labels('MEETS_BASIC_INTEGRITY', 'MEETS_DEVICE_INTEGRITY', 'MEETS_STRONG_INTEGRITY')
  assert.deepEqual(await judge(), { holds: true, level: 'valid' })
  assert.deepEqual(await judge(both), { holds: true, level: 'strong' })
})

test('a verdict holds up to its age, and a little ahead of our clock', async () => {
  for (const time of [NOW - MAX_AGE_MS, NOW + MAX_AHEAD_MS]) {
    const verdict = await judge({ request: { timestampMillis: String(time) } })
    assert.equal(verdict.holds, true)
  }
})

test('each thing that is wrong with a verdict is refused by its name', async (t) => {
  const at = (timestampMillis: unknown): PlayForgery => ({ request: { timestampMillis } })
  const segment = (index: number, change: (text: string) => string) => (token: string) =>
    token
      .split('.')
      .map((part, i) => (i === index ? change(part) : part))
      .join('.')
  const header = (members: object) => Buffer.from(JSON.stringify(members)).toString('base64url')
  const unsigned = (jws: string) => `${header({ alg: 'none' })}.${jws.split('.')[1]}.`
  const rows: [string, Refusal, PlayForgery, Uint8Array?][] = [
    ['no token', 'token_form', { token: () => '' }],
    ['a space at the end', 'token_form', { token: (jwe) => `${jwe} ` }],
    ['padding', 'token_form', { token: (jwe) => `${jwe}=` }],
    ['a segment missing', 'token_form', { token: (jwe) => jwe.slice(0, jwe.lastIndexOf('.')) }],
    ['a segment too many', 'token_form', { token: (jwe) => `${jwe}.AA` }],
    ['no encrypted key', 'token_form', { token: segment(1, () => '') }],
    ['a token that is too long', 'token_form', { token: (jwe) => `${jwe}${'A'.repeat(20_000)}` }],
    ['a header that is no JSON', 'token_form', { token: segment(0, () => 'AAAA') }],
    [
      'direct encryption',
      'token_header',
      { token: segment(0, () => header({ alg: 'dir', enc: 'A256GCM' })) },
    ],
    [
      'a password as key',
      'token_header',
      { token: segment(0, () => header({ alg: 'PBES2-HS256+A128KW', enc: 'A256GCM' })) },
    ],
    ['another cipher', 'token_header', { outerHeader: { enc: 'A128CBC-HS256' } }],
    [
      'compression',
      'token_header',
      { token: segment(0, () => header({ alg: 'A256KW', enc: 'A256GCM', zip: 'DEF' })) },
    ],
    [
      'an address for the key',
      'token_header',
      { token: segment(0, () => header({ alg: 'A256KW', enc: 'A256GCM', jku: 'https://x.test' })) },
    ],
    ['no cipher named', 'token_header', { token: segment(0, () => header({ alg: 'A256KW' })) }],
    ['another header', 'decryption', { token: segment(0, () => header({ enc: 'A256GCM', alg: 'A256KW' })) }],
    ['encrypted to a stranger', 'decryption', { encryptionKey: stranger.decryptionKey }],
    ['the tag of another token', 'decryption', { token: segment(4, () => toBase64url(new Uint8Array(16))) }],
    ['clear text inside', 'token_form', { inner: () => '{"requestDetails":{}}' }],
    ['another JWE inside', 'token_form', { inner: (jws) => `${jws}.AA.AA` }],
    ['an unsigned verdict', 'token_form', { inner: unsigned }],
    ['an unsigned verdict with a signature', 'token_header', { inner: (jws) => `${unsigned(jws)}AA` }],
    [
      'a verdict under a shared secret',
      'token_header',
      { innerHeader: { alg: 'HS256' }, signingKey: new Uint8Array(32) },
    ],
    ['a key inside the header', 'token_header', { innerHeader: { jku: 'https://x.test' } }],
    ['signed by a stranger', 'signature', { signingKey: stranger.signingKey }],
    ['a verdict that is a list', 'malformed', { payload: (verdict) => [verdict] }],
    ['a verdict that is a text', 'malformed', { payload: () => 'verdict' }],
    ['no request', 'malformed', { payload: (verdict) => ({ ...verdict, requestDetails: undefined }) }],
    ['no app', 'malformed', { payload: (verdict) => ({ ...verdict, appIntegrity: undefined }) }],
    ['no device', 'malformed', { payload: (verdict) => ({ ...verdict, deviceIntegrity: null }) }],
    ['another package asked', 'app_mismatch', { request: { requestPackageName: 'test.ipse.other' } }],
    ['no package', 'app_mismatch', { request: { requestPackageName: undefined } }],
    ['another transcript', 'request_hash', {}, new Uint8Array(sha256('another transcript'))],
    ['no hash', 'request_hash', { request: { requestHash: undefined } }],
    [
      'a nonce in place of the hash',
      'request_hash',
      { request: { requestHash: undefined, nonce: toBase64url(T) } },
    ],
    [
      'the hash in other letters',
      'request_hash',
      { request: { requestHash: Buffer.from(T).toString('base64') } },
    ],
    ['two minutes and a bit', 'too_old', at(String(NOW - MAX_AGE_MS - 1))],
    ['time zero', 'too_old', at('0')],
    ['a verdict of the future', 'from_future', at(String(NOW + MAX_AHEAD_MS + 1))],
    ['a time that is a number', 'malformed', at(NOW)],
    ['a time that is no number', 'malformed', at('NaN')],
    ['a negative time', 'malformed', at('-1')],
    ['no time', 'malformed', at(undefined)],
    [
      'an app that Play does not know',
      'app_unrecognised',
      { app: { appRecognitionVerdict: 'UNRECOGNIZED_VERSION' } },
    ],
    ['an app that was not looked at', 'app_unrecognised', { app: { appRecognitionVerdict: 'UNEVALUATED' } }],
    ['no recognition', 'app_unrecognised', { app: { appRecognitionVerdict: undefined } }],
    ['another app', 'app_mismatch', { app: { packageName: 'test.ipse.other' } }],
    ['another signer', 'certificate_mismatch', { app: { certificateSha256Digest: [toBase64url(T)] } }],
    [
      'a second signer',
      'certificate_mismatch',
      { app: { certificateSha256Digest: [SIGNER, toBase64url(T)] } },
    ],
    ['no signer', 'certificate_mismatch', { app: { certificateSha256Digest: undefined } }],
    ['signers that are no list', 'malformed', { app: { certificateSha256Digest: SIGNER } }],
    ['no label', 'device_integrity', labels()],
    ['labels absent', 'device_integrity', { device: {} }],
    ['basic integrity', 'device_integrity', labels('MEETS_BASIC_INTEGRITY')],
    ['an emulator', 'device_integrity', labels('MEETS_VIRTUAL_INTEGRITY')],
    ['a label in small letters', 'device_integrity', labels('meets_device_integrity')],
    [
      'labels that are a text',
      'malformed',
      { device: { deviceRecognitionVerdict: 'MEETS_STRONG_INTEGRITY' } },
    ],
  ]
  for (const [what, refusal, forgery, transcript] of rows)
    await t.test(what, async () => {
      const verdict = await judge(forgery, transcript)
      assert.equal(verdict.holds ? 'holds' : verdict.refusal, refusal)
    })
})

test('any single character of a token that is changed is refused', async () => {
  const token = await playToken(keys, T)
  for (let at = 0; at < token.length; at++) {
    const other = token[at] === 'A' ? 'B' : 'A'
    const changed = token.slice(0, at) + other + token.slice(at + 1)
    assert.equal((await verifyPlayIntegrity(changed, trust, T, NOW)).holds, false, `character ${at}`)
  }
})

test('no text makes the verification throw or hold', async () => {
  const token = await playToken(keys, T)
  const odd = fc.oneof(
    fc.string({ maxLength: 300 }),
    fc.array(fc.base64String(), { maxLength: 6 }).map((parts) => parts.join('.')),
    fc.nat(token.length - 1).map((end) => token.slice(0, end)),
  )
  await fc.assert(
    fc.asyncProperty(odd, async (text) => {
      assert.equal((await verifyPlayIntegrity(text, trust, T, NOW)).holds, false)
    }),
    { numRuns: 300 },
  )
})

test('whatever a signed verdict says, it never throws, and holds only with every member right', async () => {
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), async (value) => {
      const verdict = await judge({ payload: () => value ?? {} })
      assert.equal(verdict.holds, false)
    }),
    { numRuns: 200 },
  )
})

test('a token that was made for other keys does not open', async () => {
  const other = { ...trust, decryptionKey: new Uint8Array(randomBytes(32)) }
  const verdict = await verifyPlayIntegrity(await playToken(keys, T), other, T, NOW)
  assert.deepEqual(verdict, { holds: false, refusal: 'decryption' })
})
