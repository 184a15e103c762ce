/** A release of the element: every file by an address of its own, with its integrity value, and no other file. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { RELEASE_TYPE, type ReleaseClaims } from '@ipse/protocol'
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose'
import { createKeyring, openKeys } from '../src/index.ts'
import { createTestClock, PUBLIC_URL, startFixture, systemRandom } from './fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'ipse-release-'))
after(() => rmSync(folder, { recursive: true }))

const FILES = { 'ipse-check.js': 'export const check = 1\n', 'more.css': 'a{}\n' }
const sri = (text: string) => `sha384-${createHash('sha384').update(text).digest('base64')}`

function write(manifest: object, files: Readonly<Record<string, string>> = FILES): Record<string, string> {
  for (const [name, text] of Object.entries({ ...files, 'sri.json': JSON.stringify(manifest) }))
    writeFileSync(join(folder, name), text)
  return { 'element.dir': folder }
}

const MANIFEST = {
  version: '0.1.0',
  files: { 'ipse-check.js': sri(FILES['ipse-check.js']), 'more.css': sri(FILES['more.css']) },
}

test('the service publishes version, address and integrity value of every file, and serves these very bytes', async () => {
  await using fixture = await startFixture({ named: write(MANIFEST) })
  const { element } = (await fixture.call('GET', '/.well-known/ipse.json')).body
  assert.equal(element.version, '0.1.0')
  assert.equal(element.files.length, 2)
  assert.deepEqual(
    element.files.find(({ url }: { url: string }) => url === element.url),
    { url: element.url, integrity: element.integrity },
  )
  const created = await fixture.createSession({ purpose: 'liveness' })
  assert.deepEqual(created.element, { url: element.url, integrity: element.integrity })
  // As they were when the service started: what happens to the folder later changes nothing.
  writeFileSync(join(folder, 'ipse-check.js'), 'changed')
  for (const { url, integrity } of element.files) {
    const { pathname } = new URL(url)
    assert.match(pathname, /^\/web\/0\.1\.0-[A-Za-z0-9_-]{16}\//)
    const { status, body, headers } = await fixture.call('GET', pathname)
    assert.equal(status, 200)
    assert.equal(sri(typeof body === 'string' ? body : JSON.stringify(body)), integrity)
    assert.match(String(headers['cache-control']), /immutable/)
  }
  for (const path of ['sri.json', '0.1.0/ipse-check.js', '../ipse-check.js', '%2e%2e/ipse-check.js'])
    assert.equal((await fixture.call('GET', `/web/${path}`)).status, 404, path)
})

test('what is served is signed by the service’s own key, of a type of its own, and again when another key signs', async () => {
  const clock = createTestClock()
  const keyring = await createKeyring(systemRandom.bytes, clock.now())
  const keys = await openKeys(keyring)
  await using fixture = await startFixture({ clock, named: write(MANIFEST), more: { keys } })
  const read = async () => (await fixture.call('GET', '/.well-known/ipse.json')).body
  const { release, element, minimumSdk, currentSdk, captureProtocols } = await read()
  const published = createLocalJWKSet((await fixture.call('GET', '/.well-known/jwks.json')).body)
  const verify = (token: string, jwks = published) =>
    jwtVerify<ReleaseClaims>(token, jwks, {
      typ: RELEASE_TYPE,
      issuer: PUBLIC_URL,
      currentDate: new Date(clock.now()),
    })
  const { payload } = await verify(release)
  assert.deepEqual(
    [payload.files, payload.element, payload.minimumSdk, payload.currentSdk, payload.captureProtocols],
    [
      element.files,
      { url: element.url, integrity: element.integrity },
      minimumSdk,
      currentSdk,
      captureProtocols,
    ],
  )
  assert.deepEqual([payload.iat, payload.exp], [clock.now() / 1000, clock.now() / 1000 + 3600])
  clock.advance(299_000)
  assert.equal((await read()).release, release, 'not signed for everybody who asks')
  clock.advance(1_000)
  const later = (await read()).release
  assert.equal((await verify(later)).payload.iat, clock.now() / 1000)
  const next = { ...(await createKeyring(systemRandom.bytes, 0)).signing[0]!, signsFrom: clock.now() }
  await keys.take({ ...keyring, format: 'ipse-keyring/2', signing: [next, ...keyring.signing] })
  const rotated = (await read()).release
  assert.equal(decodeProtectedHeader(rotated).kid, next.kid)
  await verify(rotated, createLocalJWKSet({ keys: [...keys.jwks().keys] }))
})

test('a service without an element signs that it serves none, and one whose key fails says nothing', async () => {
  let broken = true
  const clock = createTestClock()
  const keys = await openKeys(await createKeyring(systemRandom.bytes, clock.now()))
  const signRelease: typeof keys.signRelease = (claims) =>
    broken ? Promise.reject(new Error('no key')) : keys.signRelease(claims)
  await using fixture = await startFixture({
    clock,
    named: { 'element.dir': '' },
    more: { keys: { ...keys, signRelease } },
  })
  assert.equal((await fixture.call('GET', '/.well-known/ipse.json')).status, 500)
  broken = false
  const { body } = await fixture.call('GET', '/.well-known/ipse.json')
  const { element, files } = decodeJwt<ReleaseClaims>(body.release)
  assert.deepEqual([element, files], [undefined, []])
})

test('another release has another address; a file that has not changed is not sent again', async () => {
  const address = async (manifest: object, files = FILES) => {
    await using fixture = await startFixture({ named: write(manifest, files) })
    const { element } = (await fixture.call('GET', '/.well-known/ipse.json')).body
    const first = await fixture.call('GET', '/web/ipse-check.js')
    const tag = { 'if-none-match': String(first.headers.etag) }
    assert.equal((await fixture.call('GET', '/web/ipse-check.js', undefined, tag)).status, 304)
    return { url: element.url as string, tag: first.headers.etag }
  }
  const changed = { ...FILES, 'more.css': 'b{}\n' }
  const one = await address(MANIFEST)
  const two = await address(
    { ...MANIFEST, files: { ...MANIFEST.files, 'more.css': sri(changed['more.css']) } },
    changed,
  )
  assert.notEqual(one.url, two.url)
  assert.equal(one.tag, two.tag)
})

for (const [what, manifest, files] of [
  ['one byte of a file is another', MANIFEST, { ...FILES, 'more.css': 'b{}\n' }],
  ['the module is not named', { ...MANIFEST, files: { 'more.css': MANIFEST.files['more.css'] } }, FILES],
  ['a file is missing', { ...MANIFEST, files: { ...MANIFEST.files, 'none.js': sri('') } }, FILES],
  ['a name leads elsewhere', { ...MANIFEST, files: { ...MANIFEST.files, '../x.js': sri('') } }, FILES],
] as const)
  test(`the service does not start when ${what}`, async () => {
    await assert.rejects(startFixture({ named: write(manifest, files) }), {
      code: 'settings_invalid',
      message: /element\.dir.*npm run build/,
    })
  })
