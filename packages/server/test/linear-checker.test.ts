/** The checker itself: it finds the order of histories that have one, and refuses those that have none. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { check, type Model, type Operation } from './linear-checker.ts'
import {
  type CreateOperation,
  creationModel,
  limitModel,
  type SessionOperation,
  sessionModel,
  type TakeOperation,
  type ValueOperation,
  valuesModel,
} from './linear-models.ts'

/** `from`, `to`, what was done, and which operation of the same request comes first. */
type Row<T> = readonly [from: number, to: number, did: T, after?: number]
const history = <T>(...rows: readonly Row<T>[]): Operation<T>[] =>
  rows.map(([invoked, returned, did, after]) => ({
    invoked,
    returned,
    did,
    ...(after === undefined ? {} : { after }),
  }))
const holds = <S, T>(model: Model<S, T>, ...rows: readonly Row<T>[]) =>
  check(history(...rows), model).linearizable

const NEVER = Number.POSITIVE_INFINITY
const read = (state: 'created' | 'bound' | 'challenged' | 'passed' | 'cancelled', attempts = 0) =>
  ({ kind: 'read', state, attempts }) as const
const step = (event: 'submit' | 'assess' | 'accept', by = 1) => ({ kind: 'step', event, by }) as const
const cancel = { kind: 'cancel' } as const
const bind = (device = 'a') => ({ kind: 'bind', device }) as const
const challenge = (by: number, device = 'a') => ({ kind: 'challenge', device, by }) as const

test('values: one taking of many at once, and a refusal only beside or behind it', () => {
  const took = (value: string, taken: boolean): ValueOperation => ({ value, taken })
  assert.ok(holds(valuesModel, [0, 9, took('x', false)], [1, 8, took('x', true)], [2, 3, took('y', true)]))
  assert.ok(!holds(valuesModel, [0, 9, took('x', true)], [1, 8, took('x', true)]), 'taken twice')
  assert.ok(
    !holds(valuesModel, [0, 1, took('x', false)], [2, 3, took('x', true)]),
    'refused before it was taken',
  )
  assert.ok(!holds(valuesModel, [0, 1, took('x', false)]), 'refused and never taken')
  assert.ok(
    holds(valuesModel, [0, NEVER, took('x', true)], [1, 2, took('x', false)]),
    'nobody heard of the taking',
  )
  assert.ok(!holds(valuesModel, [3, NEVER, took('x', true)], [1, 2, took('x', false)]), 'not yet asked for')
})

test('limits: not one more than there are, no refusal before all are taken, no wrong count', () => {
  const take = (taken: boolean, left?: number): TakeOperation =>
    left === undefined ? { taken } : { taken, left }
  const model = limitModel(2)
  assert.ok(holds(model, [0, 5, take(true, 0)], [0, 5, take(true, 1)], [0, 5, take(false)]))
  assert.ok(!holds(model, [0, 5, take(true)], [0, 5, take(true)], [0, 5, take(true)]), 'three of two')
  assert.ok(!holds(model, [0, 5, take(true, 1)], [0, 5, take(true, 1)]), 'a lost update')
  assert.ok(!holds(model, [0, 1, take(false)], [2, 3, take(true)], [2, 3, take(true)]), 'refused too early')
  assert.ok(!holds(model, [0, 1, take(true, 0)], [2, 3, take(true, 1)]), 'counted backwards')
})

test('creation with a key: one thing, which is found once it was answered', () => {
  const made = (asked: string, id: string): CreateOperation => ({ asked, made: id })
  assert.ok(
    holds(
      creationModel,
      [0, 9, made('a', '1')],
      [0, 9, made('a', '1')],
      [0, 9, { asked: 'b', conflict: true }],
    ),
  )
  assert.ok(!holds(creationModel, [0, 9, made('a', '1')], [0, 9, made('a', '2')]), 'two things')
  assert.ok(
    !holds(creationModel, [0, 9, made('a', '1')], [0, 9, made('b', '1')]),
    'one thing of two requests',
  )
  assert.ok(!holds(creationModel, [0, 9, made('a', '1')], [0, 9, { asked: 'a', conflict: true }]))
  assert.ok(
    !holds(creationModel, [0, 1, made('a', '1')], [2, 3, { read: '1', found: false }]),
    'a lost write',
  )
  assert.ok(holds(creationModel, [0, 2, made('a', '1')], [1, 3, { read: '1', found: false }]))
})

