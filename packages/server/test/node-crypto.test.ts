/** What the service opens and hashes records with does what WebCrypto does, to the bit. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { beginTranscript, sha256 as byWebCrypto, extendTranscript } from '@ipse/protocol'
import fc from 'fast-check'
import { sealingContract } from '../../protocol/test/sealing-contract.ts'
import { openAes256Gcm, sha256 } from '../src/node-crypto.ts'

sealingContract('node:crypto', openAes256Gcm)

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
