/** What every store must do for the vault: keys apart from records, references one after the other, pictures for one reader. */
import assert from 'node:assert/strict'
import type { DataKeyRecord } from '../../src/store/data-key-records.ts'
import type { ReferenceRecord } from '../../src/store/store.ts'
import type { MediaRecord } from '../../src/store/vault-records.ts'
import type { Check } from './contract.ts'
import { anAudit, aReference, aSession, unique } from './records.ts'

const aDataKey = (change: Partial<DataKeyRecord> = {}): DataKeyRecord => ({
  id: unique('dek'),
  tenant: 'shop',
  owner: 'mac-of-anna',
  kekId: 'kek-1',
  wrapped: new Uint8Array([9, 8, 7]),
  createdAt: 1000,
  ...change,
})

const aPicture = (sessionId: string, change: Partial<MediaRecord> = {}): MediaRecord => ({
  tenant: 'shop',
  sessionId,
  n: 0,
  key: { id: unique('dek') },
  sealed: new Uint8Array([1, 2, 3]),
  createdAt: 1000,
  expiresAt: 2000,
  ...change,
})

export function vault(check: Check): void {
  check('keeps keys with every member, deletes them by id and by owner within a tenant', async (store) => {
    const keys = [
      aDataKey({ expiresAt: 5000 }),
      aDataKey({ checkAt: 4000 }),
      aDataKey({ owner: 'mac-of-bert' }),
      aDataKey({ tenant: 'other' }),
    ]
    for (const key of keys) await store.insertDataKey(key)
    for (const key of keys) assert.deepEqual(await store.findDataKey(key.id), key)
    assert.equal(await store.findDataKey('dek_none'), undefined)
    await assert.rejects(store.insertDataKey(keys[0] ?? aDataKey()), { code: 'storage_unavailable' })
    assert.equal(await store.shredDataKeys('shop', 'mac-of-anna'), 2)
    assert.deepEqual(
      await Promise.all(keys.map(async ({ id }) => (await store.findDataKey(id)) !== undefined)),
      [false, false, true, true],
    )
    assert.equal(await store.deleteDataKeys(keys.map(({ id }) => id)), 2)
    assert.equal(await store.deleteDataKeys([]), 0)
  })

  check(
    'wraps a key anew once of several tries, counts by key-encryption key, lists the others',
    async (store) => {
      const keys = Array.from({ length: 5 }, () => aDataKey())
      for (const key of keys) await store.insertDataKey(key)
      const [first = aDataKey()] = keys
      const after = { kekId: 'kek-2', wrapped: new Uint8Array([1]) }
      const tries = await Promise.all(
        Array.from({ length: 4 }, () => store.rewrapDataKey(first.id, 'kek-1', after)),
      )
      assert.deepEqual(tries.filter((done) => done).length, 1)
      assert.deepEqual(await store.findDataKey(first.id), { ...first, ...after })
      assert.deepEqual(
        await store.countDataKeys(),
        new Map([
          ['kek-1', 4],
          ['kek-2', 1],
        ]),
      )
      const page = await store.listDataKeysNotOf('kek-2', { limit: 3 })
      const rest = await store.listDataKeysNotOf('kek-2', { after: page.at(-1)?.id ?? '', limit: 3 })
      assert.deepEqual(
        [...page, ...rest].map(({ id }) => id),
        keys
          .slice(1)
          .map(({ id }) => id)
          .toSorted(),
      )
    },
  )

  check('tells which keys have their end or their check, and lifts a check', async (store) => {
    const [ending, checked, later] = [
      aDataKey({ expiresAt: 10 }),
      aDataKey({ checkAt: 10 }),
      aDataKey({ expiresAt: 20, checkAt: 30 }),
    ]
    for (const key of [ending, checked, later, aDataKey()]) await store.insertDataKey(key)
    const due = async (now: number) => (await store.listDueDataKeys(now, 9)).map(({ id }) => id)
    assert.deepEqual(await due(9), [])
    assert.deepEqual(await due(10), [ending.id, checked.id])
    assert.deepEqual((await store.listDueDataKeys(10, 1)).length, 1)
    await store.checkDataKeys([checked.id], 11)
    assert.deepEqual(await due(10), [ending.id])
    await store.checkDataKeys([checked.id], 5)
    assert.deepEqual(await due(5), [checked.id])
  })

  check(
    'knows which keys a record names, walks through all references and exchanges each once',
    async (store) => {
      const references = [aReference(), aReference({ tenant: 'other' }), aReference()]
      const beside = aReference({ key: { kekId: 'kek-0', wrapped: new Uint8Array([4]) } })
      for (const reference of [...references, beside])
        await store.insertReference(reference, anAudit({ tenant: reference.tenant }))
      const ids = references.map(({ key }) => ('id' in key ? key.id : ''))
      assert.deepEqual((await store.knownDataKeys([...ids, 'dek_none'])).toSorted(), ids.toSorted())
      assert.deepEqual(await store.countKeysBeside(), new Map([['kek-0', 1]]))
      const page = await store.listAllReferences({ limit: 2 })
      const rest = await store.listAllReferences({ after: page.at(-1) ?? beside, limit: 9 })
      const placeOf = ({ tenant, id }: ReferenceRecord) => `${tenant} ${id}`
      assert.deepEqual(
        [...page, ...rest].map(placeOf),
        [...references, beside].map(placeOf).toSorted(),
        'by tenant and id, whole',
      )
      for (const before of [references[0] ?? beside, beside]) {
        const fresh = {
          model: before.model,
          scheme: 's/2',
          sealed: new Uint8Array([5]),
          key: { id: unique('dek') },
        }
        assert.equal(await store.resealReference(before, fresh), true)
        assert.equal(await store.resealReference(before, fresh), false)
        const found = (await store.listReferences(before.tenant, before.subject)).find(
          ({ id }) => id === before.id,
        )
        assert.deepEqual(found, { ...before, ...fresh })
      }
      assert.deepEqual(await store.countKeysBeside(), new Map())
    },
  )

  check(
    'keeps the pictures of a session with its change, replaces them, and drops them after their time',
    async (store) => {
      const session = aSession({ subject: 'anna' })
      await store.insertSession(session, anAudit())
      const pictures = [0, 1].map((n) => aPicture(session.id, { n }))
      const bound = await store.changeSession(session, { state: 'bound' }, { media: { keep: pictures } })
      assert.ok(bound)
      assert.equal(await store.changeSession(session, { state: 'bound' }, { media: { keep: [] } }), undefined)
      const listed = await store.listMedia('shop', session.id, 1999)
      assert.deepEqual(
        listed,
        pictures.map(({ sealed: _, ...rest }) => rest),
      )
      assert.deepEqual(await store.listMedia('other', session.id, 1999), [])
      assert.deepEqual(await store.listMedia('shop', session.id, 2000), [])
      assert.deepEqual((await store.knownDataKeys(pictures.map(({ key }) => key.id))).length, 2)
      await store.changeSession(bound, {}, { media: { keep: [aPicture(session.id, { n: 7 })] } })
      assert.deepEqual(
        (await store.listMedia('shop', session.id, 0)).map(({ n }) => n),
        [7],
      )
      await store.sweepEnded(2000, 100)
      assert.deepEqual(await store.listMedia('shop', session.id, 0), [])
    },
  )

  check(
    'gives a picture to its first reader, again and to nobody else, each look with its audit',
    async (store) => {
      const session = aSession()
      await store.insertSession(session, anAudit())
      const picture = aPicture(session.id)
      await store.changeSession(session, {}, { media: { keep: [picture] } })
      const look = (reader: string, change: Partial<MediaRecord> = {}, time = 1500) =>
        store.claimMedia(
          { ...picture, ...change },
          reader,
          anAudit({ event: 'media.read', time, actor: reader }),
        )
      const readers = await Promise.all(['a', 'b', 'c', 'd'].map((reader) => look(reader)))
      assert.equal(readers.filter((found) => found === 'claimed').length, 3)
      const [found] = readers.filter((one) => one !== 'claimed')
      assert.ok(found?.reader)
      assert.deepEqual(found, { ...picture, reader: found.reader })
      assert.deepEqual(await look(found.reader), found)
      assert.equal(await look('a', { tenant: 'other' }), undefined)
      assert.equal(await look('a', { n: 1 }), undefined)
      assert.equal(await look(found.reader, {}, 2000), undefined)
      const trail = (await store.listAudit('shop', 99)).filter(({ event }) => event === 'media.read')
      assert.deepEqual(
        trail.map(({ actor }) => actor),
        [found.reader, found.reader],
      )
    },
  )

  check(
    'copies a picture for its person, whoever has looked, with its audit, within its time',
    async (store) => {
      const session = aSession()
      await store.insertSession(session, anAudit())
      const picture = aPicture(session.id)
      await store.changeSession(session, {}, { media: { keep: [picture] } })
      const copy = (change: Partial<MediaRecord> = {}, time = 1500) =>
        store.copyMedia({ ...picture, ...change }, anAudit({ event: 'media.read', time, actor: 'copier' }))
      const look = (reader: string) =>
        store.claimMedia(picture, reader, anAudit({ event: 'media.read', time: 1500, actor: reader }))
      assert.deepEqual(await copy(), picture, 'nobody has looked, and the copy is no look')
      const claimed = await look('reviewer')
      assert.deepEqual(claimed, { ...picture, reader: 'reviewer' })
      assert.deepEqual(await copy(), claimed)
      assert.deepEqual(await look('copier'), 'claimed')
      assert.equal(await copy({ tenant: 'other' }), undefined)
      assert.equal(await copy({ n: 1 }), undefined)
      assert.equal(await copy({}, 2000), undefined)
      const trail = (await store.listAudit('shop', 99)).filter(({ event }) => event === 'media.read')
      assert.deepEqual(
        trail.map(({ actor }) => actor),
        ['copier', 'reviewer', 'copier'],
      )
    },
  )

  check('tells the keys of references that are due, and takes a reference back', async (store) => {
    const [old, fresh] = [aReference({ createdAt: 10 }), aReference({ createdAt: 90 })]
    for (const reference of [old, fresh, aReference({ tenant: 'other', createdAt: 10 })])
      await store.insertReference(reference, anAudit({ tenant: reference.tenant }))
    const due = {
      rule: 'reference-unused',
      kind: 'reference',
      from: 'last-use',
      days: 0,
      before: 50,
    } as const
    assert.deepEqual(await store.listDueKeys('shop', due, 9), 'id' in old.key ? [old.key.id] : [])
    await store.dropReference(fresh, anAudit({ event: 'reference.dropped' }))
    const left = await store.listReferences('shop', 'anna')
    assert.deepEqual(
      left.map(({ id }) => id),
      [old.id],
    )
    assert.equal((await store.listReferences('other', 'anna')).length, 1)
  })

  check('erases the pictures of a subject with its sessions', async (store) => {
    const sessions = [aSession({ subject: 'anna' }), aSession({ subject: 'bert' })]
    for (const session of sessions) {
      await store.insertSession(session, anAudit())
      await store.changeSession(session, {}, { media: { keep: [aPicture(session.id)] } })
    }
    await store.eraseSubject('shop', 'anna', anAudit({ event: 'subject.erased' }))
    const left = await Promise.all(sessions.map(({ id }) => store.listMedia('shop', id, 0)))
    assert.deepEqual(
      left.map(({ length }) => length),
      [0, 1],
    )
  })
}
