/** Attempts and time limit of one session under any order in which several connections reach the store. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { IpseError } from '@ipse/protocol'
import fc from 'fast-check'
import { abandon, issueChallenge } from '../src/capture/attempt.ts'
import type { CaptureContext } from '../src/capture/context.ts'
import { POLICIES } from '../src/domain/policies/index.ts'
import { createKeyring } from '../src/keys/keyring.ts'
import { openKeys } from '../src/keys/keys.ts'
import { parseSettings } from '../src/parse-settings.ts'
import { openSqliteStore } from '../src/store/sqlite/open.ts'
import type { Store } from '../src/store/store.ts'
import { createAuditor } from '../src/work/audit.ts'
import { createPolicyBook } from '../src/work/policy-book.ts'
import { sweep } from '../src/work/sweeper.ts'
import { createTestClock, systemRandom } from './fixture.ts'
import { createScriptedEngine } from './scripted-engine.ts'
import { anAudit, aSession } from './store/records.ts'

/** What a connection does with a challenge that it was given. */
const Behaviour = fc.constantFrom('leave', 'crash')

test('however connections race, no attempt is given twice, none beyond the last, and none after the time', async () => {
  const clock = createTestClock()
  const store = await openSqliteStore(':memory:')
  const keys = await openKeys(await createKeyring(systemRandom.bytes, clock.now()))
  const auditor = createAuditor({ clock, random: systemRandom, keys })
  const settings = parseSettings()
  const engine = createScriptedEngine()
  const random = systemRandom
  const policies = await createPolicyBook({ files: POLICIES, development: true, store, keys })
  const over = (racing: Store) =>
    ({
      store: racing,
      clock,
      random,
      keys,
      auditor,
      settings,
      engine,
      policies,
    }) as unknown as CaptureContext
  let races = 0

  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.integer({ min: 1, max: 3 }),
      fc.array(fc.array(Behaviour, { minLength: 1, maxLength: 4 }), { minLength: 2, maxLength: 4 }),
      async (scheduler, maxAttempts, connections) => {
        const racing: Store = {
          ...store,
          findSession: scheduler.scheduleFunction(store.findSession),
          changeSession: scheduler.scheduleFunction(store.changeSession),
        }
        const context = over(racing)
        const session = aSession({
          state: 'bound',
          maxAttempts,
          createdAt: clock.now(),
          policy: { name: 'standard', version: POLICIES.standard?.version ?? 0 },
        })
        await store.insertSession({ ...session, expiresAt: clock.now() + 60_000 }, anAudit())
        const issued: number[] = []
        const connect = async (behaviours: readonly ('leave' | 'crash')[]) => {
          for (const behaviour of behaviours) {
            const found = await racing.findSession('shop', session.id)
            assert.ok(found)
            try {
              const attempt = await issueChallenge(context, found)
              issued.push(attempt.number)
              if (behaviour === 'crash') continue
              const end = { frames: 0, facts: undefined, cause: new IpseError('connection_lost') }
              await abandon(context, attempt, attempt.session, 'jkt', end)
            } catch (error) {
              races++
              assert.equal((error as IpseError).code, 'session_wrong_state')
            }
          }
        }
        await scheduler.waitFor(Promise.all(connections.map(connect)))

        assert.deepEqual(
          issued.toSorted(),
          Array.from({ length: issued.length }, (_, i) => i + 1),
        )
        assert.ok(issued.length <= maxAttempts)
        const stored = await store.findSession('shop', session.id)
        assert.equal(stored?.attempts.length, issued.length)
        assert.ok(stored?.state === 'bound' || stored?.state === 'challenged' || stored?.state === 'failed')
        assert.equal(stored.receipt !== undefined, stored.state === 'failed')
        clock.advance(60_000)
        await sweep({ store, clock, random, keys }, settings)
        const late = await store.findSession('shop', session.id)
        assert.ok(late?.state === 'expired' || late?.state === 'failed')
        for (const version of [stored, late])
          await assert.rejects(issueChallenge(over(store), version), { code: 'session_wrong_state' })
      },
    ),
    { numRuns: 150 },
  )
  assert.ok(races > 100, `${races} connections came second`)
  await store.close()
})
