/**
 * CPU time of what the vault does to one template: turned, sealed with its key written, read and opened, and turned like it for
 * a comparison; and the plain AES-256-GCM of the same bytes, below which nothing can come.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { createKeyring, createTransform, openKeys, openSqliteStore, openVault } from '@ipse/server'
import { type Case, progress } from './case.ts'
import { median } from './engine/timing.ts'

/** The shipped networks' template: 128 and 1024 numbers. */
const PARTS = [128, 1024] as const
const TIMES = 200
const ROUNDS = 7

const bytes = (length: number) => new Uint8Array(randomBytes(length))

/** Median over rounds of the CPU time of one, microseconds. */
async function cpuUs(work: (n: number) => Promise<unknown> | unknown): Promise<number> {
  const rounds: number[] = []
  for (let round = 0; round <= ROUNDS; round++) {
    const before = process.cpuUsage()
    for (let n = 0; n < TIMES; n++) await work(n)
    const { user, system } = process.cpuUsage(before)
    // The first one compiles.
    if (round > 0) rounds.push((user + system) / TIMES)
  }
  return median(rounds)
}

export async function benchVault(): Promise<Case[]> {
  const keys = await openKeys(await createKeyring(bytes, 0))
  const store = await openSqliteStore(':memory:')
  const clock = { now: () => Date.now(), monotonicMs: () => performance.now() }
  const vault = openVault({ store, keys, clock, random: { bytes } })
  const vector = Float32Array.from({ length: PARTS[0] + PARTS[1] }, (_, i) => Math.sin(i) / 24)
  const template = { modelId: 'm/1', vector }
  const owner = { tenant: 'shop', subject: 'anna', recordId: 'ref_1' }
  progress('vault …')
  const sealed = await vault.sealTemplate(template, owner, PARTS)
  const opened = await vault.openTemplate(sealed, owner)
  const { protect } = createTransform(bytes(32), PARTS)
  const plain = new Uint8Array(vector.buffer)
  const key = bytes(32)
  const floor = await cpuUs(() => {
    const nonce = bytes(12)
    const cipher = createCipheriv('aes-256-gcm', key, nonce)
    const text = Buffer.concat([cipher.update(plain), cipher.final()])
    const decipher = createDecipheriv('aes-256-gcm', key, nonce)
    decipher.setAuthTag(cipher.getAuthTag())
    return Buffer.concat([decipher.update(text), decipher.final()])
  })
  const ratios = (value: number) => ({ 'aes-256-gcm of the same bytes, both ways': value / floor })
  const measured = async (
    name: string,
    note: string,
    work: () => Promise<unknown> | unknown,
  ): Promise<Case> => {
    const value = await cpuUs(work)
    return { name, unit: 'µs', value, ratios: ratios(value), note }
  }
  const cases = [
    await measured('vault-seal', 'a template turned and sealed, its key wrapped and stored in memory', () =>
      vault.sealTemplate(template, owner, PARTS),
    ),
    await measured(
      'vault-open',
      'its key read and unwrapped, the template opened, its transform derived',
      () => vault.openTemplate(sealed, owner),
    ),
    await measured('vault-compare', 'a probe turned like an opened template', () =>
      opened?.protect(template),
    ),
    await measured('vault-transform-derive', 'a transform from its key', () => createTransform(key, PARTS)),
    await measured('vault-transform-apply', 'a template turned', () => protect(vector)),
  ]
  await store.close()
  return cases
}