test('sessions: every anomaly that many nodes are known for is refused', () => {
  const model = sessionModel(2)
  const start: Row<SessionOperation>[] = [
    [0, 1, bind()],
    [0, 1, challenge(1), 0],
  ]
  const decided: Row<SessionOperation>[] = [
    ...start,
    [2, 5, step('submit')],
    [2, 5, step('assess'), 2],
    [2, 5, step('accept'), 3],
  ]
  assert.ok(holds(model, ...decided, [3, 4, read('challenged', 1)], [6, 7, read('passed', 1)]))
  assert.ok(!holds(model, ...decided, [6, 7, read('challenged', 1)]), 'a stale read')
  assert.ok(!holds(model, ...decided, [6, 7, cancel]), 'cancelled after the decision')
  assert.ok(
    !holds(model, ...decided, [3, 4, read('passed', 1)], [4.5, 4.7, read('challenged', 1)]),
    'back in time',
  )
  assert.ok(!holds(model, ...decided, [2, 5, step('submit', 2)]), 'decided by another')
  assert.ok(!holds(model, ...decided, [2, 5, step('submit')], [2, 5, step('accept')]), 'decided twice')
  assert.ok(!holds(model, [0, 9, bind('a')], [0, 9, bind('b')]), 'two devices')
  assert.ok(holds(model, [0, 9, bind('a')], [0, 9, { kind: 'stranger', device: 'b' }]))
  assert.ok(
    !holds(model, [0, 9, bind('a')], [0, 9, { kind: 'stranger', device: 'a' }]),
    'the right one refused',
  )
  assert.ok(!holds(model, ...start, [0, 9, bind()], [0, 9, challenge(1), 2]), 'one attempt given twice')
  assert.ok(!holds(model, ...start, [2, 3, challenge(2)]), 'the second beside the first')
  const left: Row<SessionOperation> = [2, NEVER, { kind: 'abandon', by: 1 }]
  assert.ok(holds(model, ...start, left, [3, 4, challenge(2)]), 'the second after the first')
  assert.ok(!holds(model, ...start, left, [3, 4, challenge(2)], [5, 6, challenge(3)]), 'one too many')
  assert.ok(!holds(model, [2, 3, challenge(1), 1], [0, 9, bind()], [4, 5, read('bound')]), 'a lost attempt')
  const cancelled: Row<SessionOperation> = [0, 1, cancel]
  assert.ok(!holds(model, cancelled, [2, 3, read('created')]), 'a lost cancellation')
  assert.ok(!holds(model, cancelled, [0, 1, cancel]), 'cancelled twice')
  const lost = (from: number, to: number): Row<SessionOperation>[] => [
    [from, to, { kind: 'look', by: 1 }],
    [from, to, { kind: 'outrun', by: 1 }, 0],
  ]
  assert.ok(holds(model, ...lost(0, 9), [1, 2, bind()]), 'somebody was faster')
  assert.ok(!holds(model, ...lost(0, 1), [2, 3, bind()]), 'refused before anybody was faster')
})

test('whatever happens one after the other and overlaps somehow is linearizable; what was answered by nothing is not', () => {
  const Take = fc.record({
    value: fc.constantFrom('x', 'y', 'z'),
    before: fc.integer({ min: 0, max: 30 }),
    behind: fc.integer({ min: 0, max: 30 }),
  })
  let refused = 0
  fc.assert(
    fc.property(fc.array(Take, { minLength: 1, maxLength: 12 }), (takes) => {
      const used = new Set<string>()
      // Each happens at a moment of its own, and was asked before and answered behind it.
      const operations = takes.map(({ value, before, behind }, i): Operation<ValueOperation> => {
        const taken = !used.has(value)
        used.add(value)
        return { invoked: 10 * i - before, returned: 10 * i + behind, did: { value, taken } }
      })
      assert.ok(check(operations, valuesModel).linearizable)
      for (const [at, { did }] of operations.entries()) {
        const lie = operations.with(at, { ...operations[at]!, did: { ...did, taken: !did.taken } })
        // One taking more or less than there were values is wrong in every order.
        assert.ok(!check(lie, valuesModel).linearizable)
        refused++
      }
    }),
    { numRuns: 300 },
  )
  assert.ok(refused > 500)
})
