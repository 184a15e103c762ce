/**
 * Two implementations of RFC 9180 against each other: what `hpke`, which Ipse uses, seals and exports, `@hpke/core` opens and
 * exports, and the other way round. By itself, with the full count: `node packages/protocol/test/hpke-differential.ts [ROUNDS]`
 * (10 000 when absent).
 */
import { Aes256Gcm, DhkemP256HkdfSha256, HkdfSha256, CipherSuite as OtherSuite } from '@hpke/core'
import { AEAD_AES_256_GCM, CipherSuite, KDF_HKDF_SHA256, KEM_DHKEM_P256_HKDF_SHA256 } from 'hpke'
import { createSealingKey } from '../src/index.ts'
import { suiteOf } from '../src/sealing-suite.ts'
import type { Runtime } from './sealing-contract.ts'

const ours = new CipherSuite(KEM_DHKEM_P256_HKDF_SHA256, KDF_HKDF_SHA256, AEAD_AES_256_GCM)
const theirs = new OtherSuite({
  kem: new DhkemP256HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Aes256Gcm(),
})

/** Largest record, bytes; frames have 45 kB. */
const MOST_BYTES = 4 * 1024 * 1024
const RECORDS = 2

export interface Comparison {
  readonly contexts: number
  readonly bytes: number
  /** What went wrong, with the round and the size. */
  readonly mismatches: readonly string[]
}

function randomBytes(length: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(length)
  // WebCrypto gives 65 536 bytes at a time; the same ones again are as good here.
  crypto.getRandomValues(out.subarray(0, 65_536))
  for (let at = 65_536; at < length; at += 65_536) out.copyWithin(at, 0, Math.min(65_536, length - at))
  return out
}

/** Every size is as likely as every other in its logarithm, so that small ones are many; 0 and the largest come too. */
function randomSize(round: number): number {
  if (round % 50 === 0) return 0
  if (round % 50 === 1) return MOST_BYTES
  return Math.floor(2 ** (Math.random() * Math.log2(MOST_BYTES)))
}

const same = (a: ArrayBuffer | Uint8Array, b: ArrayBuffer | Uint8Array) =>
  Buffer.from(a as Uint8Array).equals(Buffer.from(b as Uint8Array))

/**
 * @param rounds contexts, half of them in each direction; each seals two records and exports a secret
 * @param runtime what ours opens with
 */
export async function compare(rounds: number, runtime: Runtime = { createSealingKey }): Promise<Comparison> {
  const mismatches: string[] = []
  let total = 0
  for (let round = 0; round < rounds; round++) {
    const info = randomBytes(round % 100)
    const exporter = randomBytes(round % 40)
    const check = (what: string, size: number, fine: boolean) => {
      if (!fine) mismatches.push(`round ${round}, ${size} bytes: ${what}`)
    }
    try {
      if (round % 2 === 0) {
        const { pair, publicKey } = await runtime.createSealingKey()
        const suite = runtime.primitives ? suiteOf(runtime.primitives, publicKey) : ours
        const recipientPublicKey = await theirs.kem.deserializePublicKey(publicKey.buffer)
        const sender = await theirs.createSenderContext({ recipientPublicKey, info })
        const opener = await suite.SetupRecipient(pair, new Uint8Array(sender.enc), { info })
        for (let record = 0; record < RECORDS; record++) {
          const [plain, aad] = [randomBytes(randomSize(round + record)), randomBytes(record)]
          total += plain.length
          const sealed = new Uint8Array(await sender.seal(plain, aad))
          check('theirs to ours', plain.length, same(await opener.Open(sealed, aad), plain))
        }
        check('exports', 32, same(await sender.export(exporter, 32), await opener.Export(exporter, 32)))
      } else {
        const pair = await ours.GenerateKeyPair(false)
        const { encapsulatedSecret, ctx } = await ours.SetupSender(pair.publicKey, { info })
        const opener = await theirs.createRecipientContext({
          recipientKey: pair,
          enc: encapsulatedSecret,
          info,
        })
        for (let record = 0; record < RECORDS; record++) {
          const [plain, aad] = [randomBytes(randomSize(round + record)), randomBytes(record)]
          total += plain.length
          const sealed = await ctx.Seal(plain, aad)
          check('ours to theirs', plain.length, same(await opener.open(sealed, aad), plain))
        }
        check('exports', 32, same(await ctx.Export(exporter, 32), await opener.export(exporter, 32)))
      }
    } catch (error) {
      mismatches.push(`round ${round}: ${error}`)
    }
  }
  return { contexts: rounds, bytes: total, mismatches }
}

if (process.argv[1] === import.meta.filename) {
  const begun = performance.now()
  const { contexts, bytes, mismatches } = await compare(Number(process.argv[2] ?? 10_000))
  const seconds = ((performance.now() - begun) / 1000).toFixed(1)
  console.log(
    `${contexts} contexts, ${(bytes / 2 ** 30).toFixed(2)} GiB in ${seconds} s: ${mismatches.length} mismatches`,
  )
  for (const mismatch of mismatches) console.log(`  ${mismatch}`)
  process.exitCode = mismatches.length === 0 ? 0 : 1
}
