/**
 * The one home of every error code (principle 8). Codes are stable, sentences are not.
 * Outcomes (a non-match, an attack, no face) are data and never appear here (principle 2).
 */

/** What a caller should do: give up, send the same request again, or start with a new session. */
export type Retry = 'no' | 'same' | 'new-session'

interface ErrorRow {
  readonly status: number
  readonly title: string
  readonly retry: Retry
  /** What to do, in one sentence; shown to the caller. */
  readonly advice: string
}

export const ERRORS = {
  invalid_request: {
    status: 400,
    title: 'The request is not well formed',
    retry: 'no',
    advice: 'Compare the request with /openapi.json; the detail names the field.',
  },
  unsupported_version: {
    status: 400,
    title: 'This protocol version is not served',
    retry: 'no',
    advice: 'Update the Ipse SDK; /.well-known/ipse.json names the oldest version that is served.',
  },
  unauthenticated: {
    status: 401,
    title: 'Authentication is missing or wrong',
    retry: 'no',
    advice:
      'Send a valid API key as "Authorization: Bearer ipse_…", an access token, or a registered client certificate.',
  },
  forbidden: {
    status: 403,
    title: 'This credential may not do that',
    retry: 'no',
    advice: 'Use a credential with the scope that the detail names.',
  },
  not_found: {
    status: 404,
    title: 'There is no such thing here',
    retry: 'no',
    advice: 'Check the identifier and that it belongs to your tenant.',
  },
  conflict: {
    status: 409,
    title: 'The resource has changed or exists already',
    retry: 'no',
    advice: 'Read the resource again and decide anew.',
  },
  rate_limited: {
    status: 429,
    title: 'Too many requests',
    retry: 'same',
    advice: 'Wait as long as Retry-After says, then send the same request again.',
  },
  locked_out: {
    status: 429,
    title: 'Too many attempts have failed',
    retry: 'same',
    advice: 'Wait as long as Retry-After says, or offer the person another way.',
  },
  device_blocked: {
    status: 403,
    title: 'This device is blocked until a person has looked at it',
    retry: 'no',
    advice: 'Decide its review (GET /v1/reviews), or offer the person another way.',
  },
  subject_disabled: {
    status: 403,
    title: 'Face verification is disabled for this subject',
    retry: 'no',
    advice: 'Make sure who asks, then lift it with POST /v1/subjects/{subject}/unlock.',
  },
  payload_too_large: {
    status: 413,
    title: 'The body is too large',
    retry: 'no',
    advice: 'Send images of at most 10 MB each.',
  },
  unsupported_media: {
    status: 415,
    title: 'This kind of content is not accepted',
    retry: 'no',
    advice: 'Send application/json with JPEG, PNG or WebP images in base64.',
  },
  idempotency_conflict: {
    status: 409,
    title: 'The idempotency key was used with another body',
    retry: 'no',
    advice: 'Use a new Idempotency-Key for a different request.',
  },
  session_expired: {
    status: 410,
    title: 'The session has expired',
    retry: 'new-session',
    advice: 'Create a new session.',
  },
  session_wrong_state: {
    status: 409,
    title: 'The session is in a state that does not allow this',
    retry: 'new-session',
    advice: 'Read the session to see its state.',
  },
  session_token_invalid: {
    status: 401,
    title: 'The capture token was not accepted',
    retry: 'new-session',
    advice: 'Create a new session and hand its token to the page once.',
  },
  capture_incomplete: {
    status: 422,
    title: 'The capture ended before all steps were done',
    retry: 'same',
    advice: 'Start the capture again while attempts remain.',
  },
  capture_already_received: {
    status: 409,
    title: 'This capture was received before',
    retry: 'no',
    advice: 'A capture is accepted once; read the session for its outcome.',
  },
  challenge_mismatch: {
    status: 422,
    title: 'The capture does not fit the challenge that was issued',
    retry: 'new-session',
    advice: 'Create a new session; captures cannot be reused.',
  },
  image_unreadable: {
    status: 422,
    title: 'The image could not be read',
    retry: 'no',
    advice: 'Send a complete JPEG or WebP of at most 25 megapixels, or PNG of at most 9.',
  },
  reference_not_found: {
    status: 404,
    title: 'There is no reference for this subject',
    retry: 'no',
    advice: 'Enrol the subject first, or send a reference image.',
  },
  reference_unusable: {
    status: 422,
    title: 'No face template can be made from the reference',
    retry: 'no',
    advice: 'Send a sharp, frontal photograph that shows exactly one face.',
  },
  consent_missing: {
    status: 422,
    title: 'Consent is required and was not given',
    retry: 'no',
    advice: 'Record the consent of the person and send its version, text hash and time.',
  },
  consent_withdrawn: {
    status: 409,
    title: 'The consent was withdrawn, or its purpose has ended',
    retry: 'no',
    advice:
      'Ask the person again and record the new consent; compare with nothing that rested on the old one.',
  },
  approval_required: {
    status: 403,
    title: 'A second person has to agree',
    retry: 'same',
    advice:
      'Have somebody else approve it under /admin/, then send the same request again within a day of the first.',
  },
  policy_unknown: {
    status: 422,
    title: 'There is no policy of this name',
    retry: 'no',
    advice: 'Use one of the policy names that the detail lists.',
  },
  policy_invalid: {
    status: 500,
    title: 'A policy file is not valid',
    retry: 'no',
    advice: 'Mend the field that the detail names; docs/calibration.md describes policy files.',
  },
  receipt_invalid: {
    status: 422,
    title: 'The receipt is not valid',
    retry: 'no',
    advice: 'Trust nothing in it; fetch the session from Ipse.',
  },
  receipt_expired: {
    status: 422,
    title: 'The receipt has expired',
    retry: 'new-session',
    advice: 'Ask for a new session.',
  },
  release_invalid: {
    status: 422,
    title: 'The release manifest is not valid',
    retry: 'no',
    advice: 'Load nothing that it names; fetch /.well-known/ipse.json again.',
  },
  log_invalid: {
    status: 422,
    title: 'The audit log, or a proof of it, is not valid',
    retry: 'no',
    advice: 'Trust nothing in it; keep what you have as evidence, and run "ipse audit verify".',
  },
  engine_unavailable: {
    status: 503,
    title: 'The engine is not available',
    retry: 'same',
    advice: 'Try again later; the operator finds the cause with "ipse doctor".',
  },
  model_invalid: {
    status: 500,
    title: 'A model is missing or altered',
    retry: 'no',
    advice: 'Install the model file that the manifest names; its SHA-256 must agree.',
  },
  assessment_timeout: {
    status: 503,
    title: 'The assessment took too long',
    retry: 'same',
    advice: 'Try again; the operator may need more cores.',
  },
  storage_unavailable: {
    status: 503,
    title: 'The store is not available',
    retry: 'same',
    advice: 'Try again later; the operator finds the cause with "ipse doctor".',
  },
  settings_invalid: {
    status: 500,
    title: 'The settings are not valid',
    retry: 'no',
    advice: 'Mend every setting that the detail lists; docs/reference/settings.md describes them.',
  },
  internal: {
    status: 500,
    title: 'Something went wrong on our side',
    retry: 'same',
    advice: 'Try again; quote the request id when you report it.',
  },
  camera_denied: {
    status: 0,
    title: 'The camera was not allowed',
    retry: 'same',
    advice: 'Allow the camera for this page in the browser and start again.',
  },
  camera_forbidden: {
    status: 0,
    title: 'The page may not use the camera',
    retry: 'no',
    advice:
      'Send "Permissions-Policy: camera=(self)" with the page, and put allow="camera" on the frame it stands in.',
  },
  camera_not_found: {
    status: 0,
    title: 'No camera was found',
    retry: 'same',
    advice: 'Connect a camera, or open this page on a phone.',
  },
  camera_busy: {
    status: 0,
    title: 'The camera is in use',
    retry: 'same',
    advice: 'Close other programs that use the camera and start again.',
  },
  camera_insufficient: {
    status: 0,
    title: 'The camera cannot deliver what is needed',
    retry: 'no',
    advice: 'Use a camera with at least 480 × 360 pixels.',
  },
  camera_ended: {
    status: 0,
    title: 'The camera stopped',
    retry: 'same',
    advice: 'Check the camera and start again.',
  },
  passkey_declined: {
    status: 0,
    title: 'The person used no passkey',
    retry: 'no',
    advice: 'Offer another attempt, or another way; the policy says what follows from it.',
  },
  passkey_unsupported: {
    status: 0,
    title: 'The browser or the page cannot use the passkey that is asked for',
    retry: 'no',
    advice:
      'Serve the page from an origin on attestation.webauthnRpId, and not in the frame of another site.',
  },
  passkey_exists: {
    status: 0,
    title: 'The device holds a passkey of this subject already',
    retry: 'no',
    advice: 'Ask for it with a policy whose passkey is "use".',
  },
  insecure_context: {
    status: 0,
    title: 'The page is not served securely',
    retry: 'no',
    advice: 'Serve the page over HTTPS or from localhost.',
  },
  unsupported_browser: {
    status: 0,
    title: 'This browser lacks what is needed',
    retry: 'no',
    advice: 'Use a current version of Chrome, Edge, Firefox or Safari.',
  },
  service_unproven: {
    status: 0,
    title: 'The service could not show that it is the one the token names',
    retry: 'same',
    advice: 'Try again on another network: somebody may be standing between.',
  },
  pin_mismatch: {
    status: 0,
    title: 'The service did not show a pinned key',
    retry: 'no',
    advice: 'Nothing was sent. Compare the key with "ipse pins"; somebody may be standing between.',
  },
  connection_lost: {
    status: 0,
    title: 'The connection was lost',
    retry: 'same',
    advice: 'Check the network and start again.',
  },
  cancelled: {
    status: 0,
    title: 'The capture was cancelled',
    retry: 'same',
    advice: 'Start again when you are ready.',
  },
} as const satisfies Record<string, ErrorRow>

export type ErrorCode = keyof typeof ERRORS

/** The one error class. `message` may be shown to the caller when the status is below 500. */
export class IpseError extends Error {
  readonly code: ErrorCode
  readonly retryAfterMs: number | undefined

  constructor(code: ErrorCode, detail?: string, options: { cause?: unknown; retryAfterMs?: number } = {}) {
    super(detail ?? ERRORS[code].title, 'cause' in options ? { cause: options.cause } : undefined)
    this.name = 'IpseError'
    this.code = code
    this.retryAfterMs = options.retryAfterMs
  }

  get status(): number {
    return ERRORS[this.code].status
  }

  get advice(): string {
    return ERRORS[this.code].advice
  }

  /** Whether the detail may leave the process; details of our own faults stay in the log. */
  get expose(): boolean {
    return this.status < 500
  }

  get retry(): Retry {
    return ERRORS[this.code].retry
  }
}
