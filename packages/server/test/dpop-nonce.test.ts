/** Nonces over HTTP: of this minute or the one before, the same on every node, of nobody else. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createNonces } from '../src/http/dpop-nonce.ts'
import { createKeyring, openKeys } from '../src/index.ts'
import { createTestClock, systemRandom } from './fixture.ts'
import { compact } from './tokens.ts'

const bytes = (length: number) => systemRandom.bytes(length)
const proof = (nonce: unknown) => compact({ typ: 'dpop+jwt' }, { nonce }, () => Buffer.alloc(64))

test('a nonce is good for one to two minutes, on every node of the same keyring', async () => {
  const keyring = await createKeyring(bytes, 0)
  const clock = createTestClock()
  const [node, other] = [
    createNonces(await openKeys(keyring), clock),
    createNonces(await openKeys(keyring), clock),
  ]
  const stranger = createNonces(await openKeys(await createKeyring(bytes, 0)), clock)
  const nonce = node.current()
  assert.equal(other.of(proof(nonce)), nonce)
  assert.equal(stranger.of(proof(nonce)), undefined)
  clock.advance(60_000)
  assert.equal(other.of(proof(nonce)), nonce)
  assert.notEqual(other.current(), nonce)
  clock.advance(60_000)
  assert.equal(other.of(proof(nonce)), undefined)
})

test('what is no proof, or brings no nonce, brings none', async () => {
  const nonces = createNonces(await openKeys(await createKeyring(bytes, 0)), createTestClock())
  for (const odd of [
    undefined,
    '',
    'a.b.c',
    proof(undefined),
    proof(7),
    proof([nonces.current()]),
    ['x', 'y'],
  ])
    assert.equal(nonces.of(odd), undefined)
})
