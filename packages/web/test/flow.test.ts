/** The flow's promises, over arbitrary sequences of events. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type ChallengeStep, ERRORS, type ErrorCode, GUIDANCE, OUTCOMES } from '@ipse/protocol'
import fc from 'fast-check'
import {
  advance,
  canStart,
  type Effect,
  type Flow,
  type FlowEvent,
  INITIAL,
  isRunning,
  type RunEvent,
} from '../src/flow.ts'

const CODES = Object.keys(ERRORS) as ErrorCode[]
const step = fc.constantFrom<ChallengeStep>(
  { kind: 'hold' },
  { kind: 'center' },
  { kind: 'head-pose', direction: 'up', targetDeg: 12 },
)
const run = fc.integer({ min: 0, max: 6 })
const runEvent: fc.Arbitrary<RunEvent> = fc.oneof(
  fc.record({ type: fc.constant('camera' as const), run }),
  fc.record({ type: fc.constant('notice' as const), run }),
  fc.record({
    type: fc.constant('step' as const),
    run,
    index: fc.nat(6),
    steps: fc.constant(7),
    step,
    limitMs: fc.nat(9000),
  }),
  fc.record({
    type: fc.constant('guide' as const),
    run,
    hint: fc.constantFrom(...GUIDANCE),
    progress: fc.double({ min: 0, max: 1, noNaN: true }),
    atMs: fc.nat(5000),
  }),
  fc.record({ type: fc.constant('hint-due' as const), run, atMs: fc.nat(5000) }),
  fc.record({
    type: fc.constant('passkey' as const),
    run,
    ceremony: fc.constantFrom('register' as const, 'use' as const),
  }),
  fc.record({ type: fc.constant('passkey-missed' as const), run }),
  fc.record({ type: fc.constant('finish' as const), run }),
  fc.record({
    type: fc.constant('outcome' as const),
    run,
    outcome: fc.constantFrom(...OUTCOMES),
    attemptsLeft: fc.nat(2),
  }),
  fc
    .constantFrom(...CODES)
    .map((code) => ({ type: 'failed' as const, run: 1, code, retry: ERRORS[code].retry })),
  fc.record({ type: fc.constant('silence' as const), run }),
)
const anyEvent: fc.Arbitrary<FlowEvent> = fc.oneof(
  { weight: 5, arbitrary: runEvent },
  fc.record({ type: fc.constant('session' as const), present: fc.boolean() }),
  fc
    .constantFrom('not-asked', 'asked', 'given')
    .map((consent) => ({ type: 'consent', consent }) as FlowEvent),
  { weight: 3, arbitrary: fc.constant<FlowEvent>({ type: 'start' }) },
  fc.constant<FlowEvent>({ type: 'cancel' }),
  fc.boolean().map((agreed): FlowEvent => ({ type: 'colours', agreed })),
  fc.boolean().map((use): FlowEvent => ({ type: 'passkey-choice', use })),
)
const script = fc.array(anyEvent, { maxLength: 40 })

function play(events: readonly FlowEvent[]): { flow: Flow; effects: Effect[]; trace: Flow[] } {
  let flow = INITIAL
  const all: Effect[] = []
  const trace = [flow]
  for (const event of events) {
    // Half the run events belong to the run that is on, or nothing would ever get far.
    const current = 'run' in event && event.run % 2 === 1 ? { ...event, run: flow.run } : event
    const [next, effects] = advance(flow, current)
    flow = next
    all.push(...effects)
    trace.push(flow)
  }
  return { flow, effects: all, trace }
}

const READY: readonly FlowEvent[] = [{ type: 'session', present: true }]

describe('the capture flow', () => {
  it('has a way out of every reachable state: cancel leads to the intro and stops everything', () => {
    fc.assert(
      fc.property(script, (events) => {
        const { flow } = play([...READY, ...events])
        const [out, effects] = advance(flow, { type: 'cancel' })
        assert.equal(out.phase.name, 'intro')
        if (flow.phase.name !== 'intro') assert.ok(effects.some(({ type }) => type === 'stop'))
      }),
    )
  })

  it('can always be started again with a new session', () => {
    fc.assert(
      fc.property(script, (events) => {
        const { flow } = play(events)
        const [fresh] = advance(flow, { type: 'session', present: true })
        const [agreed] = advance(fresh, { type: 'consent', consent: 'given' })
        assert.equal(canStart(agreed), true)
        assert.equal(advance(agreed, { type: 'start' })[0].phase.name, 'permission')
      }),
    )
  })

  it('never stays where only the service can lead on without a watch', () => {
    fc.assert(
      fc.property(script, (events) => {
        let watched = false
        let flow = INITIAL
        for (const event of [...READY, ...events]) {
          const current = 'run' in event && event.run % 2 === 1 ? { ...event, run: flow.run } : event
          const [next, effects] = advance(flow, current)
          if (effects.some(({ type }) => type === 'stop')) watched = false
          if (effects.some(({ type }) => type === 'watch')) watched = true
          flow = next
          if (['connecting', 'notice', 'capture', 'passkey', 'checking'].includes(flow.phase.name))
            assert.equal(watched, true)
        }
      }),
    )
  })

  it('uses camera and connection only while running: whatever ends a run stops them', () => {
    fc.assert(
      fc.property(script, (events) => {
        let open = false
        let flow = INITIAL
        for (const event of [...READY, ...events]) {
          const [next, effects] = advance(flow, event)
          for (const effect of effects) {
            if (effect.type === 'stop') open = false
            if (effect.type === 'open-camera' || effect.type === 'connect') open = true
          }
          flow = next
          assert.equal(open, isRunning(flow))
        }
      }),
    )
  })

  it('drops what arrives from an earlier run', () => {
    fc.assert(
      fc.property(script, runEvent, (events, late) => {
        const { flow } = play([...READY, ...events])
        const [next, effects] = advance(flow, { ...late, run: flow.run - 1 })
        assert.equal(next, flow)
        assert.deepEqual(effects, [])
      }),
    )
  })

  it('emits one outcome or error for a run at the most, and none without a start', () => {
    fc.assert(
      fc.property(script, (events) => {
        const { effects } = play([...READY, ...events])
        let starts = 0
        let ends = 0
        for (const effect of effects) {
          if (effect.type !== 'emit') continue
          if (effect.event.type === 'start') starts++
          if (effect.event.type === 'outcome' || effect.event.type === 'error') ends++
          assert.ok(ends <= starts)
        }
      }),
    )
  })

  it('does not start without a session or while consent is asked for', () => {
    assert.equal(advance(INITIAL, { type: 'start' })[0], INITIAL)
    const [ready] = advance(INITIAL, { type: 'session', present: true })
    const [asked] = advance(ready, { type: 'consent', consent: 'asked' })
    assert.equal(advance(asked, { type: 'start' })[0], asked)
  })

  it('offers another try exactly when attempts remain or the error says the same may be tried again', () => {
    const started = play([...READY, { type: 'start' }]).flow
    for (const outcome of OUTCOMES)
      for (const attemptsLeft of [0, 1]) {
        const [flow] = advance(started, { type: 'outcome', run: started.run, outcome, attemptsLeft })
        assert.equal(canStart(flow), outcome === 'retry' && attemptsLeft === 1)
      }
    for (const code of CODES) {
      const { retry } = ERRORS[code]
      const [flow] = advance(started, { type: 'failed', run: started.run, code, retry })
      assert.equal(canStart(flow), retry === 'same')
    }
  })

  it('does not start again on a session that is used up, not even by way of the intro', () => {
    const started = play([...READY, { type: 'start' }]).flow
    const { run } = started
    const [passed] = advance(started, { type: 'outcome', run, outcome: 'pass', attemptsLeft: 2 })
    const [expired] = advance(started, { type: 'failed', run, code: 'session_expired', retry: 'new-session' })
    for (const spent of [passed, expired])
      assert.equal(canStart(advance(spent, { type: 'cancel' })[0]), false)
    const [lost] = advance(started, { type: 'failed', run, code: 'connection_lost', retry: 'same' })
    assert.equal(canStart(advance(lost, { type: 'cancel' })[0]), true)
  })

  it('shows no step before the notice about colours is answered, and takes one answer', () => {
    const { flow } = play([...READY, { type: 'start' }])
    const { run } = flow
    const [connecting] = advance(flow, { type: 'camera', run })
    const [asked] = advance(connecting, { type: 'notice', run })
    assert.equal(asked.phase.name, 'notice')
    const hold: ChallengeStep = { kind: 'hold' }
    assert.equal(advance(asked, { type: 'step', run, index: 0, steps: 1, step: hold, limitMs: 1 })[0], asked)
    const [answered, effects] = advance(asked, { type: 'colours', agreed: false })
    assert.ok(
      effects.some((effect) => effect.type === 'answer-notice' && !effect.agreed && effect.run === run),
    )
    assert.deepEqual(advance(answered, { type: 'colours', agreed: true }), [answered, []])
  })

  it('begins the ceremony of a passkey by the person’s own choice, once at a time, and goes on after a no', () => {
    const { flow } = play([...READY, { type: 'start' }])
    const { run } = flow
    const step: FlowEvent = { type: 'step', run, index: 0, steps: 1, step: { kind: 'hold' }, limitMs: 1 }
    const [capture] = advance(advance(flow, { type: 'camera', run })[0], step)
    const [asked] = advance(capture, { type: 'passkey', run, ceremony: 'use' })
    assert.deepEqual(asked.phase, { name: 'passkey', ceremony: 'use', state: 'asked' })
    const [busy, effects] = advance(asked, { type: 'passkey-choice', use: true })
    assert.deepEqual(effects, [{ type: 'answer-passkey', run, use: true }])
    assert.deepEqual(advance(busy, { type: 'passkey-choice', use: true }), [busy, []])
    const [missed] = advance(busy, { type: 'passkey-missed', run })
    assert.deepEqual(missed.phase, { name: 'passkey', ceremony: 'use', state: 'missed' })
    const [without, said] = advance(missed, { type: 'passkey-choice', use: false })
    assert.equal(without.phase.name, 'checking')
    assert.deepEqual(said[0], { type: 'answer-passkey', run, use: false })
  })

  it('calls silence of the service a lost connection, not a cancellation', () => {
    const { flow } = play([...READY, { type: 'start' }, { type: 'camera', run: 2 }])
    const [next, effects] = advance(flow, { type: 'silence', run: flow.run })
    assert.deepEqual(next.phase, { name: 'error', code: 'connection_lost', retry: 'same' })
    assert.ok(!effects.some((effect) => effect.type === 'emit' && effect.event.type === 'cancel'))
  })
})
