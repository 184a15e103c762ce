/** The vault: what is stored, what opens it and what does not, and what is left after a crash at any moment. */
import assert from 'node:assert/strict'
import { createCipheriv, hkdfSync } from 'node:crypto'
import { test } from 'node:test'
import { canonicalJson, concat, utf8 } from '@ipse/protocol'
import fc from 'fast-check'
import { createKeyring, type Keys, openKeys, openSqliteStore, type Store } from '../src/index.ts'
import { dropEncryption, LEAST_WRAP_LEAD_MS, rotateEncryption } from '../src/keys/encryption-rotation.ts'
import { createEncryptionEntry } from '../src/keys/keyring.ts'
import type { SealedTemplate } from '../src/store/store.ts'
import { keyringKeks, openVault } from '../src/vault/open.ts'
import { comparedWith } from '../src/vault/protected.ts'
import { renewAll } from '../src/vault/renew.ts'
import { assertUnused, kekUses, rewrapAll } from '../src/vault/rewrap.ts'
import { sweepKeys } from '../src/vault/sweep.ts'
import { createTransform } from '../src/vault/transform.ts'
import { CHECK_AFTER_MS, type RecordOwner, type Vault } from '../src/vault/vault.ts'
import { createTestClock, systemRandom, type TestClock } from './fixture.ts'
import { anAudit, aReference } from './store/records.ts'

const bytes = (length: number) => systemRandom.bytes(length)
const owner: RecordOwner = { tenant: 'shop', subject: 'anna', recordId: 'ref_1' }
const vectorOf = (values: readonly number[]) => ({ modelId: 'm/1', vector: Float32Array.from(values) })
const face = vectorOf([0.6, 0, 0, 0.8, 0, 0, 0, 0])
const parts = [8]

interface World extends AsyncDisposable {
  readonly store: Store
  readonly keys: Keys
  readonly clock: TestClock
  readonly vault: Vault
  readonly rotate: () => Promise<void>
}

async function open(wrap: (store: Store) => Store = (store) => store): Promise<World> {
  const clock = createTestClock()
  let ring = await createKeyring(bytes, clock.now())
  const keys = await openKeys(ring)
  const memory = await openSqliteStore(':memory:')
  const store = wrap(memory)
  return {
    store,
    keys,
    clock,
    vault: openVault({ store, keys, clock, random: systemRandom }),
    async rotate() {
      ring = rotateEncryption(ring, createEncryptionEntry(bytes), clock.now(), LEAST_WRAP_LEAD_MS)
      await keys.take(ring)
      clock.advance(LEAST_WRAP_LEAD_MS)
    },
    [Symbol.asyncDispose]: () => memory.close(),
  }
}

const idOf = ({ key }: SealedTemplate) => ('id' in key ? key.id : assert.fail('no id'))

test('a sealed template compares like the bare one, and is turned back by renewal alone', async () => {
  await using world = await open()
  const anyVector = fc.float32Array({ minLength: 8, maxLength: 8, noNaN: true, min: -1, max: 1 })
  await fc.assert(
    fc.asyncProperty(anyVector, anyVector, async (a, b) => {
      const sealed = await world.vault.sealTemplate({ modelId: 'm/1', vector: a }, owner, parts)
      const opened = await world.vault.openTemplate(sealed, owner)
      assert.ok(opened)
      const dot = (x: { vector: Float32Array }, y: { vector: Float32Array }) =>
        x.vector.reduce((sum, value, i) => sum + value * (y.vector[i] ?? 0), 0)
      const probe = { modelId: 'm/1', vector: b }
      const bare = dot({ vector: a }, probe)
      assert.ok(Math.abs(comparedWith(opened, probe, dot) - bare) < 1e-5)
      for (const [i, value] of opened.bare(opened.template).vector.entries())
        assert.ok(Math.abs(value - (a[i] ?? 0)) < 1e-6)
    }),
    { numRuns: 50 },
  )
})

