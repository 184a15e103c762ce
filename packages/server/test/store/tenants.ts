/** What every store must keep apart: rows of two tenants, also under the same ids. */
import assert from 'node:assert/strict'
import { NEW_STANDING } from '../../src/domain/abuse/standing.ts'
import type { Check } from './contract.ts'
import { aConsent, anAudit, aReference, aReview, aSession } from './records.ts'

const TENANTS = ['shop', 'other'] as const

export function tenants(check: Check): void {
  check('finds a session by tenant and id, and for the operator by its id alone', async (store) => {
    const session = aSession()
    await store.insertSession(session, anAudit())
    assert.deepEqual(await store.findSession('shop', session.id), session)
    assert.equal(await store.findSession('other', session.id), undefined)
    assert.deepEqual(await store.findSessionAnywhere(session.id), session)
    assert.equal(await store.findSessionAnywhere('ses_none'), undefined)
  })

  check('keeps what has the same id in two tenants apart', async (store) => {
    const [id, subject, key] = ['same', 'anna', 'device:same']
    for (const tenant of TENANTS) {
      const audit = () => anAudit({ tenant })
      await store.insertSession(aSession({ id, tenant, subject }), audit())
      await store.insertReference(
        aReference({ id, tenant, subject, consent: id }),
        audit(),
        aConsent({ id, tenant, subject }),
      )
      await store.changeStandings(tenant, [key], () => ({
        standings: new Map([[key, { ...NEW_STANDING, staleAt: undefined }]]),
        reviews: [aReview({ id, tenant, standing: key })],
        result: undefined,
      }))
      await store.leaveTraces({ tenant, sessionId: id, kept: ['m'], sought: [], now: 0, expiresAt: 9 })
    }
    const others = async () => [
      await store.findSession('other', id),
      await store.listReferences('other', subject),
      await store.findConsent('other', id),
      await store.findReview('other', id),
      [...(await store.findStandings('other', [key]))],
      await store.leaveTraces({
        tenant: 'other',
        sessionId: 'x',
        kept: [],
        sought: ['m'],
        now: 0,
        expiresAt: 9,
      }),
    ]
    const before = await others()
    const session = await store.findSession('shop', id)
    assert.ok(session && (await store.changeSession(session, { state: 'bound' })))
    const review = (await store.findReview('shop', id)) ?? assert.fail()
    const decided = { decision: 'allow', reason: 'seen', at: 5, by: 'per_1' } as const
    const locked = () => new Map([[key, { ...NEW_STANDING, lockouts: 3 }]])
    assert.ok(await store.decideReview({ ...review, decided }, locked, anAudit()))
    assert.ok(await store.withdrawConsent('shop', id, anAudit()))
    const { erased } = await store.eraseSubject('shop', subject, anAudit({ event: 'subject.erased' }))
    assert.deepEqual([erased.sessions, erased.references, erased.traces], [1, 1, 1])
    assert.deepEqual(await others(), before)
  })
}
