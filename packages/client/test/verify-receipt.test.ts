import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { IpseError, verifyReceipt } from '@ipse/client'
import { ATTESTATION_LEVELS, toBase64url, utf8 } from '@ipse/protocol'
import fc from 'fast-check'
import {
  CLAIMS,
  HEADER,
  ISSUER,
  KID,
  NOW,
  OTHER_SESSION,
  pair,
  publicKey,
  SESSION,
  sign,
} from './receipts.ts'

const expectations = {
  keys: { keys: [publicKey] },
  issuer: ISSUER,
  audience: 'shop',
  expectedSession: SESSION,
  expectedPurpose: 'verification' as const,
  now: NOW,
}

async function codeOf(attempt: Promise<unknown>): Promise<string> {
  try {
    await attempt
    return 'taken'
  } catch (error) {
    return error instanceof IpseError ? error.code : `${error}`
  }
}

test('a sound receipt is taken and says that the person was accepted', async () => {
  const result = await verifyReceipt(await sign(), expectations)
  assert.equal(result.accepted, true)
  assert.deepEqual(result.claims, CLAIMS)
})

test('a receipt that says no is valid and cannot be mistaken for a pass', async () => {
  for (const decision of ['reject', 'retry', 'review'] as const) {
    const claims = { ...CLAIMS, decision, reasons: ['face_mismatch'] }
    const result = await verifyReceipt(await sign(HEADER, claims), expectations)
    assert.equal(result.accepted, false)
    assert.equal(result.claims.decision, decision)
  }
})

test('a key function sees the key id and may answer later', async () => {
  const seen: string[] = []
  const keys = async (kid: string) => {
    seen.push(kid)
    return publicKey
  }
  assert.equal((await verifyReceipt(await sign(), { ...expectations, keys })).accepted, true)
  assert.deepEqual(seen, [KID])
})

const token = await sign()
const [header = '', payload = '', signature = ''] = token.split('.')
const encoded = (value: unknown) =>
  toBase64url(utf8(typeof value === 'string' ? value : JSON.stringify(value)))
const hmac = (key: string | Buffer, input: string) =>
  createHmac('sha256', key).update(input).digest('base64url')
const other = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
  'sign',
  'verify',
])
const otherJwk = await crypto.subtle.exportKey('jwk', other.publicKey)
const spki = Buffer.from(await crypto.subtle.exportKey('spki', pair.publicKey))
const pem = `-----BEGIN PUBLIC KEY-----\n${spki.toString('base64')}\n-----END PUBLIC KEY-----\n`
const text = JSON.stringify(CLAIMS)
const second = CLAIMS.iat
const withHeader = (members: object) => sign({ ...HEADER, ...members })
const withClaims = (members: object) => sign(HEADER, { ...CLAIMS, ...members })
const without = (name: string) => {
  const { [name as 'sid']: _, ...rest } = CLAIMS
  return sign(HEADER, rest)
}
const forged = (head: object, mac: (input: string) => string) => {
  const input = `${encoded(head)}.${payload}`
  return `${input}.${mac(input)}`
}

