/** What every store must do with the audit log: an unbroken tree for each tenant, and one checkpoint of each size. */
import assert from 'node:assert/strict'
import {
  appendLeaf,
  type Bytes,
  EMPTY_FRONTIER,
  leafHash,
  nextLeafProof,
  parseEntry,
  rootOf,
  verifyInclusion,
} from '@ipse/protocol'
import { sha256 } from '../../src/node-crypto.ts'
import type { Store } from '../../src/store/store.ts'
import type { Check } from './contract.ts'
import { anAudit, aSession } from './records.ts'

const append = async (store: Store, count: number, tenant = 'shop') => {
  for (let done = 0; done < count; done++) await store.appendAudit(anAudit({ tenant }))
}

/** The frontier of the entries as they can be read. */
async function rebuilt(store: Store, tenant = 'shop') {
  const entries = await store.readLogEntries(tenant, 0, 10_000)
  const { size, hashes } = entries.reduce(
    (frontier, entry) => appendLeaf(frontier, leafHash(entry, sha256), sha256),
    EMPTY_FRONTIER,
  )
  return { size, hashes: hashes.map((hash) => Uint8Array.from(hash)) }
}

const checkpoint = (size: number, tenant = 'shop') => ({
  tenant,
  size,
  time: size * 10,
  note: `note ${size}`,
})

export function log(check: Check): void {
  check(
    'keeps the exact bytes of entries, each with its place, and the head that they make',
    async (store) => {
      await append(store, 5)
      await append(store, 2, 'other')
      const entries = await store.readLogEntries('shop', 1, 3)
      assert.deepEqual(
        entries.map((entry) => parseEntry(entry).index),
        [1, 2, 3],
      )
      assert.deepEqual((await store.logHead('shop')).frontier, await rebuilt(store))
      assert.equal((await store.logHead('other')).frontier.size, 2)
      assert.deepEqual((await store.logHead('nobody')).frontier, EMPTY_FRONTIER)
      assert.deepEqual(await store.listLogs(), ['other', 'shop'])
    },
  )

  check('tells in the transaction where an entry went, and what proves it', async (store) => {
    for (let size = 1; size <= 9; size++) {
      const { index, leaf, before } = await store.appendAudit(anAudit())
      const root = rootOf((await store.logHead('shop')).frontier, sha256)
      assert.equal(index, size - 1)
      assert.ok(await verifyInclusion({ index, size, leaf, proof: nextLeafProof(before) }, root))
    }
  })

  check('appends side by side without a gap or a double', async (store) => {
    await Promise.all(Array.from({ length: 40 }, (_, at) => append(store, 1, at % 2 ? 'shop' : 'other')))
    for (const tenant of ['shop', 'other']) {
      const { frontier } = await store.logHead(tenant)
      assert.equal(frontier.size, 20)
      assert.deepEqual(frontier, await rebuilt(store, tenant))
    }
  })

  check('what did not happen leaves no entry, and the log goes on after it', async (store) => {
    const session = aSession()
    await store.insertSession(session, anAudit())
    await assert.rejects(store.insertSession(session, anAudit()))
    await append(store, 1)
    assert.equal((await store.logHead('shop')).frontier.size, 2)
    assert.deepEqual((await store.logHead('shop')).frontier, await rebuilt(store))
  })

  check('keeps the subtrees that tiles are made of', async (store) => {
    await append(store, 600)
    const leaves = await store.readLogHashes('shop', 0, 0, 600)
    const entries = await store.readLogEntries('shop', 0, 600)
    assert.deepEqual(
      leaves,
      entries.map((entry) => Uint8Array.from(leafHash(entry, sha256))),
    )
    const tile = (first: number): Bytes =>
      Uint8Array.from(
        rootOf(
          leaves
            .slice(first, first + 256)
            .reduce((frontier, leaf) => appendLeaf(frontier, leaf, sha256), EMPTY_FRONTIER),
          sha256,
        ),
      )
    assert.deepEqual(await store.readLogHashes('shop', 1, 0, 256), [tile(0), tile(256)])
    assert.deepEqual(await store.readLogHashes('shop', 1, 1, 1), [tile(256)])
    assert.deepEqual(await store.readLogHashes('shop', 2, 0, 256), [])
  })

  check('keeps one checkpoint of a size, never an earlier one after a later one', async (store) => {
    await append(store, 3)
    assert.deepEqual(
      (await store.listUnsignedHeads(9)).map(({ tenant, frontier, signedSize }) => [
        tenant,
        frontier.size,
        signedSize,
      ]),
      [['shop', 3, 0]],
    )
    assert.equal(await store.oldestUnsigned(), 1000)
    const made = await Promise.all([3, 3, 3].map((size) => store.insertCheckpoint(checkpoint(size))))
    assert.equal(made.filter(Boolean).length, 1)
    assert.equal(await store.insertCheckpoint(checkpoint(2)), false)
    assert.deepEqual(await store.listUnsignedHeads(9), [])
    assert.equal(await store.oldestUnsigned(), undefined)
    await append(store, 1)
    assert.ok(await store.insertCheckpoint(checkpoint(4)))
    assert.deepEqual(await store.lastCheckpoint('shop'), checkpoint(4))
    assert.deepEqual(await store.listCheckpoints('shop', 0, 9), [checkpoint(3), checkpoint(4)])
    assert.deepEqual(await store.listCheckpoints('shop', 3, 9), [checkpoint(4)])
    assert.equal(await store.lastCheckpoint('other'), undefined)
  })

  check('remembers which checkpoints were shipped', async (store) => {
    await append(store, 2)
    for (const size of [1, 2]) await store.insertCheckpoint(checkpoint(size))
    assert.deepEqual(await store.listUnsentCheckpoints(1), [checkpoint(1)])
    await store.markCheckpointSent({ tenant: 'shop', size: 1 }, 99)
    assert.deepEqual(await store.listUnsentCheckpoints(9), [checkpoint(2)])
  })
}
