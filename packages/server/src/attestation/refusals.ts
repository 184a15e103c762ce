/**
 * Why a device attestation does not hold: one list for all verifiers. For operators and tests; relying parties read
 * `attestation_refused`, the capture device reads nothing.
 */
export const REFUSALS = {
  malformed: 'The bytes are not what the format asks for.',
  format: 'It names another attestation format.',
  certificate_malformed: 'The chain is not two readable certificates.',
  root_unknown: 'The intermediate certificate was not issued by a configured root.',
  chain_broken: 'The leaf certificate was not issued by the intermediate.',
  certificate_expired: 'A certificate of the chain has expired.',
  certificate_early: 'A certificate of the chain is not valid yet.',
  issuer_not_ca: 'The intermediate certificate may not issue certificates.',
  leaf_is_ca: 'The leaf certificate may issue certificates.',
  leaf_key: 'The leaf certificate’s key is not on P-256.',
  nonce_absent: 'The leaf certificate has no nonce, or more than one.',
  nonce_mismatch: 'The nonce is not that of this transcript and authenticator data.',
  key_mismatch: 'The key identifier is not the hash of the attested key.',
  credential_mismatch: 'The credential identifier is another one.',
  app_mismatch: 'It was made for another app.',
  counter_not_zero: 'A new key has been used before.',
  counter_not_increased: 'The counter did not rise: an old answer or a copied key.',
  environment:
    'The key comes from neither environment of the maker, or from development where that is not allowed.',
  key_unknown: 'The key was never registered.',
  key_registered: 'The key was registered before.',
  signature: 'The signature does not verify.',
  token_form: 'It is no canonical compact token.',
  token_header: 'The token’s header names other algorithms or members.',
  decryption: 'The token was not encrypted to the configured key.',
  request_hash: 'The request hash is not that of this transcript.',
  too_old: 'The verdict is older than two minutes.',
  from_future: 'The verdict comes from the future.',
  app_unrecognised: 'The store does not recognise the app.',
  certificate_mismatch: 'The app was signed by another certificate.',
  device_integrity: 'The device did not pass the maker’s integrity check.',
  ceremony: 'The client data are of another ceremony.',
  challenge: 'The challenge is not this transcript.',
  origin: 'It was made on another origin, or inside a page of another origin.',
  user_absent: 'Nobody was present at the authenticator.',
  user_unverified: 'The authenticator did not verify its user, as the policy asks.',
  key_unusable: 'The key is of another algorithm than ES256, EdDSA or RS256, or its statement does not hold.',
  subject: 'The session names no subject, or another than the key is bound to.',
} as const
export type Refusal = keyof typeof REFUSALS

/** What a verifier found: what holds, or why not. */
export type Verdict<T> = ({ readonly holds: true } & T) | { readonly holds: false; readonly refusal: Refusal }

class Refused extends Error {
  readonly refusal: Refusal
  constructor(refusal: Refusal, cause?: unknown) {
    super(REFUSALS[refusal], { cause })
    this.refusal = refusal
  }
}

export function refuse(refusal: Refusal, cause?: unknown): never {
  throw new Refused(refusal, cause)
}

/** Refuses unless the condition holds. */
export function demand(holds: boolean, refusal: Refusal): asserts holds {
  if (!holds) refuse(refusal)
}

/** Runs a verifier. Whatever it trips over in the device's bytes is a refusal too, never an exception. */
export async function judged<T>(work: () => T | Promise<T>): Promise<Verdict<T>> {
  try {
    return { holds: true, ...(await work()) }
  } catch (error) {
    return { holds: false, refusal: error instanceof Refused ? error.refusal : 'malformed' }
  }
}

/** A part of a verifier whose every failure has one name. */
export async function orRefuse<T>(refusal: Refusal, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    throw cause instanceof Refused ? cause : new Refused(refusal, cause)
  }
}
