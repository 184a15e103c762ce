/** Every sentence the element can say, as typed keys: a language that lacks one does not compile. */
import type { Direction, ErrorCode, Expression, Guidance, Outcome, PasskeyCeremony } from '@ipse/protocol'

/** Steps as they are spoken to the person; directions are the person's own. */
export type StepText =
  | 'hold'
  | 'center'
  | Direction
  | 'follow'
  | Expression
  | `gaze-${Direction}`
  | 'camera-constraint'
  | 'distance'
  | 'colour-light'

/** What went wrong, in the words of the person in front of the camera: what happened and what to do. */
export interface ProblemText {
  readonly title: string
  readonly advice: string
}

export const PROBLEMS = [
  'camera-denied',
  'camera-forbidden',
  'camera-not-found',
  'camera-busy',
  'camera-insufficient',
  'camera-ended',
  'insecure-context',
  'unsupported-browser',
  'outdated',
  'unsafe-network',
  'connection-lost',
  'cancelled',
  'session-over',
  'not-complete',
  'overloaded',
  'unavailable',
  'wrong',
] as const
export type Problem = (typeof PROBLEMS)[number]

/** Which problem an error code is to the person. Codes that only backends meet are `wrong`: not the person's doing. */
export const PROBLEM_OF: Readonly<Record<ErrorCode, Problem>> = {
  camera_denied: 'camera-denied',
  camera_forbidden: 'camera-forbidden',
  camera_not_found: 'camera-not-found',
  camera_busy: 'camera-busy',
  camera_insufficient: 'camera-insufficient',
  camera_ended: 'camera-ended',
  passkey_declined: 'wrong',
  passkey_unsupported: 'wrong',
  passkey_exists: 'wrong',
  insecure_context: 'insecure-context',
  unsupported_browser: 'unsupported-browser',
  unsupported_version: 'outdated',
  service_unproven: 'unsafe-network',
  connection_lost: 'connection-lost',
  cancelled: 'cancelled',
  session_expired: 'session-over',
  session_wrong_state: 'session-over',
  session_token_invalid: 'session-over',
  capture_already_received: 'session-over',
  challenge_mismatch: 'session-over',
  capture_incomplete: 'not-complete',
  rate_limited: 'overloaded',
  assessment_timeout: 'overloaded',
  engine_unavailable: 'unavailable',
  storage_unavailable: 'unavailable',
  model_invalid: 'unavailable',
  settings_invalid: 'unavailable',
  policy_invalid: 'unavailable',
  internal: 'wrong',
  invalid_request: 'wrong',
  unauthenticated: 'wrong',
  forbidden: 'wrong',
  locked_out: 'wrong',
  device_blocked: 'wrong',
  subject_disabled: 'wrong',
  not_found: 'wrong',
  conflict: 'wrong',
  payload_too_large: 'wrong',
  unsupported_media: 'wrong',
  idempotency_conflict: 'wrong',
  image_unreadable: 'wrong',
  reference_not_found: 'wrong',
  reference_unusable: 'wrong',
  consent_missing: 'wrong',
  policy_unknown: 'wrong',
  receipt_invalid: 'wrong',
  receipt_expired: 'wrong',
  log_invalid: 'wrong',
  consent_withdrawn: 'wrong',
  approval_required: 'wrong',
  pin_mismatch: 'wrong',
  release_invalid: 'wrong',
}

export interface Strings {
  readonly title: string
  /** What to expect, shown before the start; one short sentence each. */
  readonly expect: { readonly light: string; readonly follow: string; readonly time: string }
  readonly agree: string
  readonly start: string
  readonly cancel: string
  readonly again: string
  readonly close: string
  readonly simulated: string
  readonly permission: { readonly title: string; readonly advice: string }
  readonly connecting: string
  /** Before the screen changes its colours: photosensitive people must be able to go on without. */
  readonly colours: {
    readonly title: string
    readonly advice: string
    readonly show: string
    readonly skip: string
  }
  /** At the end of a capture: a new passkey, or one that was made before. */
  readonly passkey: Readonly<Record<PasskeyCeremony, ProblemText & { readonly use: string }>> & {
    /** In the place of the advice when the authenticator gave none. */
    readonly missed: string
    readonly skip: string
  }
  readonly checking: { readonly title: string; readonly advice: string }
  /** `{step}` and `{steps}` are replaced. */
  readonly progress: string
  /** `{n}` is replaced. */
  readonly attemptsLeft: string
  readonly lastAttempt: string
  /** Name of the camera picture for screen readers. */
  readonly picture: string
  readonly steps: Readonly<Record<StepText, string>>
  readonly guidance: Readonly<Record<Guidance, string>>
  readonly outcomes: Readonly<Record<Outcome, ProblemText>>
  readonly problems: Readonly<Record<Problem, ProblemText>>
}
