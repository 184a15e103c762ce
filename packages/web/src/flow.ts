/**
 * The capture flow as a pure reducer: (flow, event) → [flow, effects]. Imports types and pure rules only.
 * Every phase has a way out: `cancel` leads back to the intro from anywhere, phases that wait for somebody else carry a
 * watch, and what arrives from an earlier run is dropped.
 */
import { applyCue, type ErrorCode, HINDRANCES, type Retry } from '@ipse/protocol'
import type { Effect, Emitted, Flow, FlowEvent, RunEvent } from './flow-words.ts'
import { hintDueMs, NO_HINT, offerHint, settleHint } from './guidance.ts'

export type { Effect, Emitted, Flow, FlowEvent, Phase, RunEvent } from './flow-words.ts'

/** The service may be silent that long while connecting, milliseconds: a mobile network's worst usual set-up time. */
export const CONNECT_WATCH_MS = 20_000
/** The service waits so long for the answer to the notice about colours, milliseconds; then it has hung up. */
export const NOTICE_WATCH_MS = 60_000
/** The service waits so long for the passkey, milliseconds; then it has hung up. */
export const PASSKEY_WATCH_MS = 60_000
/** After the end of a step's own limit the service has that long to say what follows, milliseconds. */
export const STEP_GRACE_MS = 15_000
/** Longest wait for the outcome, milliseconds: the service's own deadline for an assessment is shorter. */
export const CHECK_WATCH_MS = 45_000

export const INITIAL: Flow = { phase: { name: 'intro' }, run: 0, session: false, consent: 'not-asked' }

type Next = readonly [Flow, readonly Effect[]]

/** Whether the start button works. */
export function canStart(flow: Flow): boolean {
  return flow.session && flow.consent !== 'asked' && !isRunning(flow)
}

/** Whether camera or connection are in use. */
export function isRunning(flow: Flow): boolean {
  return ['permission', 'connecting', 'notice', 'capture', 'passkey', 'checking'].includes(flow.phase.name)
}

export function advance(flow: Flow, event: FlowEvent): Next {
  switch (event.type) {
    case 'session':
      return [
        { ...flow, session: event.present, phase: { name: 'intro' }, run: flow.run + 1 },
        [{ type: 'stop' }, { type: 'forget' }, ...emitWhen(event.present, { type: 'ready' })],
      ]
    case 'consent':
      return [{ ...flow, consent: event.consent }, []]
    case 'start':
      return canStart(flow) ? begin(flow) : [flow, []]
    case 'cancel':
      return flow.phase.name === 'intro'
        ? [flow, []]
        : [
            { ...flow, phase: { name: 'intro' }, run: flow.run + 1 },
            [{ type: 'stop' }, { type: 'focus' }, emit({ type: 'cancel' })],
          ]
    case 'colours':
      return flow.phase.name === 'notice' ? answerNotice(flow, event.agreed) : [flow, []]
    case 'passkey-choice':
      return flow.phase.name === 'passkey' ? answerPasskey(flow, flow.phase, event.use) : [flow, []]
    case 'unsupported':
      return fail(flow, event.code, event.retry)
    default:
      return event.run === flow.run && isRunning(flow) ? report(flow, event) : [flow, []]
  }
}

function emit(event: Emitted): Effect {
  return { type: 'emit', event }
}

function emitWhen(condition: boolean, event: Emitted): Effect[] {
  return condition ? [emit(event)] : []
}

function forgetUnless(session: boolean): Effect[] {
  return session ? [] : [{ type: 'forget' }]
}

function begin(flow: Flow): Next {
  const run = flow.run + 1
  return [
    { ...flow, run, phase: { name: 'permission' } },
    [{ type: 'stop' }, { type: 'open-camera', run }, { type: 'focus' }, emit({ type: 'start' })],
  ]
}

function fail(flow: Flow, code: ErrorCode, retry: Retry): Next {
  const session = flow.session && retry === 'same'
  // Once connected, the service notices by itself.
  const begun = isRunning(flow) && flow.phase.name !== 'permission'
  const hindrance = begun ? undefined : HINDRANCES.find((known) => known === code)
  return [
    { ...flow, run: flow.run + 1, session, phase: { name: 'error', code, retry } },
    [
      { type: 'stop' },
      { type: 'focus' },
      ...(hindrance === undefined ? [] : [{ type: 'tell-unable', code: hindrance } as const]),
      ...forgetUnless(session),
      emit({ type: 'error', code, retry }),
    ],
  ]
}