/** What an attacker may hand to a relying party's backend, each with the code that it must give. */
const ATTACKS: Record<string, { receipt: unknown; code?: string; expect?: object }> = {
  'nothing at all': { receipt: '' },
  'no string': { receipt: { claims: CLAIMS } },
  'two segments': { receipt: `${header}.${payload}` },
  'four segments': { receipt: `${token}.AAAA` },
  'an empty signature': { receipt: `${header}.${payload}.` },
  'alg none without signature': { receipt: `${encoded({ ...HEADER, alg: 'none' })}.${payload}.` },
  'alg none with a signature': { receipt: `${encoded({ ...HEADER, alg: 'none' })}.${payload}.${signature}` },
  'alg None in capitals': { receipt: `${encoded({ ...HEADER, alg: 'NONE' })}.${payload}.${signature}` },
  'HS256 keyed with the public key in PEM': {
    receipt: forged({ ...HEADER, alg: 'HS256' }, (input) => hmac(pem, input)),
  },
  'HS256 keyed with the public key in DER': {
    receipt: forged({ ...HEADER, alg: 'HS256' }, (input) => hmac(spki, input)),
  },
  'HS256 keyed with the published JWK': {
    receipt: forged({ ...HEADER, alg: 'HS256' }, (input) => hmac(JSON.stringify(publicKey), input)),
  },
  'an ES256 header over an HMAC': { receipt: forged(HEADER, (input) => hmac(pem, input)) },
  'another algorithm': { receipt: await withHeader({ alg: 'ES384' }) },
  'a list of algorithms': { receipt: await withHeader({ alg: ['ES256'] }) },
  'another type': { receipt: await withHeader({ typ: 'JWT' }) },
  'a capture token': { receipt: await withHeader({ typ: 'ipse-capture+jwt' }) },
  'an access token': { receipt: await withHeader({ typ: 'at+jwt' }) },
  'no type': { receipt: await withHeader({ typ: undefined }) },
  'the type in capitals': { receipt: await withHeader({ typ: 'IPSE-RECEIPT+JWT' }) },
  'a key id that climbs folders': { receipt: await withHeader({ kid: '../../etc/passwd' }) },
  'a key id that is an address': { receipt: await withHeader({ kid: 'https://evil.example/jwks' }) },
  'a key id named like a prototype': { receipt: await withHeader({ kid: '__proto__' }) },
  'an unknown key id': { receipt: await withHeader({ kid: 'key-2027' }) },
  'no key id': { receipt: await withHeader({ kid: undefined }) },
  'a key of its own in the header': {
    receipt: await sign({ ...HEADER, jwk: otherJwk }, CLAIMS, other.privateKey),
  },
  'an address of keys in the header': { receipt: await withHeader({ jku: 'https://evil.example/jwks' }) },
  'a certificate in the header': { receipt: await withHeader({ x5c: ['MIIB'] }) },
  'an unencoded payload': { receipt: await withHeader({ b64: false, crit: ['b64'] }) },
  'critical members': { receipt: await withHeader({ crit: ['exp'] }) },
  'a key of somebody else under the known id': { receipt: await sign(HEADER, CLAIMS, other.privateKey) },
  'a space before': { receipt: ` ${token}` },
  'a line end after': { receipt: `${token}\n` },
  'a space inside': { receipt: `${header}. ${payload}.${signature}` },
  padding: { receipt: `${header}.${payload}.${signature}==` },
  'the other base64 alphabet': { receipt: `${header}.${payload}.+/${signature.slice(2)}` },
  'a signature in DER length': { receipt: `${header}.${payload}.${toBase64url(new Uint8Array(70))}` },
  'a signature of zeros': { receipt: `${header}.${payload}.${toBase64url(new Uint8Array(64))}` },
  'changed claims under the old signature': {
    receipt: `${header}.${encoded({ ...CLAIMS, sub: 'account-18' })}.${signature}`,
  },
  'a decision given twice': { receipt: await sign(HEADER, `${text.slice(0, -1)},"decision":"accept"}`) },
  'a session given twice': { receipt: await sign(HEADER, `{"sid":"x",${text.slice(1)}`) },
  'claims with spaces': { receipt: await sign(HEADER, JSON.stringify(CLAIMS, null, 1)) },
  'claims that are a list': { receipt: await sign(HEADER, [CLAIMS]) },
  'claims that are null': { receipt: await sign(HEADER, 'null') },
  'claims that are not JSON': { receipt: await sign(HEADER, 'decision: accept') },
  'an unknown claim': { receipt: await withClaims({ admin: true }) },
  'a claim named __proto__': {
    receipt: await sign(HEADER, `${text.slice(0, -1)},"__proto__":{"decision":"accept"}}`),
  },
  'a decision outside the list': { receipt: await withClaims({ decision: 'accepted' }) },
  'a decision that is true': { receipt: await withClaims({ decision: true }) },
  'a decision named like a prototype member': { receipt: await withClaims({ decision: 'constructor' }) },
  'a pass with reasons against it': { receipt: await withClaims({ reasons: ['virtual_camera'] }) },
  'a reason outside the list': { receipt: await withClaims({ decision: 'reject', reasons: ['bored'] }) },
  'a device with a level outside the list': {
    receipt: await withClaims({ device: { ...CLAIMS.device, attestation: 'certain' } }),
  },
  'evidence with a verdict outside the list': {
    receipt: await withClaims({ evidence: [{ ...CLAIMS.evidence[0], verdict: 'fine' }] }),
  },
  'a measurement without a number': {
    receipt: await withClaims({
      evidence: [{ ...CLAIMS.evidence[0], measurement: { status: 'assessed', native: null, score: 1 } }],
    }),
  },
  'several audiences': { receipt: await withClaims({ aud: ['shop', 'bank'] }) },
  'times that are texts': { receipt: await withClaims({ exp: '9999999999' }) },
  'times with fractions': { receipt: await withClaims({ iat: second + 0.5 }) },
  'an end before its begin': { receipt: await withClaims({ exp: second - 1 }) },
  expired: { receipt: await withClaims({ iat: second - 4000, exp: second - 3400 }), code: 'receipt_expired' },
  'from the future': { receipt: await withClaims({ iat: second + 600, exp: second + 1200 }) },
  'older than asked for': {
    receipt: await withClaims({ iat: second - 300 }),
    expect: { maxAgeSeconds: 120 },
    code: 'receipt_expired',
  },
  'an age limit that is not a number': {
    receipt: token,
    expect: { maxAgeSeconds: Number.NaN },
    code: 'receipt_expired',
  },
  'of another session': { receipt: await withClaims({ sid: OTHER_SESSION }) },
  'of a session expected otherwise': { receipt: token, expect: { expectedSession: OTHER_SESSION } },
  'for another purpose': { receipt: await withClaims({ purpose: 'liveness' }) },
  'of another issuer': { receipt: await withClaims({ iss: 'https://ipse.example.evil' }) },
  'of an issuer with a slash more': { receipt: await withClaims({ iss: `${ISSUER}/` }) },
  'for another audience': { receipt: await withClaims({ aud: 'bank' }) },
  'longer than any receipt': { receipt: await withClaims({ sub: 'x'.repeat(20_000) }) },
  'a private key among the keys': {
    receipt: token,
    expect: { keys: { keys: [{ ...publicKey, d: 'AAAA' }] } },
  },
  'a key for encryption': { receipt: token, expect: { keys: { keys: [{ ...publicKey, use: 'enc' }] } } },
  'a symmetric key of that id': {
    receipt: token,
    expect: { keys: { keys: [{ kty: 'oct', k: 'AAAA', kid: KID }] } },
  },
  'two keys of one id': {
    receipt: token,
    expect: { keys: { keys: [publicKey, { ...otherJwk, kid: KID }] } },
  },
  'a key that is not on the curve': {
    receipt: token,
    expect: { keys: { keys: [{ ...publicKey, y: publicKey.x }] } },
  },
  'an empty key set': { receipt: token, expect: { keys: { keys: [] } } },
  'no key set': { receipt: token, expect: { keys: {} } },
}
for (const name of Object.keys(CLAIMS)) {
  if (!['sub', 'transcript', 'match'].includes(name)) ATTACKS[`no ${name}`] = { receipt: await without(name) }
}

