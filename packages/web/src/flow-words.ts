/** The words of the capture flow: what is shown, what happens, what follows. Types only. */
import type {
  ChallengeStep,
  Cue,
  ErrorCode,
  Guidance,
  Hindrance,
  Outcome,
  PasskeyCeremony,
  Retry,
} from '@ipse/protocol'
import type { HintHold } from './guidance.ts'

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
  | {
      readonly name: 'passkey'
      readonly ceremony: PasskeyCeremony
      /** The authenticator is at work; or it was, and nothing came of it. */
      readonly state: 'asked' | 'busy' | 'missed'
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
  /** The answer to the question for a passkey. */
  | { readonly type: 'passkey-choice'; readonly use: boolean }
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
  /** The service asks for a passkey; the authenticator gave none. */
  | { readonly type: 'passkey'; readonly ceremony: PasskeyCeremony }
  | { readonly type: 'passkey-missed' }
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
  /** The ceremony begins in the very gesture of the person, or there will be none. */
  | { readonly type: 'answer-passkey'; readonly run: number; readonly use: boolean }
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