function answerNotice(flow: Flow, agreed: boolean): Next {
  const { run } = flow
  return [
    { ...flow, phase: { name: 'connecting' } },
    [
      { type: 'answer-notice', run, agreed },
      { type: 'watch', run, ms: CONNECT_WATCH_MS },
    ],
  ]
}

/** Who has said no has said it; who has said yes may be asked by the browser, and may try again. */
function answerPasskey(flow: Flow, phase: Extract<Flow['phase'], { name: 'passkey' }>, use: boolean): Next {
  if (phase.state === 'busy') return [flow, []]
  const next = use ? ({ ...phase, state: 'busy' } as const) : ({ name: 'checking' } as const)
  return [
    { ...flow, phase: next },
    [
      { type: 'answer-passkey', run: flow.run, use },
      ...(use ? [] : [{ type: 'watch', run: flow.run, ms: CHECK_WATCH_MS } as const]),
    ],
  ]
}

function report(flow: Flow, event: RunEvent): Next {
  const { phase, run } = flow
  switch (event.type) {
    case 'camera':
      if (phase.name !== 'permission') return [flow, []]
      return [
        { ...flow, phase: { name: 'connecting' } },
        [
          { type: 'connect', run },
          { type: 'watch', run, ms: CONNECT_WATCH_MS },
        ],
      ]
    case 'notice':
      if (phase.name !== 'connecting') return [flow, []]
      return [
        { ...flow, phase: { name: 'notice' } },
        [{ type: 'watch', run, ms: NOTICE_WATCH_MS }, { type: 'focus' }],
      ]
    case 'step': {
      if (phase.name !== 'connecting' && phase.name !== 'capture') return [flow, []]
      const { index, step } = event
      // The service may add steps.
      const steps = Math.max(event.steps, index + 1)
      return [
        { ...flow, phase: { name: 'capture', index, steps, step, hints: NO_HINT, progress: 0 } },
        [{ type: 'watch', run, ms: event.limitMs + STEP_GRACE_MS }, emit({ type: 'step', index, step })],
      ]
    }
    case 'cue': {
      if (phase.name !== 'capture' || phase.index !== event.index) return [flow, []]
      const step = applyCue(phase.step, event.cue)
      return [{ ...flow, phase: { ...phase, step } }, [emit({ type: 'cue', index: event.index, step })]]
    }
    case 'guide': {
      if (phase.name !== 'capture') return [flow, []]
      const hints = offerHint(phase.hints, event.hint, event.atMs)
      const due = hintDueMs(hints)
      const wake: Effect[] = due === undefined ? [] : [{ type: 'wake-for-hint', run, atMs: due }]
      return [
        { ...flow, phase: { ...phase, hints, progress: event.progress } },
        [...wake, emit({ type: 'guide', hint: event.hint, progress: event.progress })],
      ]
    }
    case 'hint-due':
      if (phase.name !== 'capture') return [flow, []]
      return [{ ...flow, phase: { ...phase, hints: settleHint(phase.hints, event.atMs) } }, []]
    case 'passkey':
      if (phase.name !== 'capture') return [flow, []]
      return [
        { ...flow, phase: { name: 'passkey', ceremony: event.ceremony, state: 'asked' } },
        [{ type: 'watch', run, ms: PASSKEY_WATCH_MS }, { type: 'focus' }],
      ]
    case 'passkey-missed':
      if (phase.name !== 'passkey' || phase.state !== 'busy') return [flow, []]
      return [{ ...flow, phase: { ...phase, state: 'missed' } }, [{ type: 'focus' }]]
    case 'finish':
      if (phase.name !== 'capture' && phase.name !== 'passkey') return [flow, []]
      return [{ ...flow, phase: { name: 'checking' } }, [{ type: 'watch', run, ms: CHECK_WATCH_MS }]]
    case 'outcome': {
      const { outcome, attemptsLeft, hint } = event
      const session = outcome === 'retry' && attemptsLeft > 0
      return [
        {
          ...flow,
          run: run + 1,
          session,
          phase: { name: 'outcome', outcome, attemptsLeft, ...(hint === undefined ? {} : { hint }) },
        },
        [
          { type: 'stop' },
          { type: 'focus' },
          ...forgetUnless(session),
          emit({ type: 'outcome', outcome, attemptsLeft }),
        ],
      ]
    }
    case 'failed':
      return fail(flow, event.code, event.retry)
    case 'silence':
      return fail(flow, 'connection_lost', 'same')
  }
}
