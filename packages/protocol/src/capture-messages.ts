/**
 * The open part of the capture protocol: JSON text messages over the WebSocket `/c/v1/capture`.
 *
 *   server                                   browser
 *   welcome {nonce}                     ──►
 *                                       ◄──  hello {token, proof, sdk}        DPoP proof over nonce and token; or with
 *                                                                             `unable`, and this is the end
 *   start {session, challenge, kem}     ──►                  kem: signed by the key of the day (day-key.ts)
 *                                       ◄──  open {enc}                       HPKE context; binary records follow
 *                                       ◄──  [facts]
 *   step {index, step}                  ──►
 *                                       ◄──  [seen] [frame] [frame] …
 *   guide {frame, hint, progress}       ──►  one for every frame: it is the flow control too
 *   [cue {step, index, at | colour}]    ──►  within steps that move a dot or change a colour
 *                                       ◄──  [seen]  for every cue too, in their order
 *   step …                              ──►
 *   finish {passkey?}                   ──►                  the person may be asked for a passkey over T first
 *                                       ◄──  [submit {T, signature, attestation? | passkey?}]
 *   outcome {pass | retry | fail}       ──►  the socket closes
 *
 * An `error {code}` from the server ends the capture. Square brackets from the browser are sealed binary records
 * (records.ts). The server names the challenge's version; a browser that does not know it ends the capture, so neither
 * side can be talked into an older one.
 */
import type { CHALLENGE_VERSION, ChallengeStep, Cue, Guidance } from './challenge.ts'
import type { SealingOffer } from './day-key.ts'
import type { ErrorCode } from './errors.ts'
import type { Outcome } from './vocabulary.ts'

export const CAPTURE_PROTOCOL = 'ipse-capture/3'
export const CAPTURE_PATH = '/c/v1/capture'

export interface Welcome {
  readonly type: 'welcome'
  readonly protocol: string
  readonly nonce: string
  readonly minimumSdk: string
}

export interface Start {
  readonly type: 'start'
  readonly sessionId: string
  readonly challengeId: string
  /** Number of this attempt, from 1, and how many more there may be. */
  readonly attempt: number
  readonly attemptsLeft: number
  /** A device that cannot tell whose key this is seals nothing to it. */
  readonly kem: SealingOffer
  readonly capture: {
    readonly width: number
    readonly height: number
    /** The highest that a step asks for. */
    readonly framesPerSecond: number
    /** Frames that may be under way before a `guide` must have come back. */
    readonly inFlight: number
    /** JPEG quality for `canvas.toBlob`, [0, 1]. */
    readonly quality: number
    readonly maxFrameBytes: number
  }
  /** Steps of the plan; suspicion may add some. */
  readonly steps: number
  readonly challengeVersion: typeof CHALLENGE_VERSION
  /** The screen would change colours: the person is asked before the facts are sent (photosensitivity, WCAG 2.3.1). */
  readonly colours?: true
}

export interface StepMessage {
  readonly type: 'step'
  readonly index: number
  readonly step: ChallengeStep
  readonly limitMs: number
  /** Frame rate while this step is shown; no more than the camera's. */
  readonly framesPerSecond: number
}

/** What changes within the step with that index. Cues of a step are numbered from 0; none need come. */
export type CueMessage = { readonly type: 'cue'; readonly step: number; readonly index: number } & Cue

export interface Guide {
  readonly type: 'guide'
  /** Number of the frame that this answers. */
  readonly frame: number
  readonly hint: Guidance
  /** Progress within the present step, [0, 1]. */
  readonly progress: number
}

export interface Finish {
  readonly type: 'finish'
  readonly passkey?: PasskeyAsk
}

/**
 *   register  a new passkey, bound to the subject when the capture is accepted
 *   use       one that was bound before
 */
export const PASSKEY_CEREMONIES = ['register', 'use'] as const
export type PasskeyCeremony = (typeof PASSKEY_CEREMONIES)[number]

/** The person is to use a passkey whose challenge is T. It comes when all steps are over, however they went. */
export interface PasskeyAsk {
  readonly ceremony: PasskeyCeremony
  readonly rpId: string
  /** Names the subject to the authenticator without saying who it is, base64url. */
  readonly user: string
  /** Ids of the subject's passkeys, base64url: one of them is used, or none of them made again. */
  readonly known: readonly string[]
  /** The authenticator must verify its user: PIN, fingerprint, face. */
  readonly verifyUser: boolean
}

/** Why a capture bears no passkey although one was asked for, by the device's own account. Codes of errors.ts. */
export const PASSKEY_HINDRANCES = [
  'passkey_declined',
  'passkey_unsupported',
  'passkey_exists',
] as const satisfies readonly ErrorCode[]
export type PasskeyHindrance = (typeof PASSKEY_HINDRANCES)[number]

export interface OutcomeMessage {
  readonly type: 'outcome'
  readonly outcome: Outcome
  readonly attemptsLeft: number
  /** What to do better, when the outcome is `retry`. */
  readonly hint?: Guidance
}

export interface ErrorMessage {
  readonly type: 'error'
  readonly code: ErrorCode
}

export type ServerMessage =
  | Welcome
  | Start
  | StepMessage
  | CueMessage
  | Guide
  | Finish
  | OutcomeMessage
  | ErrorMessage

export interface Hello {
  readonly type: 'hello'
  readonly protocol: string
  readonly token: string
  /** RFC 9449 proof: htm GET, htu the capture URL, nonce from `welcome`, ath of the token. */
  readonly proof: string
  /** Name and version, for example `ipse-web/0.1.0`. */
  readonly sdk: string
  /** Why the device cannot capture: it is noted for the relying party, and the conversation ends without an attempt. */
  readonly unable?: Hindrance
}

/** Why no capture began. Codes of errors.ts; by the device's own account, `unsupported_version` by the service's too. */
export const HINDRANCES = [
  'camera_denied',
  'camera_forbidden',
  'camera_not_found',
  'camera_busy',
  'camera_insufficient',
  'camera_ended',
  'unsupported_browser',
  'unsupported_version',
] as const satisfies readonly ErrorCode[]
export type Hindrance = (typeof HINDRANCES)[number]

export interface Open {
  readonly type: 'open'
  /** HPKE encapsulated secret, base64url. */
  readonly enc: string
}

export type ClientMessage = Hello | Open

/** WebSocket close codes, RFC 6455 §7.4: 1000 done, 4400 the capture was refused. */
export const CLOSE_DONE = 1000
export const CLOSE_REFUSED = 4400