for (const [name, { receipt, expect, code = 'receipt_invalid' }] of Object.entries(ATTACKS)) {
  test(`refuses a receipt: ${name}`, async () => {
    assert.equal(
      await codeOf(verifyReceipt(receipt as string, { ...expectations, ...expect } as never)),
      code,
    )
  })
}

test('a key function never sees a key id that is not one', async () => {
  const keys = () => assert.fail('was asked')
  for (const kid of ['../x', 'a/b', 'a b', '', '.', 'x'.repeat(129)])
    assert.equal(
      await codeOf(verifyReceipt(await withHeader({ kid }), { ...expectations, keys })),
      'receipt_invalid',
    )
})

test('no single changed character of a receipt goes unnoticed', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(token.length - 1), fc.constantFrom(...'ABCxyz019-_.= '), async (at, letter) => {
      fc.pre(token[at] !== letter)
      const changed = token.slice(0, at) + letter + token.slice(at + 1)
      assert.equal(await codeOf(verifyReceipt(changed, expectations)), 'receipt_invalid')
    }),
    { numRuns: 300 },
  )
})

test('small differences between clocks are forgiven, larger ones are not', async () => {
  const at = (seconds: number) => ({ ...expectations, now: new Date((CLAIMS.exp + seconds) * 1000) })
  assert.equal(await codeOf(verifyReceipt(token, at(59))), 'taken')
  assert.equal(await codeOf(verifyReceipt(token, at(60))), 'receipt_expired')
})

test('expectations that are missing are a mistake of the program, never a pass', async () => {
  for (const missing of ['issuer', 'expectedSession', 'expectedPurpose'])
    await assert.rejects(verifyReceipt(token, { ...expectations, [missing]: undefined } as never), TypeError)
  await assert.rejects(verifyReceipt(token, { ...expectations, now: new Date('never') }), TypeError)
})

test('a receipt may say how far the device proved itself', async () => {
  for (const attestation of Object.keys(ATTESTATION_LEVELS)) {
    const receipt = await withClaims({
      device: { ...CLAIMS.device, attestation },
      assurance: attestation === 'none' ? 'active-geometry' : 'active+attested',
    })
    const { claims } = await verifyReceipt(receipt, expectations)
    assert.equal(claims.device.attestation, attestation)
  }
})