test('the store of data has no key and no bare number, the store of keys neither template nor name', async () => {
  await using world = await open()
  const sealed = await world.vault.sealTemplate(face, owner, parts)
  const key = await world.store.findDataKey(idOf(sealed))
  assert.ok(key)
  const bare = Buffer.from(face.vector.buffer)
  for (const part of [sealed.sealed, key.wrapped])
    assert.ok(!Buffer.from(part).includes(bare.subarray(0, 16)))
  assert.ok(!JSON.stringify(key).includes('anna'))
  assert.equal(key.wrapped.length, 12 + 32 + 16)
  const again = await world.vault.sealTemplate(face, owner, parts)
  assert.notDeepEqual(again.sealed, sealed.sealed)
  const [a, b] = await Promise.all([sealed, again].map((one) => world.vault.openTemplate(one, owner)))
  assert.notDeepEqual(a?.template.vector, b?.template.vector, 'two copies of one face have nothing in common')
})

test('a template does not open for another owner, model, scheme or key, nor with a bit changed in either store', async () => {
  await using world = await open()
  const { vault, store } = world
  const sealed = await vault.sealTemplate(face, owner, parts)
  const other = await vault.sealTemplate(face, { ...owner, subject: 'bert', recordId: 'ref_2' }, parts)
  const twin = await vault.sealTemplate(face, owner, parts)
  const refused = (record: SealedTemplate, whose = owner) =>
    assert.rejects(vault.openTemplate(record, whose), { code: 'internal' })
  await refused(sealed, { ...owner, tenant: 'other' })
  await refused(sealed, { ...owner, subject: 'bert' })
  await refused(sealed, { ...owner, recordId: 'ref_2' })
  await refused({ ...sealed, model: 'm/2' })
  await refused({ ...sealed, scheme: sealed.scheme.replace('8', '4,4') })
  await refused({ ...sealed, scheme: 'none' })
  await refused({ ...sealed, key: other.key })
  await refused({ ...sealed, key: twin.key })
  // Rows are exchanged between two people: the record, and the record with its key.
  await refused({ ...other, key: sealed.key })
  await refused(other)
  for (const at of [0, 13, sealed.sealed.length - 1]) {
    const spoiled = Uint8Array.from(sealed.sealed)
    spoiled[at] = (spoiled[at] ?? 0) ^ 1
    await refused({ ...sealed, sealed: spoiled })
  }
  const [mine, theirs] = [await store.findDataKey(idOf(sealed)), await store.findDataKey(idOf(other))]
  assert.ok(mine && theirs)
  for (const wrapped of [theirs.wrapped, new Uint8Array(60), new Uint8Array(3)]) {
    await store.rewrapDataKey(mine.id, mine.kekId, { kekId: mine.kekId, wrapped })
    await refused(sealed)
  }
  await store.rewrapDataKey(mine.id, mine.kekId, mine)
  assert.ok(await vault.openTemplate(sealed, owner))
})

test('destroying the keys of a subject closes all that is sealed for them, and nothing else', async () => {
  await using world = await open()
  const { vault } = world
  const mine = await Promise.all(
    [1, 2].map((n) => vault.sealTemplate(face, { ...owner, recordId: `ref_${n}` }, parts)),
  )
  const bert = { ...owner, subject: 'bert' }
  const [theirs, elsewhere] = [
    await vault.sealTemplate(face, bert, parts),
    await vault.sealTemplate(face, { ...owner, tenant: 'other' }, parts),
  ]
  assert.equal(await vault.shred('shop', 'anna'), 2)
  for (const [i, record] of mine.entries())
    assert.equal(await vault.openTemplate(record, { ...owner, recordId: `ref_${i + 1}` }), undefined)
  assert.ok(await vault.openTemplate(theirs, bert))
  assert.ok(await vault.openTemplate(elsewhere, { ...owner, tenant: 'other' }))
  await vault.destroy([theirs.key])
  assert.equal(await vault.openTemplate(theirs, bert), undefined)
})

test('a key with an end opens nothing from then on, even before it is swept', async () => {
  await using world = await open()
  const { vault, clock, store } = world
  const session = { tenant: 'shop', subject: '', recordId: 'ses_1' }
  const sealed = await vault.sealTemplate(face, session, parts, clock.now() + 1000)
  assert.ok(await vault.openTemplate(sealed, session))
  clock.advance(1000)
  assert.equal(await vault.openTemplate(sealed, session), undefined)
  assert.equal(await sweepKeys(store, clock.now()), 1)
})

