/** `/v1/log`: a stranger can rebuild a tenant's log from it, and nobody else's. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  appendLeaf,
  decodeBundle,
  EMPTY_FRONTIER,
  fromBase64url,
  leafHash,
  openCheckpoint,
  parseEntry,
  parseVerifier,
  rootOf,
  tilePath,
  tilesOf,
  toBase64url,
  verifyConsistency,
  verifyInclusion,
} from '@ipse/protocol'
import { SCOPE_NAMES } from '../src/index.ts'
import { sha256 } from '../src/node-crypto.ts'
import { type Fixture, startFixture } from './fixture.ts'

/** Bytes of an operation; the fixture's own calls speak JSON. */
async function raw(fixture: Fixture, path: string, key: string) {
  const { host } = new URL(fixture.socketUrl)
  const answer = await fetch(`http://${host}/v1/log${path}`, { headers: { authorization: `Bearer ${key}` } })
  return { status: answer.status, bytes: new Uint8Array(await answer.arrayBuffer()) }
}
const text = async (...given: Parameters<typeof raw>) => new TextDecoder().decode((await raw(...given)).bytes)

test('entries, tiles, proofs and checkpoints fit together', async () => {
  await using fixture = await startFixture()
  const key = await fixture.newKey(SCOPE_NAMES)
  for (let at = 0; at < 5; at++) await fixture.createSession({ purpose: 'liveness' })
  const first = await text(fixture, '/checkpoint', key)
  for (let at = 0; at < 3; at++) await fixture.createSession({ purpose: 'liveness' })

  const verifiers = await Promise.all(
    (await text(fixture, '/keys', key)).trim().split('\n').map(parseVerifier),
  )
  const before = await openCheckpoint(first, verifiers)
  const { body: view } = await fixture.call('GET', '/v1/log', undefined, { authorization: `Bearer ${key}` })
  assert.equal(view.origin, before.origin)
  assert.equal(view.signedSize, before.size)
  const size = view.size as number
  assert.ok(size >= before.size + 3)

  let frontier = EMPTY_FRONTIER
  for (const tile of tilesOf('entries', size)) {
    const { bytes } = await raw(fixture, `/${tilePath(tile)}`, key)
    for (const entry of decodeBundle(bytes, tile.width)) {
      assert.equal(parseEntry(entry).tenant, 'shop')
      frontier = appendLeaf(frontier, leafHash(entry, sha256), sha256)
    }
  }
  assert.equal(toBase64url(rootOf(frontier, sha256)), view.root)

  const ask = async (path: string) =>
    (await fixture.call('GET', `/v1/log/${path}`, undefined, { authorization: `Bearer ${key}` })).body
  const included = await ask(`inclusion?index=2&size=${size}`)
  const proofOf = (body: { readonly proof?: unknown }) => (body.proof as string[]).map(fromBase64url)
  const inclusion = { index: 2, size, leaf: fromBase64url(included.leaf as string), proof: proofOf(included) }
  assert.ok(await verifyInclusion(inclusion, rootOf(frontier, sha256)))
  const consistent = await ask(`consistency?from=${before.size}`)
  const after = { size, root: rootOf(frontier, sha256) }
  assert.ok(await verifyConsistency(before, after, proofOf(consistent)))
})

test('what the log does not have is not found, and what is no tile is no tile', async () => {
  await using fixture = await startFixture()
  const key = await fixture.newKey(SCOPE_NAMES)
  await fixture.createSession({ purpose: 'liveness' })
  const status = async (path: string) => (await raw(fixture, path, key)).status
  assert.equal(await status('/tile/0/000.p/200'), 404)
  assert.equal(await status('/tile/1/000'), 404)
  for (const path of [
    '/tile/9/000',
    '/tile/0/0',
    '/tile/0/000.p/0',
    '/tile/x',
    '/inclusion?index=99',
    '/inclusion?size=9999',
    '/consistency?from=5&to=2',
    '/consistency?to=-1',
    '/checkpoints?after=x',
    '/inclusion?depth=1',
  ])
    assert.equal(await status(path), 400, path)
})

test('a tenant sees its own log only', async () => {
  await using fixture = await startFixture()
  const [ours, theirs] = [await fixture.newKey(SCOPE_NAMES), await fixture.newKey(SCOPE_NAMES, 'other')]
  const { id } = await fixture.createSession({ purpose: 'liveness', subject: 'anna' })
  const bundle =
    (await text(fixture, '/tile/entries/000.p/1', theirs)) + (await text(fixture, '/checkpoint', theirs))
  assert.ok(!bundle.includes(id) && !bundle.includes('shop'))
  assert.match(await text(fixture, '/checkpoint', ours), /\/log\/shop\n/)
})
