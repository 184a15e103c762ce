/** Why a credential was not accepted: for the log alone. The caller hears `unauthenticated`, whatever it was. */
export const REFUSALS = {
  none: 'No credential came with the request.',
  form: 'The credential has no form that we know.',
  unknown: 'There is no such key or client.',
  secret: 'The secret is wrong.',
  revoked: 'The key or client was revoked.',
  expired: 'The key has ended.',
  network: 'The address is not among those that the credential may be used from.',
  certificate: 'No client is registered for the certificate.',
  token: 'The access token, or the assertion, is not valid.',
  binding: 'The token is bound to a key or certificate that was not shown.',
  session: 'The session of a person has ended, or there is none.',
  disabled: 'The person was disabled.',
  origin: 'A person’s session came from a page that is not ours.',
  nonce: 'The proof brings no nonce of ours, or one that is too old.',
  replay: 'The proof or assertion was used before.',
} as const

export interface Refused {
  readonly refused: true
  readonly why: keyof typeof REFUSALS
  /** Id of the key or client, when the credential named one. Not a secret. */
  readonly id?: string
  /** What was wrong with a token, in words of ours; nothing of the token itself. */
  readonly detail?: string
}

export function isRefused(value: object): value is Refused {
  return 'refused' in value
}
