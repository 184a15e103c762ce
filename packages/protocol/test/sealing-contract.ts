/**
 * What the sealed channel must do, whatever it is computed with. A runtime passes `sealingContract(name, runtime)` or is
 * none.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Aes256Gcm, CipherSuite, DhkemP256HkdfSha256, HkdfSha256 } from '@hpke/core'
import fc from 'fast-check'
import {
  createOpener,
  createSealer,
  IpseError,
  type SealingKey,
  type SealingPrimitives,
  type SealingScope,
  utf8,
} from '../src/index.ts'

const scope: SealingScope = { sessionId: 'ses_1', challengeId: 'chl_1', kid: 'kem_1', jkt: 'thumb' }
const mismatch = (error: unknown) => error instanceof IpseError && error.code === 'challenge_mismatch'

/** What opens: WebCrypto, or what a runtime puts in its place. */
export interface Runtime {
  readonly createSealingKey: () => SealingKey | Promise<SealingKey>
  readonly primitives?: SealingPrimitives
}

export function sealingContract(name: string, { createSealingKey, primitives }: Runtime): void {
  async function pair(openScope = scope) {
    const key = await createSealingKey()
    const sealer = await createSealer(key.publicKey, scope)
    return { sealer, opener: await createOpener(key, sealer.enc, openScope, primitives) }
  }

  test(`${name}: opens what was sealed, in order, whatever the size`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 4000 }), { minLength: 1, maxLength: 5 }),
        async (records) => {
          const { sealer, opener } = await pair()
          for (const record of records)
            assert.deepEqual([...(await opener.open(await sealer.seal(record)))], [...record])
        },
      ),
      { numRuns: 20 },
    )
  })

  test(`${name}: refuses a record that was left out, repeated, reordered or changed`, async () => {
    for (const spoil of ['drop', 'repeat', 'swap', 'flip', 'cut', 'stub'] as const) {
      const { sealer, opener } = await pair()
      const [first, second] = [await sealer.seal(utf8('one')), await sealer.seal(utf8('two'))]
      if (spoil === 'drop' || spoil === 'swap') await assert.rejects(opener.open(second), mismatch)
      if (spoil === 'repeat') {
        await opener.open(first)
        await assert.rejects(opener.open(first), mismatch)
      }
      if (spoil === 'cut') await assert.rejects(opener.open(first.subarray(0, -1)), mismatch)
      if (spoil === 'stub') await assert.rejects(opener.open(first.subarray(0, 15)), mismatch)
      if (spoil === 'flip') {
        first[3] = (first[3] ?? 0) ^ 1
        await assert.rejects(opener.open(first), mismatch)
      }
    }
  })

  test(`${name}: opens nothing under another session, challenge, key id or device key`, async () => {
    for (const member of ['sessionId', 'challengeId', 'kid', 'jkt'] as const) {
      const { sealer, opener } = await pair({ ...scope, [member]: 'another' })
      await assert.rejects(async () => opener.open(await sealer.seal(utf8('x'))), mismatch)
    }
  })

  test(`${name}: refuses an encapsulated secret that is no point of the curve`, async () => {
    const key = await createSealingKey()
    await assert.rejects(createOpener(key, new Uint8Array(65).fill(4), scope, primitives), mismatch)
    await assert.rejects(createOpener(key, new Uint8Array(3), scope, primitives), mismatch)
  })

  test(`${name}: a second implementation of RFC 9180 seals what ours opens`, async () => {
    const suite = new CipherSuite({
      kem: new DhkemP256HkdfSha256(),
      kdf: new HkdfSha256(),
      aead: new Aes256Gcm(),
    })
    const info = utf8(['ipse-capture/1', scope.sessionId, scope.challengeId, scope.kid, scope.jkt].join('|'))
    for (let round = 0; round < 20; round++) {
      const key = await createSealingKey()
      const recipientPublicKey = await suite.kem.deserializePublicKey(key.publicKey.buffer)
      const sender = await suite.createSenderContext({ recipientPublicKey, info })
      const opener = await createOpener(key, new Uint8Array(sender.enc), scope, primitives)
      for (const size of [0, 1, 1000 * round]) {
        const plain = crypto.getRandomValues(new Uint8Array(size))
        const sealed = new Uint8Array(await sender.seal(plain.buffer))
        assert.deepEqual([...(await opener.open(sealed))], [...plain])
      }
    }
  })
}
