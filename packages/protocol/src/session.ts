/**
 * The session's life as a pure table. No step can be skipped (OWASP ASVS 5.0 2.3.1); every state has a way out;
 * the store applies a transition by compare-and-set.
 */
export const PURPOSES = ['enrolment', 'verification', 'liveness'] as const
export type Purpose = (typeof PURPOSES)[number]

export const SESSION_STATES = [
  'created',
  'bound',
  'challenged',
  'submitted',
  'deciding',
  'passed',
  'failed',
  'review',
  'expired',
  'cancelled',
] as const
export type SessionState = (typeof SESSION_STATES)[number]

export const SESSION_EVENTS = [
  /** A capture device proved a key for the first time. */
  'bind',
  /** A challenge was issued; this uses up one attempt. */
  'challenge',
  /** All evidence and the signature over the transcript arrived. */
  'submit',
  /** The assessment began. */
  'assess',
  'accept',
  'reject',
  'escalate',
  /** The evidence was not enough and attempts remain. */
  'retry',
  /** The capture ended early and attempts remain. */
  'abandon',
  /** The evidence was not enough, or the capture ended early, and no attempt remains. */
  'exhaust',
  'expire',
  'cancel',
] as const
export type SessionEvent = (typeof SESSION_EVENTS)[number]

const STOPS = { expire: 'expired', cancel: 'cancelled' } as const

const TABLE: Readonly<Record<SessionState, Partial<Record<SessionEvent, SessionState>>>> = {
  created: { bind: 'bound', ...STOPS },
  bound: { challenge: 'challenged', ...STOPS },
  challenged: { submit: 'submitted', abandon: 'bound', exhaust: 'failed', ...STOPS },
  submitted: { assess: 'deciding', ...STOPS },
  deciding: {
    accept: 'passed',
    reject: 'failed',
    escalate: 'review',
    retry: 'bound',
    exhaust: 'failed',
    ...STOPS,
  },
  passed: {},
  failed: {},
  review: {},
  expired: {},
  cancelled: {},
}

/** The next state, or undefined when the event is not allowed in this state. */
export function nextState(state: SessionState, event: SessionEvent): SessionState | undefined {
  return TABLE[state][event]
}

export function isTerminal(state: SessionState): boolean {
  return Object.keys(TABLE[state]).length === 0
}
