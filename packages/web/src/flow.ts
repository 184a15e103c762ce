/**
 * The capture flow as a pure reducer: (flow, event) → [flow, effects]. Imports types and pure rules only.
 * Every phase has a way out: `cancel` leads back to the intro from anywhere, phases that wait for somebody else carry a
 * watch, and what arrives from an earlier run is dropped.
 */
import {
  applyCue,
  type ChallengeStep,
  type Cue,
  type ErrorCode,
  type Guidance,
  HINDRANCES,
  type Hindrance,
  type Outcome,
  type Retry,
} from '@ipse/protocol'
import { type HintHold, hintDueMs, NO_HINT, offerHint, settleHint } from './guidance.ts'

export type Phase =
  | { readonly name: 'intro' }
  /** The browser asks the person for the camera. */
  | { readonly name: 'permission' }
  | { readonly name: 'connecting' }
  /** The person is asked whether the screen may change its colours. */
  | { readonly name: 'notice' }
  | {
      readonly name: 'capture'
      readonly steps: number
      readonly index: number
      readonly step: ChallengeStep
      readonly hints: HintHold
      readonly progress: number
    }
  | { readonly name: 'checking' }
  | {
      readonly name: 'outcome'
      readonly outcome: Outcome
      readonly attemptsLeft: number
      readonly hint?: Guidance
    }
  | { readonly name: 'error'; readonly code: ErrorCode; readonly retry: Retry }

export interface Flow {
  readonly phase: Phase
  /** Counts starts; effects of a run report with its number. */
  readonly run: number
  /** Capture token and address are there and not used up. */
  readonly session: boolean
  readonly consent: 'not-asked' | 'asked' | 'given'
}

export type FlowEvent =
  /** Token and address were set or taken away; a new session takes the element back to the intro. */
  | { readonly type: 'session'; readonly present: boolean }
  | { readonly type: 'consent'; readonly consent: Flow['consent'] }
  | { readonly type: 'start' }
  | { readonly type: 'cancel' }
  /** The answer to the notice about colours. */
  | { readonly type: 'colours'; readonly agreed: boolean }
  /** The environment lacks something for good. */
  | { readonly type: 'unsupported'; readonly code: ErrorCode; readonly retry: Retry }
  | RunEvent

/** What the effects of one run report. */
export type RunEvent = { readonly run: number } & (
  | { readonly type: 'camera' }
  /** The service would change the colours of the screen. */
  | { readonly type: 'notice' }
  | {
      readonly type: 'step'
      readonly index: number
      readonly steps: number
      readonly step: ChallengeStep
      readonly limitMs: number
    }
  | { readonly type: 'guide'; readonly hint: Guidance; readonly progress: number; readonly atMs: number }
  /** What changes within the step of that index. */
  | { readonly type: 'cue'; readonly index: number; readonly cue: Cue }
  | { readonly type: 'hint-due'; readonly atMs: number }
  | { readonly type: 'finish' }
  | {
      readonly type: 'outcome'
      readonly outcome: Outcome
      readonly attemptsLeft: number
      readonly hint?: Guidance
    }
  | { readonly type: 'failed'; readonly code: ErrorCode; readonly retry: Retry }
  /** The watch ran out. */
  | { readonly type: 'silence' }
)

export type Effect =
  | { readonly type: 'open-camera'; readonly run: number }
  | { readonly type: 'connect'; readonly run: number }
  /** What the person said to the notice about colours. */
  | { readonly type: 'answer-notice'; readonly run: number; readonly agreed: boolean }
  /** Ends everything of the run: camera, connection, watch. */
  | { readonly type: 'stop' }
  | { readonly type: 'watch'; readonly run: number; readonly ms: number }
  | { readonly type: 'wake-for-hint'; readonly run: number; readonly atMs: number }
  /** Moves the focus to the heading of what is now shown. */
  | { readonly type: 'focus' }
  /** Says to the service why no capture begins. */
  | { readonly type: 'tell-unable'; readonly code: Hindrance }
  /** The session is over: its device key is of no more use. */
  | { readonly type: 'forget' }
  | { readonly type: 'emit'; readonly event: Emitted }

export type Emitted =
  | { readonly type: 'ready' }
  | { readonly type: 'start' }
  | { readonly type: 'step' | 'cue'; readonly index: number; readonly step: ChallengeStep }
  | { readonly type: 'guide'; readonly hint: Guidance; readonly progress: number }
  | { readonly type: 'outcome'; readonly outcome: Outcome; readonly attemptsLeft: number }
  | { readonly type: 'error'; readonly code: ErrorCode; readonly retry: Retry }
  | { readonly type: 'cancel' }

/** The service may be silent that long while connecting, milliseconds: a mobile network's worst usual set-up time. */
export const CONNECT_WATCH_MS = 20_000
/** The service waits so long for the answer to the notice about colours, milliseconds; then it has hung up. */
export const NOTICE_WATCH_MS = 60_000
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
  return ['permission', 'connecting', 'notice', 'capture', 'checking'].includes(flow.phase.name)
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
    case 'finish':
      if (phase.name !== 'capture') return [flow, []]
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
