/** What every store must do with the audit trail. */
import assert from 'node:assert/strict'
import type { Check } from './contract.ts'
import { anAudit } from './records.ts'

/** As entries stand in the log: with the version of their form and their place. */
const logged = (entries: readonly object[], places: readonly number[] = [...entries.keys()]) =>
  entries.map((entry, at) => ({ ...entry, v: 1, index: places[at] }))

export function audit(check: Check): void {
  check('finds the audit trail of one session', async (store) => {
    const entries = [1, 2].map((time) => anAudit({ time, sessionId: 'ses_a' }))
    for (const entry of [...entries, anAudit({ sessionId: 'ses_b' }), anAudit()])
      await store.appendAudit(entry)
    assert.deepEqual(await store.listSessionAudit('shop', 'ses_a', 9), logged(entries))
    assert.deepEqual(await store.listSessionAudit('other', 'ses_a', 9), [])
  })

  check('keeps the audit in order and by tenant', async (store) => {
    const entries = [1, 2, 3].map((time) => anAudit({ time, reasons: ['face_mismatch'], matchScore: 0.12 }))
    for (const entry of entries) await store.appendAudit(entry)
    await store.appendAudit(anAudit({ tenant: 'other' }))
    assert.deepEqual(await store.listAudit('shop', 10), logged(entries))
    assert.equal((await store.listAudit('shop', 2)).length, 2)
  })
}
