import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isTerminal, nextState, SESSION_EVENTS, SESSION_STATES, type SessionState } from '../src/index.ts'

test('passed is reached only through bind, challenge, submit, assess and accept, in this order', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...SESSION_EVENTS), { maxLength: 30 }), (events) => {
      let state: SessionState = 'created'
      const taken: string[] = []
      for (const event of events) {
        const next = nextState(state, event)
        if (next === undefined) continue
        taken.push(event)
        state = next
      }
      if (state === 'passed') {
        assert.deepEqual(taken.slice(-4), ['challenge', 'submit', 'assess', 'accept'])
        assert.equal(taken[0], 'bind')
      }
    }),
    { numRuns: 2000 },
  )
})

test('every state is reachable and every state that is not terminal can expire and be cancelled', () => {
  const reached = new Set<SessionState>(['created'])
  for (let round = 0; round < SESSION_STATES.length; round++) {
    for (const state of [...reached]) {
      for (const event of SESSION_EVENTS) {
        const next = nextState(state, event)
        if (next) reached.add(next)
      }
    }
  }
  assert.deepEqual([...reached].sort(), [...SESSION_STATES].sort())
  for (const state of SESSION_STATES) {
    assert.equal(isTerminal(state), nextState(state, 'expire') === undefined)
    assert.equal(isTerminal(state), nextState(state, 'cancel') === undefined)
  }
})
