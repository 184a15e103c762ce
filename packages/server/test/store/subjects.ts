/** What every store must do with what is known of a subject. */
import assert from 'node:assert/strict'
import type { Check } from './contract.ts'
import { anAudit, aReference, aSession } from './records.ts'

const NOTHING = {
  references: 0,
  sessions: 0,
  traces: 0,
  idempotencyKeys: 0,
  authenticators: 0,
  standings: 0,
  approvals: 0,
  pseudonyms: 0,
  media: 0,
}

export function subjects(check: Check): void {
  check('erases a subject and nothing else', async (store) => {
    await store.insertSession(aSession({ subject: 'anna' }), anAudit())
    await store.insertSession(aSession({ subject: 'bert' }), anAudit())
    await store.insertReference(aReference(), anAudit())
    await store.insertReference(aReference({ tenant: 'other' }), anAudit())
    const { erased } = await store.eraseSubject('shop', 'anna', anAudit({ event: 'subject.erased' }))
    assert.deepEqual(erased, { ...NOTHING, references: 1, sessions: 1 })
    assert.deepEqual(await store.listReferences('shop', 'anna'), [])
    assert.equal((await store.listReferences('other', 'anna')).length, 1)
    assert.equal((await store.listSessions('shop', { limit: 9, subject: 'bert' })).length, 1)
  })

  check('stores a reference once for an idempotency key, until the subject is erased', async (store) => {
    const first = aReference()
    const once = { tenant: 'shop', key: 'k', digest: 'd', madeId: first.id, expiresAt: 5000 }
    assert.equal(await store.insertReference(first, anAudit(), undefined, once), undefined)
    const second = aReference()
    const again = { ...once, digest: 'e', madeId: second.id }
    const earlier = await store.insertReference(second, anAudit(), undefined, again)
    assert.deepEqual([earlier?.digest, earlier?.madeId], ['d', first.id])
    const session = await store.insertSession(aSession(), anAudit(), { ...again, madeId: 'ses_x' })
    assert.equal(session?.madeId, first.id, 'a key is one for all that is made')
    const ids = async () => (await store.listReferences('shop', 'anna')).map(({ id }) => id)
    assert.deepEqual(await ids(), [first.id])
    assert.equal((await store.listAudit('shop', 9)).length, 1, 'what was not done is not written down')
    const { erased } = await store.eraseSubject('shop', 'anna', anAudit({ event: 'subject.erased' }))
    assert.deepEqual(erased, { ...NOTHING, references: 1, idempotencyKeys: 1 })
    assert.equal(await store.insertReference(second, anAudit(), undefined, again), undefined)
    assert.deepEqual(await ids(), [second.id])
  })

  check('names a subject by one pseudonym until it is erased, and by another one after', async (store) => {
    const entry = (pseudonym: string, tenant = 'shop') =>
      anAudit({ tenant, event: 'subject.read', subject: { mac: 'mac', pseudonym } })
    await store.appendAudit(entry('subj_1'))
    await store.appendAudit(entry('subj_2'))
    await store.appendAudit(entry('subj_3', 'other'))
    await store.eraseSubject('shop', 'anna', { ...entry('subj_4'), event: 'subject.erased' })
    await store.appendAudit(entry('subj_5'))
    const names = async (tenant: string) => (await store.listAudit(tenant, 9)).map(({ subject }) => subject)
    assert.deepEqual(await names('shop'), ['subj_1', 'subj_1', 'subj_1', 'subj_5'])
    assert.deepEqual(await names('other'), ['subj_3'], 'another tenant calls nobody the same')
  })
}