test('a key whose record was never written is deleted after its check; one with a record stays and is checked again', async () => {
  await using world = await open()
  const { vault, clock, store } = world
  const orphan = await vault.sealTemplate(face, owner, parts)
  const kept = await vault.sealTemplate(face, owner, parts)
  await store.insertReference(aReference({ ...kept, id: 'ref_1' }), anAudit())
  clock.advance(CHECK_AFTER_MS - 1)
  assert.equal(await sweepKeys(store, clock.now()), 0)
  clock.advance(1)
  assert.equal(await sweepKeys(store, clock.now()), 1)
  assert.equal(await vault.openTemplate(orphan, owner), undefined)
  assert.ok(await vault.openTemplate(kept, owner))
  assert.equal(await sweepKeys(store, clock.now()), 0)
  clock.advance(8 * 86_400_000)
  assert.equal(await sweepKeys(store, clock.now()), 0, 'it has its record still')
  await store.eraseSubject('shop', 'anna', anAudit())
  clock.advance(8 * 86_400_000)
  assert.equal(await sweepKeys(store, clock.now()), 1, 'whatever deleted the record knew nothing of keys')
})

test('at whatever write a process dies: no erased template opens, no accepted one is lost, and no key stays for ever', async () => {
  class Death extends Error {}
  for (let death = 0; ; death++) {
    let writes = 0
    const die = () => {
      if (writes++ === death) throw new Death()
    }
    const deadly = (memory: Store): Store => ({
      ...memory,
      insertDataKey: async (key) => {
        die()
        await memory.insertDataKey(key)
        die()
      },
      insertReference: async (reference, audit) => {
        await memory.insertReference(reference, audit)
        die()
      },
      shredDataKeys: async (tenant, whose) => {
        const count = await memory.shredDataKeys(tenant, whose)
        die()
        return count
      },
      eraseSubject: async (tenant, subject, audit) => {
        const counts = await memory.eraseSubject(tenant, subject, audit)
        die()
        return counts
      },
    })
    await using world = await open(deadly)
    const { vault, store, clock } = world
    let said: 'nothing' | 'enrolled' | 'erased' = 'nothing'
    try {
      const sealed = await vault.sealTemplate(face, owner, parts)
      await store.insertReference(aReference({ ...sealed, id: 'ref_1' }), anAudit())
      said = 'enrolled'
      await vault.shred('shop', 'anna')
      await store.eraseSubject('shop', 'anna', anAudit())
      await vault.shred('shop', 'anna')
      said = 'erased'
    } catch (error) {
      assert.ok(error instanceof Death)
    }
    const found = await store.listReferences('shop', 'anna')
    const opened = await Promise.all(found.map((one) => vault.openTemplate(one, owner)))
    if (said === 'erased') assert.deepEqual(opened, [], `death at ${death}`)
    // From the enrolment on until the erasure has begun it opens; in between it counts as erased.
    if (said === 'enrolled') for (const one of opened) assert.equal(one, undefined)
    if (said === 'nothing') for (const one of opened) assert.ok(one)
    clock.advance(CHECK_AFTER_MS)
    writes = Number.NEGATIVE_INFINITY
    await sweepKeys(store, clock.now())
    const left = [...(await store.countDataKeys()).values()].reduce((sum, n) => sum + n, 0)
    assert.equal(left, opened.filter((one) => one !== undefined).length, `death at ${death}`)
    if (said === 'erased') {
      assert.equal(death, 6, 'every write was one to die at')
      return
    }
  }
})

test('after a rotation old keys open, move when they are used, all move on demand, and only then may the old one go', async () => {
  await using world = await open()
  const { vault, store, keys, clock } = world
  const sealed = await Promise.all(
    Array.from({ length: 450 }, (_, n) =>
      vault.sealTemplate(face, { ...owner, recordId: `ref_${n}` }, parts),
    ),
  )
  const ownerOf = (n: number) => ({ ...owner, recordId: `ref_${n}` })
  const kek = keyringKeks({ keys, clock, random: systemRandom })
  const old = await kek.current()
  await assert.rejects(assertUnused(store, kek, old), { code: 'conflict' })
  await world.rotate()
  const current = await kek.current()
  assert.notEqual(current, old)
  const [first = assert.fail()] = sealed
  assert.ok(await vault.openTemplate(first, ownerOf(0)))
  assert.equal((await store.findDataKey(idOf(first)))?.kekId, current, 'moved when it was used')
  assert.deepEqual(
    (await kekUses(store, kek)).map(({ id, state, keys: count }) => [id, state, count]),
    [
      [current, 'wrapping', 1],
      [old, 'opening', 449],
    ],
  )
  const heard: number[] = []
  const result = await rewrapAll(store, kek, (done, total) => heard.push(done, total))
  assert.deepEqual(result, { kekId: current, rewrapped: 449, failed: 0 })
  assert.deepEqual(heard.slice(-2), [449, 449])
  assert.deepEqual((await rewrapAll(store, kek)).rewrapped, 0)
  await assertUnused(store, kek, old)
  await assert.rejects(assertUnused(store, kek, 'kek-none'), { code: 'invalid_request' })
  for (const [n, record] of sealed.entries()) assert.ok(await vault.openTemplate(record, ownerOf(n)))
})

