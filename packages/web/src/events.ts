/** What <ipse-check> tells the page: one class an event, all bubbling and composed. None of it may raise trust. */
import type { ChallengeStep, ErrorCode, Guidance, Outcome, Retry } from '@ipse/protocol'
import type { Emitted } from './flow.ts'

const OPTIONS = { bubbles: true, composed: true } as const

/** Token and capture address are there and this browser has what is needed. */
export class IpseReadyEvent extends Event {
  constructor() {
    super('ipse-ready', OPTIONS)
  }
}

/** A capture has begun: the browser asks for the camera. */
export class IpseStartEvent extends Event {
  constructor() {
    super('ipse-start', OPTIONS)
  }
}

/** A step of the challenge is now on screen. */
export class IpseStepEvent extends Event {
  readonly index: number
  readonly step: ChallengeStep
  constructor(index: number, step: ChallengeStep) {
    super('ipse-step', OPTIONS)
    this.index = index
    this.step = step
  }
}

/** Something changed within the step on screen: the dot has moved, the colour has changed. `step` is as it is now. */
export class IpseCueEvent extends Event {
  readonly index: number
  readonly step: ChallengeStep
  constructor(index: number, step: ChallengeStep) {
    super('ipse-cue', OPTIONS)
    this.index = index
    this.step = step
  }
}

/** The service answered a frame. `progress` within the step, [0, 1]. */
export class IpseGuideEvent extends Event {
  readonly hint: Guidance
  readonly progress: number
  constructor(hint: Guidance, progress: number) {
    super('ipse-guide', OPTIONS)
    this.hint = hint
    this.progress = progress
  }
}

/** The capture was assessed. The truth is the receipt that the page's own backend fetches, not this event. */
export class IpseOutcomeEvent extends Event {
  readonly outcome: Outcome
  readonly attemptsLeft: number
  constructor(outcome: Outcome, attemptsLeft: number) {
    super('ipse-outcome', OPTIONS)
    this.outcome = outcome
    this.attemptsLeft = attemptsLeft
  }
}

/** The capture could not go on. `retry`: `same` the element offers it, `new-session` set a new token, `no` give up. */
export class IpseErrorEvent extends Event {
  readonly code: ErrorCode
  readonly retry: Retry
  constructor(code: ErrorCode, retry: Retry) {
    super('ipse-error', OPTIONS)
    this.code = code
    this.retry = retry
  }
}

/** The person, or the page through `cancel()`, ended the capture. Interruptions are `ipse-error`. */
export class IpseCancelEvent extends Event {
  constructor() {
    super('ipse-cancel', OPTIONS)
  }
}

export function toEvent(emitted: Emitted): Event {
  switch (emitted.type) {
    case 'ready':
      return new IpseReadyEvent()
    case 'start':
      return new IpseStartEvent()
    case 'step':
      return new IpseStepEvent(emitted.index, emitted.step)
    case 'cue':
      return new IpseCueEvent(emitted.index, emitted.step)
    case 'guide':
      return new IpseGuideEvent(emitted.hint, emitted.progress)
    case 'outcome':
      return new IpseOutcomeEvent(emitted.outcome, emitted.attemptsLeft)
    case 'error':
      return new IpseErrorEvent(emitted.code, emitted.retry)
    case 'cancel':
      return new IpseCancelEvent()
  }
}

declare global {
  interface HTMLElementEventMap {
    'ipse-ready': IpseReadyEvent
    'ipse-start': IpseStartEvent
    'ipse-step': IpseStepEvent
    'ipse-cue': IpseCueEvent
    'ipse-guide': IpseGuideEvent
    'ipse-outcome': IpseOutcomeEvent
    'ipse-error': IpseErrorEvent
    'ipse-cancel': IpseCancelEvent
  }
}
