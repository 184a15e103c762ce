/** What the service opens and hashes records with does what WebCrypto does, to the bit. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  beginTranscript,
  sha256 as byWebCrypto,
  createDeviceKey,
  createOpener,
  createSealer,
  createSealingKey as createWebKey,
  extendTranscript,
  publicJwk,
  signBytes,
  verifyBytes,
} from '@ipse/protocol'
import fc from 'fast-check'
import { compare } from '../../protocol/test/hpke-differential.ts'
import { sealingContract } from '../../protocol/test/sealing-contract.ts'
import { createSealingKey, openAes256Gcm, sealingPrimitives, sha256, verifyP256 } from '../src/node-crypto.ts'

const runtime = { createSealingKey, primitives: sealingPrimitives }
sealingContract('node:crypto', runtime)

test('opens and exports what a second implementation of RFC 9180 seals', async () => {
  assert.deepEqual((await compare(40, runtime)).mismatches, [])
})

test('agrees with no private key but its own', async () => {
  const key = await createWebKey()
  const scope = { sessionId: 'ses_1', challengeId: 'chl_1', kid: 'key_1', jkt: 'thumb' }
  const { enc } = await createSealer(key.publicKey, scope)
  await assert.rejects(createOpener(key, enc, scope, sealingPrimitives))
})

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })

test('opens what AES-256-GCM of WebCrypto sealed, and refuses it under any other key, nonce or context', async () => {
  await fc.assert(
    fc.asyncProperty(
      bytes(32),
      bytes(12),
      fc.uint8Array({ maxLength: 40 }),
      fc.uint8Array({ maxLength: 4000 }),
      async (key, iv, additionalData, plaintext) => {
        const imported = await crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['encrypt'])
        const algorithm = { name: 'AES-GCM', iv, additionalData }
        const sealed = new Uint8Array(await crypto.subtle.encrypt(algorithm, imported, plaintext))
        assert.deepEqual([...openAes256Gcm(key, iv, additionalData, sealed)], [...plaintext])
        const other = (given: Uint8Array) => given.map((byte, i) => (i === 0 ? byte ^ 1 : byte))
        assert.throws(() => openAes256Gcm(other(key), iv, additionalData, sealed))
        assert.throws(() => openAes256Gcm(key, other(iv), additionalData, sealed))
        assert.throws(() => openAes256Gcm(key, iv, new Uint8Array([...additionalData, 0]), sealed))
        assert.throws(() => openAes256Gcm(key, iv, additionalData, other(sealed)))
      },
    ),
    { numRuns: 50 },
  )
})

test('chains a transcript to the same head', async () => {
  const begun = await beginTranscript({ sessionId: 's', challengeId: 'c', jkt: 'j', kid: 'k', sdk: 'd/1' })
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (record) => {
      const { head, length } = await extendTranscript(begun, record, sha256)
      const wanted = await extendTranscript(begun, record, byWebCrypto)
      assert.deepEqual([[...head], length], [[...wanted.head], wanted.length])
    }),
  )
})

test('takes the signatures that WebCrypto takes, and no others', async () => {
  const { privateKey, publicKey } = await createDeviceKey()
  const jwk = await publicJwk(publicKey)
  const other = await publicJwk((await createDeviceKey()).publicKey)
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 200 }),
      fc.nat(63),
      fc.integer({ min: 1, max: 255 }),
      async (text, at, flip) => {
        const signature = await signBytes(privateKey, text)
        const spoiled = signature.map((byte, i) => (i === at ? byte ^ flip : byte))
        for (const [key, over, signed, taken] of [
          [jwk, text, signature, true],
          [other, text, signature, false],
          [jwk, new Uint8Array([...text, 0]), signature, false],
          [jwk, text, spoiled, false],
          [jwk, text, signature.subarray(1), false],
          [jwk, text, new Uint8Array([...signature, 0]), false],
          [jwk, text, new Uint8Array(64), false],
        ] as const) {
          assert.equal(verifyP256(key, signed, over), taken)
          assert.equal(await verifyBytes(key, signed, over), taken)
        }
      },
    ),
    { numRuns: 30 },
  )
})

test('a point that is not on the curve is no public key', () => {
  const offCurve = { kty: 'EC', crv: 'P-256', x: 'A'.repeat(43), y: 'A'.repeat(43) } as const
  assert.throws(() => verifyP256(offCurve, new Uint8Array(64), new Uint8Array()))
})