test('a key that was altered is counted and does not stop the others; one whose key-encryption key is gone is named', async () => {
  await using world = await open()
  const { vault, store, keys, clock } = world
  const sealed = await Promise.all([1, 2, 3].map(() => vault.sealTemplate(face, owner, parts)))
  const kek = keyringKeks({ keys, clock, random: systemRandom })
  const old = await kek.current()
  await store.rewrapDataKey(idOf(sealed[1] ?? assert.fail()), old, {
    kekId: old,
    wrapped: new Uint8Array(60),
  })
  await store.rewrapDataKey(idOf(sealed[2] ?? assert.fail()), old, {
    kekId: 'kek-lost',
    wrapped: new Uint8Array(60),
  })
  await world.rotate()
  assert.deepEqual(await rewrapAll(store, kek), { kekId: await kek.current(), rewrapped: 1, failed: 2 })
  const uses = (await kekUses(store, kek)).map(({ id, state, keys: count }) => [id, state, count])
  assert.deepEqual(uses.slice(1), [
    [old, 'opening', 1],
    ['kek-lost', 'missing', 1],
  ])
})

/** A template as it was sealed before there was a store of keys. */
function sealedBefore(
  whose: RecordOwner,
  { id: kekId, secret }: { id: string; secret: Uint8Array },
): SealedTemplate {
  const scheme = 'aes-256-gcm/1'
  const { tenant, subject, recordId } = whose
  const aad = utf8(canonicalJson({ tenant, subject, recordId, model: face.modelId, scheme, kekId }))
  const seal = (key: Uint8Array, plain: Uint8Array) => {
    const iv = bytes(12)
    const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(aad)
    return concat(iv, cipher.update(plain), cipher.final(), cipher.getAuthTag())
  }
  const dataKey = bytes(32)
  const wrapping = new Uint8Array(
    hkdfSync('sha256', secret, utf8(recordId), utf8('ipse-template-wrap/1'), 32),
  )
  return {
    model: face.modelId,
    scheme,
    sealed: seal(dataKey, new Uint8Array(face.vector.buffer)),
    key: { kekId, wrapped: seal(wrapping, dataKey) },
  }
}

test('templates of before open, count against their key-encryption key, and are renewed into protected ones', async () => {
  await using world = await open()
  const { vault, store, keys, clock } = world
  const [kek0 = assert.fail()] = keys.encryptionKeys()
  const before = sealedBefore(owner, kek0)
  assert.deepEqual((await vault.openTemplate(before, owner))?.template, face)
  await assert.rejects(vault.openTemplate(before, { ...owner, subject: 'bert' }), { code: 'internal' })
  await store.insertReference(aReference({ ...before, id: 'ref_1' }), anAudit())
  const kek = keyringKeks({ keys, clock, random: systemRandom })
  await world.rotate()
  await assert.rejects(assertUnused(store, kek, kek0.id), {
    code: 'conflict',
    message: /ipse templates renew/,
  })
  const now = () => clock.now()
  assert.deepEqual(await renewAll({ store, vault, now }, () => parts), { renewed: 1, skipped: 0 })
  await assertUnused(store, kek, kek0.id)
  const [renewed = assert.fail()] = await store.listReferences('shop', 'anna')
  const opened = await vault.openTemplate(renewed, owner)
  assert.ok(opened)
  assert.notDeepEqual(opened.template.vector, face.vector)
  const back = opened.bare(opened.template).vector
  for (const [i, value] of face.vector.entries()) assert.ok(Math.abs(value - (back[i] ?? 0)) < 1e-6)
})

