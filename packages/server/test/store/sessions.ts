/** What every store must do with sessions. */
import assert from 'node:assert/strict'
import type { SessionRecord } from '../../src/store/store.ts'
import type { Check } from './contract.ts'
import { aConsent, aKey, anAudit, aReference, aSession, sweepSessions } from './records.ts'

export function sessions(check: Check): void {
  check('gives back what was put in', async (store) => {
    const sealed = {
      model: 'm',
      scheme: 's',
      sealed: new Uint8Array([9]),
      key: { id: 'dek_1' },
    }
    const session = aSession({
      subject: 'anna',
      jkt: 'thumb',
      deviceMac: 'mac',
      descriptionMac: 'words',
      referenceTemplate: sealed,
    })
    await store.insertSession(session, anAudit())
    const found = await store.findSession('shop', session.id)
    assert.deepEqual({ ...found, referenceTemplate: undefined }, { ...session, referenceTemplate: undefined })
    assert.deepEqual([...(found?.referenceTemplate?.sealed ?? [])], [9])
    const key = aKey({ origins: ['https://shop.test'] })
    await store.insertApiKey(key, anAudit({ event: 'key.created' }))
    assert.deepEqual(await store.findApiKey(key.kid), key)
    const reference = aReference({ consent: 'con_1' })
    await store.insertReference(reference, anAudit(), aConsent({ id: 'con_1' }))
    const [kept] = await store.listReferences('shop', 'anna')
    assert.deepEqual([...(kept?.sealed ?? [])], [1, 2, 3])
    assert.deepEqual(kept?.consent, reference.consent)
  })

  check('knows nothing that was not put in', async (store) => {
    assert.equal(await store.findSession('shop', 'ses_none'), undefined)
    assert.equal(await store.findApiKey('none'), undefined)
    assert.deepEqual(await store.listReferences('shop', 'nobody'), [])
    assert.deepEqual(await store.listSessions('shop', { limit: 5 }), [])
    await store.check()
  })

  check('changes a session once for each version, whoever asks at the same time', async (store) => {
    const session = aSession()
    await store.insertSession(session, anAudit())
    const tries = Array.from({ length: 8 }, (_, i) =>
      store.changeSession(session, { state: 'bound', jkt: `key${i}` }),
    )
    const changed = (await Promise.all(tries)).filter((result) => result !== undefined)
    assert.equal(changed.length, 1)
    assert.equal(changed[0]?.version, 2)
    assert.deepEqual(await store.findSession('shop', session.id), changed[0])
  })

  check('writes a change with its audit entry and reference, or none of them', async (store) => {
    const session = aSession()
    await store.insertSession(session, anAudit())
    const reference = aReference()
    const audit = anAudit({ event: 'capture.decided' })
    assert.equal(
      await store.changeSession({ ...session, version: 7 }, { state: 'passed' }, { audit, reference }),
      undefined,
    )
    assert.deepEqual(await store.listReferences('shop', 'anna'), [])
    await store.insertReference(reference, anAudit())
    await assert.rejects(store.changeSession(session, { state: 'passed' }, { audit, reference }))
    assert.equal((await store.findSession('shop', session.id))?.state, 'created')
    assert.ok(!(await store.listAudit('shop', 100)).some(({ id }) => id === audit.id))
  })

  check('removes optional members that a change sets to undefined', async (store) => {
    const sealed = {
      model: 'm',
      scheme: 's',
      sealed: new Uint8Array([9]),
      key: { id: 'dek_1' },
    }
    const session = aSession({ referenceTemplate: sealed })
    await store.insertSession(session, anAudit())
    const changed = await store.changeSession(session, { referenceTemplate: undefined })
    assert.ok(changed && !('referenceTemplate' in changed))
  })

  check('remembers an idempotency key until its time is over', async (store) => {
    const first = aSession()
    const record = { tenant: 'shop', key: 'k', digest: 'd', madeId: first.id, expiresAt: 5000 }
    assert.equal(await store.insertSession(first, anAudit(), record), undefined)
    const second = aSession()
    const again = await store.insertSession(second, anAudit(), {
      ...record,
      digest: 'e',
      madeId: second.id,
    })
    assert.deepEqual([again?.digest, again?.madeId], ['d', first.id])
    assert.equal(await store.findSession('shop', second.id), undefined)
    const later = anAudit({ time: 6000 })
    assert.equal(await store.insertSession(second, later, { ...record, madeId: second.id }), undefined)
    assert.equal(
      await store.insertSession(aSession(), anAudit(), { ...record, tenant: 'other', madeId: 'x' }),
      undefined,
      'another tenant has keys of its own',
    )
  })

  check('lists sessions newest first, page by page, without gaps', async (store) => {
    for (let i = 0; i < 7; i++)
      await store.insertSession(aSession({ createdAt: 1000 + Math.floor(i / 2) }), anAudit())
    await store.insertSession(aSession({ tenant: 'other' }), anAudit())
    const whole = await store.listSessions('shop', { limit: 100 })
    assert.equal(whole.length, 7)
    const paged: SessionRecord[] = []
    for (;;) {
      const last = paged.at(-1)
      const page = await store.listSessions('shop', { limit: 2, ...(last ? { after: last } : {}) })
      if (page.length === 0) break
      paged.push(...page)
    }
    assert.deepEqual(paged, whole)
    assert.deepEqual(
      whole.map((s) => s.createdAt),
      whole.map((s) => s.createdAt).sort((a, b) => b - a),
    )
  })

  check('finds what is overdue and sweeps what is old and finished', async (store) => {
    const open = aSession({ expiresAt: 10 })
    const done = aSession({ state: 'passed', expiresAt: 10 })
    await store.insertSession(open, anAudit())
    await store.insertSession(done, anAudit())
    assert.deepEqual(
      (await store.listOverdueSessions(11, 9)).map(({ id }) => id),
      [open.id],
    )
    assert.deepEqual(await store.listOverdueSessions(9, 9), [])
    assert.equal(await sweepSessions(store, 1000), 0, 'created at 1000 is not before 1000')
    assert.equal(await sweepSessions(store, 1001), 1)
    assert.equal((await store.findSession('shop', open.id))?.state, 'created')
  })
}
