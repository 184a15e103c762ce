/** The session in the store against its table: any sequence of events, by any number of hands with old or new versions. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isTerminal, nextState, SESSION_EVENTS, type SessionEvent, type SessionState } from '@ipse/protocol'
import fc from 'fast-check'
import { transition } from '../src/capture/attempt.ts'
import type { CaptureContext } from '../src/capture/context.ts'
import { abandonAttempt, concludeAttempt } from '../src/domain/session.ts'
import { openSqliteStore, parseSettings } from '../src/index.ts'
import type { SessionRecord, Store } from '../src/store/store.ts'
import { createAuditor } from '../src/work/audit.ts'
import { createTestClock, systemRandom } from './fixture.ts'
import { anAudit, aSession } from './store/records.ts'

interface Model {
  state: SessionState
  version: number
}

interface Real {
  readonly store: Store
  readonly context: CaptureContext
  readonly id: string
  /** Every version anybody has ever held. */
  readonly held: SessionRecord[]
}

class Step implements fc.AsyncCommand<Model, Real> {
  readonly event: SessionEvent
  /** 0: with the present version; otherwise with one that was held before. */
  readonly age: number
  constructor(event: SessionEvent, age: number) {
    this.event = event
    this.age = age
  }

  check(): boolean {
    return true
  }

  async run(model: Model, { store, context, id, held }: Real): Promise<void> {
    const session = held.at(-1 - (this.age % held.length))
    assert.ok(session)
    const stale = session.version !== model.version
    const expected = nextState(session.state, this.event)
    const result = await transition(context, session, this.event, 'capture.decided').catch((error) => {
      assert.equal(error.code, 'session_wrong_state')
      return undefined
    })
    assert.equal(result !== undefined, !stale && expected !== undefined)
    if (result) {
      held.push(result)
      model.state = result.state
      model.version++
      assert.equal(result.state, expected)
    }
    const stored = await store.findSession('shop', id)
    assert.deepEqual([stored?.state, stored?.version], [model.state, model.version])
  }

  toString(): string {
    return `${this.event}${this.age ? ` with a version ${this.age} old` : ''}`
  }
}

test('the stored session follows the table, whatever is tried', async () => {
  const store = await openSqliteStore(':memory:')
  const auditor = createAuditor({
    clock: createTestClock(),
    random: systemRandom,
    keys: { mac: () => 'mac' },
  })
  const context = { store, auditor, settings: parseSettings() } as unknown as CaptureContext
  const commands = fc.commands(
    [
      fc
        .tuple(fc.constantFrom(...SESSION_EVENTS), fc.constantFrom(0, 0, 0, 1, 2))
        .map(([event, age]) => new Step(event, age)),
    ],
    { maxCommands: 25 },
  )
  await fc.assert(
    fc.asyncProperty(commands, async (sequence) => {
      const session = aSession()
      await store.insertSession(session, anAudit())
      const setup = () => ({
        model: { state: session.state, version: session.version },
        real: { store, context, id: session.id, held: [session] },
      })
      await fc.asyncModelRun(setup, sequence)
    }),
    { numRuns: 60 },
  )
  await store.close()
})

test('every decision has an event that the deciding state allows, and only accept leads to passed', () => {
  for (const decision of ['accept', 'reject', 'retry', 'review'] as const)
    for (const attemptsLeft of [0, 1, 2]) {
      const verdict = concludeAttempt(decision, [], attemptsLeft)
      const state = nextState('deciding', verdict.event)
      assert.ok(state)
      assert.equal(state === 'passed', decision === 'accept')
      assert.equal(verdict.outcome === 'pass', decision === 'accept')
      assert.equal(verdict.outcome === 'retry', !isTerminal(state))
    }
  for (const attemptsLeft of [0, 1])
    assert.equal(
      nextState('challenged', abandonAttempt(attemptsLeft).event),
      attemptsLeft ? 'bound' : 'failed',
    )
})
