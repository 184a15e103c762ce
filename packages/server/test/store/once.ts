/** What every store must do with values that count once, and traces of captures. */
import assert from 'node:assert/strict'
import type { SessionRecord } from '../../src/store/store.ts'
import type { Check } from './contract.ts'
import { anAudit, aSession, sweepSessions } from './records.ts'

export function once(check: Check): void {
  check('uses a value once, whoever asks at the same time', async (store) => {
    const tries = await Promise.all(Array.from({ length: 8 }, () => store.useOnce('proof', 'v', 5000)))
    assert.equal(tries.filter(Boolean).length, 1)
    assert.equal(await store.useOnce('transcript', 'v', 5000), true)
    await store.sweepEnded(6000, 9)
    assert.equal(await store.useOnce('proof', 'v', 9000), true)
  })

  check('finds traces of other sessions of the tenant, until their time is over', async (store) => {
    const [first, second, foreign] = [aSession(), aSession(), aSession({ tenant: 'other' })]
    for (const session of [first, second, foreign]) await store.insertSession(session, anAudit())
    const leave = (session: SessionRecord, kept: string[], sought: string[], now = 1000) =>
      store.leaveTraces({ tenant: session.tenant, sessionId: session.id, kept, sought, now, expiresAt: 5000 })
    assert.deepEqual(await leave(first, ['a', 'b', 'b'], ['a', 'b']), [], 'not its own')
    assert.deepEqual(await leave(first, ['a'], ['a']), [], 'a second attempt of the same session')
    assert.deepEqual(await leave(foreign, ['a'], ['a', 'b']), [], 'another tenant')
    assert.deepEqual(await leave(second, ['c'], ['a', 'c', 'd']), [{ sessionId: first.id, mac: 'a' }])
    assert.deepEqual(await leave(second, [], []), [])
    assert.deepEqual(await leave(second, [], ['a'], 5000), [], 'over, though not yet swept')
    assert.equal(await store.sweepEnded(4999, 9), 0)
    assert.equal(await store.sweepEnded(5000, 9), 4)
  })

  check('lets one of two copies see the other when both come at the same time', async (store) => {
    const sessions = [aSession(), aSession()]
    for (const session of sessions) await store.insertSession(session, anAudit())
    const found = await Promise.all(
      sessions.map(({ id, tenant }) =>
        store.leaveTraces({
          tenant,
          sessionId: id,
          kept: ['a'],
          sought: ['a'],
          now: 1000,
          expiresAt: 5000,
        }),
      ),
    )
    assert.deepEqual(found.map(({ length }) => length).toSorted(), [0, 1])
  })

  check('forgets the traces of a session with the session', async (store) => {
    const erased = aSession({ subject: 'anna' })
    const old = aSession({ state: 'passed', createdAt: 1 })
    const now = aSession()
    for (const session of [erased, old, now]) await store.insertSession(session, anAudit())
    const leave = ({ tenant, id }: SessionRecord, kept: string[], sought: string[]) =>
      store.leaveTraces({ tenant, sessionId: id, kept, sought, now: 1000, expiresAt: 5000 })
    await leave(erased, ['a'], [])
    await leave(old, ['b'], [])
    assert.equal((await leave(now, [], ['a', 'b'])).length, 2)
    await store.eraseSubject('shop', 'anna', anAudit({ event: 'subject.erased' }))
    assert.equal((await leave(now, [], ['a', 'b'])).length, 1)
    await sweepSessions(store, 2)
    assert.equal((await leave(now, [], ['a', 'b'])).length, 0)
  })

  check('keeps the first of several claims', async (store) => {
    const first = await Promise.all(['a', 'b', 'c'].map((value) => store.claim('keyring', value)))
    assert.equal(new Set(first).size, 1)
    assert.equal(await store.claim('keyring', 'd'), first[0])
  })
}
