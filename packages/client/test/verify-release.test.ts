/** The release that a service signs: what somebody on the way could change, and what is taken. */
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { IpseClient, IpseError, verifyReceipt, verifyRelease } from '@ipse/client'
import { RELEASE_TYPE, type ReleaseClaims } from '@ipse/protocol'
import fc from 'fast-check'
import {
  ISSUER,
  KID,
  NOW,
  publicKey,
  CLAIMS as RECEIPT,
  HEADER as RECEIPT_HEADER,
  SESSION,
  sign,
} from './receipts.ts'

const seconds = NOW.getTime() / 1000
const file = (name: string, letter = 'A') => ({
  url: `${ISSUER}/web/0.1.0-x/${name}`,
  integrity: `sha384-${letter.repeat(64)}`,
})
const CLAIMS: ReleaseClaims = {
  iss: ISSUER,
  iat: seconds - 10,
  exp: seconds + 3590,
  version: '0.1.0',
  captureProtocols: ['ipse-capture/3'],
  minimumSdk: '0.1.0',
  currentSdk: '0.1.0',
  element: file('ipse-check.js'),
  files: [file('ipse-check.js'), file('more.css', 'B')],
}
const HEADER = { ...RECEIPT_HEADER, typ: RELEASE_TYPE }
const keys = { keys: [publicKey] }
const expectations = { keys, issuer: ISSUER, now: NOW }

async function codeOf(attempt: Promise<unknown>): Promise<string> {
  return attempt.then(
    () => 'taken',
    (error: unknown) => (error instanceof IpseError ? error.code : `${error}`),
  )
}
const codeFor = async (token: string, more: object = {}) =>
  codeOf(verifyRelease(token, { ...expectations, ...more }))

const token = await sign(HEADER, CLAIMS)
const [header = '', , signature = ''] = token.split('.')
const withClaims = (members: object) => sign(HEADER, { ...CLAIMS, ...members })
const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

test('a sound release is taken as it was signed, with or without an element', async () => {
  assert.deepEqual(await verifyRelease(token, expectations), CLAIMS)
  const { element: _, ...rest } = CLAIMS
  const bare = { ...rest, files: [] }
  assert.deepEqual(await verifyRelease(await sign(HEADER, bare), expectations), bare)
})

test('one changed digest, address, version or file is noticed, and so is every changed character', async () => {
  const changes: Partial<ReleaseClaims>[] = [
    { files: [file('ipse-check.js', 'C'), file('more.css', 'B')], element: file('ipse-check.js', 'C') },
    { files: [...CLAIMS.files, file('evil.js')] },
    { files: CLAIMS.files.slice(0, 1) },
    { element: { ...file('ipse-check.js'), url: 'https://evil.example/ipse-check.js' } },
    { minimumSdk: '0.0.1' },
    { exp: CLAIMS.exp + 86_400 },
    { version: '9.9.9' },
  ]
  for (const change of changes) {
    const changed = `${header}.${encoded({ ...CLAIMS, ...change })}.${signature}`
    assert.equal(await codeFor(changed), 'release_invalid', JSON.stringify(change))
  }
  await fc.assert(
    fc.asyncProperty(fc.nat(token.length - 1), fc.constantFrom(...'ABCxyz019-_.= '), async (at, letter) => {
      fc.pre(token[at] !== letter)
      const changed = token.slice(0, at) + letter + token.slice(at + 1)
      assert.equal(await codeFor(changed), 'release_invalid')
    }),
    { numRuns: 200 },
  )
})

test('nothing else that the service signs is a release, and a release is nothing else', async () => {
  for (const typ of ['ipse-receipt+jwt', 'at+jwt', 'JWT', undefined])
    assert.equal(await codeFor(await sign({ ...HEADER, typ }, CLAIMS)), 'release_invalid', typ)
  assert.equal(await codeFor(await sign(RECEIPT_HEADER, RECEIPT)), 'release_invalid')
  const receipt = verifyReceipt(await sign({ ...HEADER }, RECEIPT), {
    ...expectations,
    expectedSession: SESSION,
    expectedPurpose: 'verification',
  })
  assert.equal(await codeOf(receipt), 'receipt_invalid')
})

test('another key, another service, another time and claims that contradict each other are refused', async () => {
  const stranger = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ])
  const cases: Readonly<Record<string, string>> = {
    'a stranger’s key under the known id': await sign(HEADER, CLAIMS, stranger.privateKey),
    'an unknown key id': await sign({ ...HEADER, kid: 'key-2027' }, CLAIMS),
    'a key of its own': await sign({ ...HEADER, jwk: publicKey }, CLAIMS),
    'no signature': `${header}.${encoded(CLAIMS)}.`,
    nothing: '',
    'another service': await withClaims({ iss: 'https://ipse.example.evil' }),
    'a member more': await withClaims({ admin: true }),
    'an element that is none of the files': await withClaims({ element: file('other.js') }),
    'an element with another digest': await withClaims({ element: file('ipse-check.js', 'C') }),
    'a digest of another kind': await withClaims({ files: [{ ...file('a.js'), integrity: 'md5-AAAA' }] }),
    'an address that runs': await withClaims({ files: [{ ...file('a.js'), url: 'javascript:alert(1)' }] }),
    'a version that is none': await withClaims({ minimumSdk: 'latest' }),
    'an end before its begin': await withClaims({ exp: CLAIMS.iat }),
    'from the future': await withClaims({ iat: seconds + 61 }),
  }
  for (const [title, release] of Object.entries(cases))
    assert.equal(await codeFor(release), 'release_invalid', title)
  const at = (offset: number) => ({ now: new Date((CLAIMS.exp + offset) * 1000) })
  assert.equal(await codeFor(token, at(59)), 'taken')
  assert.equal(await codeFor(token, at(60)), 'release_invalid')
  await assert.rejects(verifyRelease(token, { ...expectations, issuer: '' }), TypeError)
  await assert.rejects(verifyRelease(token, { ...expectations, now: new Date('never') }), TypeError)
})

test('the client fetches release and keys, and takes no unsigned list in its place', async () => {
  const fresh = { ...CLAIMS, iat: Math.floor(Date.now() / 1000), exp: Math.floor(Date.now() / 1000) + 3600 }
  let shown: unknown = { release: await sign(HEADER, fresh), element: { files: [] } }
  const asked: string[] = []
  const server = createServer(({ url, headers }, response) => {
    asked.push(`${url} ${headers.authorization ?? 'without a key'}`)
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(url?.endsWith('jwks.json') ? { keys: [{ ...publicKey, kid: KID }] } : shown))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const client = new IpseClient({ baseUrl, apiKey: 'ipse_test_k_s', issuer: ISSUER, retries: 0 })
  try {
    assert.deepEqual(await client.getRelease(), fresh)
    assert.deepEqual(asked, ['/.well-known/ipse.json without a key', '/.well-known/jwks.json without a key'])
    for (shown of [
      { element: CLAIMS.element, files: CLAIMS.files },
      {},
      null,
      { release: token.slice(0, -4) },
    ])
      assert.equal(await codeOf(client.getRelease()), 'release_invalid', JSON.stringify(shown))
  } finally {
    server.closeAllConnections()
    server.close()
  }
})
