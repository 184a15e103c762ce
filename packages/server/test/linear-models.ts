/** What the service is, one request after the other: models that concurrent histories are held against. */
import { isTerminal, nextState, type SessionEvent, type SessionState } from '@ipse/protocol'
import type { Model } from './linear-checker.ts'

/** Values that count once: assertions, proofs. */
export type ValueOperation = { readonly value: string; readonly taken: boolean }

export const valuesModel: Model<readonly string[], ValueOperation> = {
  initial: [],
  step: (used, { value, taken }) =>
    taken === used.includes(value) ? [] : [taken ? [...used, value].toSorted() : used],
}

/** One of so many. `left` is what the answer says is left then, where it says so. */
export type TakeOperation = { readonly taken: boolean; readonly left?: number }

export const limitModel = (most: number): Model<number, TakeOperation> => ({
  initial: 0,
  step: (used, { taken, left }) => {
    if (taken !== used < most) return []
    const after = taken ? used + 1 : used
    return left === undefined || left === most - after ? [after] : []
  },
})

/** A request with a key that makes something once. */
export type CreateOperation =
  | { readonly asked: string; readonly made: string }
  | { readonly asked: string; readonly conflict: true }
  | { readonly read: string; readonly found: boolean }

export const creationModel: Model<{ asked: string; made: string } | null, CreateOperation> = {
  initial: null,
  step(before, did) {
    if ('read' in did) return did.found === (before?.made === did.read) ? [before] : []
    if ('conflict' in did) return before && before.asked !== did.asked ? [before] : []
    const { asked, made } = did
    if (!before) return [{ asked, made }]
    return before.asked === asked && before.made === made ? [before] : []
  },
}

/**
 * What happens to a session. A request is made of several of these: whatever compares and sets looks first, and is refused when
 * the session has changed since then. `by` is the number of the capture or request.
 */
export type SessionOperation =
  | { readonly kind: 'read'; readonly state: SessionState; readonly attempts: number }
  /** `tried`: nobody knows whether it came to that. */
  | { readonly kind: 'bind'; readonly device: string; readonly tried?: true }
  | { readonly kind: 'challenge'; readonly device: string; readonly by: number }
  | { readonly kind: 'step'; readonly event: SessionEvent; readonly by: number; readonly tried?: true }
  /** The end of a capture whose device has gone, should it still be under way. */
  | { readonly kind: 'abandon'; readonly by: number }
  | { readonly kind: 'cancel' }
  | { readonly kind: 'look'; readonly by: number }
  /** Somebody was faster since it looked. */
  | { readonly kind: 'outrun'; readonly by: number }
  /** The same for a capture, or it was none that could begin. */
  | { readonly kind: 'turned-away'; readonly by: number }
  | { readonly kind: 'ended' }
  | { readonly kind: 'received' }
  | { readonly kind: 'stranger'; readonly device: string }

export interface SessionModelState {
  readonly state: SessionState
  readonly device: string | null
  readonly attempts: number
  readonly version: number
  /** The capture that has the attempt. */
  readonly holder: number | null
  /** Version that each refused request had seen. */
  readonly seen: Readonly<Record<number, number>>
}

const USABLE: readonly SessionState[] = ['created', 'bound']
const RECEIVED: readonly SessionState[] = ['passed', 'failed', 'review']

export const sessionModel = (maxAttempts: number): Model<SessionModelState, SessionOperation> => ({
  initial: { state: 'created', device: null, attempts: 0, version: 0, holder: null, seen: {} },
  step(now, did) {
    const { state, device, attempts, version, holder, seen } = now
    const go = (event: SessionEvent, change: Partial<SessionModelState> = {}): SessionModelState[] => {
      const after = nextState(state, event)
      return after ? [{ ...now, ...change, state: after, version: version + 1 }] : []
    }
    const only = (holds: boolean) => (holds ? [now] : [])
    switch (did.kind) {
      case 'read':
        return only(did.state === state && did.attempts === attempts)
      case 'bind': {
        const bound = state === 'created' ? go('bind', { device: did.device }) : only(device === did.device)
        return did.tried ? [now, ...bound] : bound
      }
      case 'challenge':
        if (device !== did.device || attempts === maxAttempts) return []
        return go('challenge', { attempts: attempts + 1, holder: did.by })
      case 'step': {
        const gone = holder === did.by ? go(did.event) : []
        return did.tried ? [now, ...gone] : gone
      }
      case 'abandon':
        if (state !== 'challenged' || holder !== did.by) return [now]
        return go(attempts < maxAttempts ? 'abandon' : 'exhaust')
      case 'cancel':
        return go('cancel')
      case 'look':
        return [{ ...now, seen: { ...seen, [did.by]: version } }]
      case 'outrun':
        return only(seen[did.by] !== version)
      case 'turned-away':
        return only(seen[did.by] !== version || !USABLE.includes(state))
      case 'ended':
        return only(isTerminal(state))
      case 'received':
        return only(RECEIVED.includes(state))
      case 'stranger':
        return only(device !== null && device !== did.device)
    }
  },
})
