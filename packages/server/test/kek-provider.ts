/** What every provider of key-encryption keys has to do, whatever is behind it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { utf8 } from '@ipse/protocol'
import { type KekProvider, rewrapped } from '../src/vault/kek.ts'
import { systemRandom } from './fixture.ts'

export interface ProviderUnderTest extends AsyncDisposable {
  readonly provider: KekProvider
  /** Makes another key-encryption key the one that wraps. */
  rotate(): Promise<void>
}

export function providerContract(name: string, start: () => Promise<ProviderUnderTest>): void {
  const binding = { keyId: 'dek_1', aad: utf8('whose it is') }

  test(`${name}: what was wrapped unwraps to the same key, and never looks the same`, async () => {
    await using under = await start()
    const { provider } = under
    const key = systemRandom.bytes(32)
    const [a, b] = [await provider.wrap(key, binding), await provider.wrap(key, binding)]
    assert.notDeepEqual(a.wrapped, b.wrapped)
    assert.equal(a.kekId, await provider.current())
    for (const wrapped of [a, b]) assert.deepEqual(await provider.unwrap(wrapped, binding), key)
    assert.ok(!Buffer.from(a.wrapped).includes(Buffer.from(key)))
  })

  test(`${name}: a wrapped key opens for nobody else and with no bit changed`, async () => {
    await using under = await start()
    const { provider } = under
    const wrapped = await provider.wrap(systemRandom.bytes(32), binding)
    const refused = (what: typeof wrapped, whose = binding) => assert.rejects(provider.unwrap(what, whose))
    await refused(wrapped, { ...binding, keyId: 'dek_2' })
    await refused(wrapped, { ...binding, aad: utf8('somebody else') })
    await refused({ ...wrapped, kekId: `${wrapped.kekId}0` })
    await refused({ ...wrapped, wrapped: new Uint8Array(0) })
    for (const at of [0, 14, wrapped.wrapped.length - 3]) {
      const spoiled = Uint8Array.from(wrapped.wrapped)
      spoiled[at] = (spoiled[at] ?? 0) ^ 1
      await refused({ ...wrapped, wrapped: spoiled })
    }
  })

  test(`${name}: after a rotation the new key-encryption key wraps, the old one opens, and keys move over`, async () => {
    await using under = await start()
    const { provider } = under
    const key = systemRandom.bytes(32)
    const old = await provider.wrap(key, binding)
    await under.rotate()
    const current = await provider.current()
    assert.notEqual(current, old.kekId)
    assert.deepEqual(await provider.unwrap(old, binding), key)
    const moved = await rewrapped(provider, old, binding)
    assert.equal(moved.kekId, current)
    assert.deepEqual(await provider.unwrap(moved, binding), key)
    await assert.rejects(provider.unwrap(moved, { ...binding, keyId: 'dek_2' }))
    const listed = await provider.list()
    assert.deepEqual(
      listed.map(({ id, state }) => [id, state]),
      [
        [current, 'wrapping'],
        [old.kekId, 'opening'],
      ],
    )
  })
}