test('renewal gives every reference new keys, leaves scores alone, and what was copied before fits nothing', async () => {
  await using world = await open()
  const { vault, store, clock } = world
  const ids = Array.from({ length: 130 }, (_, n) => `ref_${n}`)
  for (const id of ids)
    await store.insertReference(
      aReference({ ...(await vault.sealTemplate(face, { ...owner, recordId: id }, parts)), id }),
      anAudit(),
    )
  const before = await store.listReferences('shop', 'anna')
  const stolen = await Promise.all(
    before.map((one) => vault.openTemplate(one, { ...owner, recordId: one.id })),
  )
  const renewed = await renewAll({ store, vault, now: () => clock.now() }, () =>
    assert.fail('it says them itself'),
  )
  assert.deepEqual(renewed, { renewed: 130, skipped: 0 })
  for (const [n, record] of before.entries()) {
    const whose = { ...owner, recordId: record.id }
    assert.equal(await vault.openTemplate(record, whose), undefined, 'the old key is gone')
    const fresh = (await store.listReferences('shop', 'anna')).find(({ id }) => id === record.id)
    const opened = await vault.openTemplate(fresh ?? assert.fail(), whose)
    assert.notDeepEqual(opened?.template.vector, stolen[n]?.template.vector)
    if (n === 20) break
  }
  assert.equal(
    [...(await store.countDataKeys()).values()].reduce((sum, n) => sum + n, 0),
    130,
  )
})

test('two renewals at the same time leave one key for each reference', async () => {
  await using world = await open()
  const { vault, store, clock } = world
  await store.insertReference(
    aReference({ ...(await vault.sealTemplate(face, owner, parts)), id: 'ref_1' }),
    anAudit(),
  )
  const renew = () => renewAll({ store, vault, now: () => clock.now() }, () => parts)
  await Promise.all([renew(), renew(), renew()])
  const [reference = assert.fail()] = await store.listReferences('shop', 'anna')
  assert.ok(await vault.openTemplate(reference, owner))
  assert.equal(
    [...(await store.countDataKeys()).values()].reduce((sum, n) => sum + n, 0),
    1,
  )
})

test('a rotation of the keyring waits for its time, comes one at a time, and drops only what does not wrap', async () => {
  const now = 1_000_000
  const ring = await createKeyring(bytes, 0)
  const rotated = rotateEncryption(ring, createEncryptionEntry(bytes), now, LEAST_WRAP_LEAD_MS)
  const entry = () => createEncryptionEntry(bytes)
  const [next = assert.fail(), first = assert.fail()] = rotated.encryption
  const refused = { code: 'invalid_request' }
  assert.throws(() => rotateEncryption(ring, entry(), now, LEAST_WRAP_LEAD_MS - 1), refused)
  assert.throws(() => rotateEncryption(rotated, entry(), now, LEAST_WRAP_LEAD_MS), refused)
  assert.throws(() => dropEncryption(rotated, first.id, now), refused, 'it wraps still')
  assert.throws(() => dropEncryption(rotated, next.id, now), refused, 'it waits')
  const later = now + LEAST_WRAP_LEAD_MS
  assert.throws(() => dropEncryption(rotated, next.id, later), refused)
  assert.throws(() => dropEncryption(rotated, 'kek-none', later), refused)
  assert.deepEqual(dropEncryption(rotated, first.id, later).encryption, [next])
  const keys = await openKeys(rotated)
  const [a] = keys.traceMacs('shop', 'word', now)
  const [b, c] = keys.traceMacs('shop', 'word', later)
  assert.deepEqual(c, a, 'what was left before is found after')
  assert.notEqual(b, a)
  const stranger = await createKeyring(bytes, 0)
  await assert.rejects(keys.take(stranger), { code: 'settings_invalid' })
})

test('the transform of a record is not told by the key that opens it', async () => {
  const key = bytes(32)
  const sealing = new Uint8Array(hkdfSync('sha256', key, new Uint8Array(), utf8('ipse-record-seal/2'), 32))
  const guess = createTransform(sealing, parts).protect(face.vector)
  const real = createTransform(
    new Uint8Array(hkdfSync('sha256', key, new Uint8Array(), utf8('ipse-record-transform/2'), 32)),
    parts,
  ).protect(face.vector)
  assert.notDeepEqual(guess, real)
})
