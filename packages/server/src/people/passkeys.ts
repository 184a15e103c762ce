/** Passkeys: WebAuthn ceremonies of people, judged by the same verifier as the device factor, and always with their user verified. */
import { utf8 } from '@ipse/protocol'
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/server'
import type { Refusal } from '../attestation/refusals.ts'
import {
  type AssertionResponse,
  type RegistrationResponse,
  verifyAssertion,
  verifyRegistration,
  type WebAuthnExpectation,
} from '../attestation/webauthn.ts'
import type { PersonRecord } from '../store/people-records.ts'
import { CHALLENGE_MS, challengeIn, makeChallenge, type Purpose, spend } from './challenges.ts'
import type { PeopleContext } from './context.ts'

/** COSE: EdDSA, ES256, RS256; as the verifier takes them. */
const ALGORITHMS = [-8, -7, -257]

/** Texts are base64url. */
export interface PasskeyAnswer extends AssertionResponse {
  /** Whose the authenticator says the key is. */
  readonly userHandle: string
}

/** For the log and the audit trail; the browser hears `unauthenticated`. */
export interface NotSignedIn {
  readonly refused: Refusal | 'disabled' | 'replay'
  /** Whose passkey it was, where that is known. */
  readonly person?: PersonRecord
}

export async function registrationOptions(
  context: PeopleContext,
  { id, name }: PersonRecord,
  purpose: Purpose,
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  const known = await context.store.listPasskeys(id)
  return generateRegistrationOptions({
    rpName: 'Ipse',
    rpID: context.site.rpId,
    userID: new Uint8Array(utf8(id)),
    userName: name,
    userDisplayName: name,
    challenge: makeChallenge(context, purpose),
    timeout: CHALLENGE_MS,
    attestationType: 'none',
    excludeCredentials: known.map((passkey) => ({ id: passkey.id })),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    supportedAlgorithmIDs: ALGORITHMS,
  })
}

/** Stores a new passkey of a person, and with it uses up the invitation. @returns why not, or undefined */
export async function addPasskey(
  context: PeopleContext,
  person: PersonRecord,
  purpose: Purpose,
  response: RegistrationResponse,
  invitationMac?: string,
): Promise<NotSignedIn | undefined> {
  const challenge = challengeIn(context, purpose, response.clientData)
  if (!challenge) return { refused: 'challenge', person }
  const verdict = await verifyRegistration(response, expectation(context, challenge))
  if (!verdict.holds) return { refused: verdict.refusal, person }
  if (!(await spend(context, challenge))) return { refused: 'replay', person }
  const { publicKey, counter } = verdict
  const passkey = { id: response.id, personId: person.id, publicKey, counter, createdAt: context.clock.now() }
  const audit = context.auditor.entry('passkey.added', person.tenant, { actor: person.id, person: person.id })
  const stored = await context.store.insertPasskey(passkey, audit, invitationMac)
  return stored ? undefined : { refused: 'key_registered', person }
}

/** No list of credentials: whoever asks learns nothing about who has an account. */
export function signInOptions(context: PeopleContext): Promise<PublicKeyCredentialRequestOptionsJSON> {
  return generateAuthenticationOptions({
    rpID: context.site.rpId,
    challenge: makeChallenge(context, ['sign-in']),
    timeout: CHALLENGE_MS,
    userVerification: 'required',
  })
}

export async function signInWithPasskey(
  context: PeopleContext,
  { userHandle, ...answer }: PasskeyAnswer,
): Promise<PersonRecord | NotSignedIn> {
  const { store, clock } = context
  const passkey = await store.findPasskey(answer.id)
  const person = passkey && (await store.findPerson(passkey.personId))
  if (!passkey || !person) return { refused: 'key_unknown' }
  const challenge = challengeIn(context, ['sign-in'], answer.clientData)
  if (!challenge) return { refused: 'challenge', person }
  if (userHandle !== Buffer.from(person.id).toString('base64url'))
    return { refused: 'credential_mismatch', person }
  const verdict = await verifyAssertion(answer, expectation(context, challenge), passkey)
  if (!verdict.holds) return { refused: verdict.refusal, person }
  if (!(await spend(context, challenge))) return { refused: 'replay', person }
  if (!(await store.usePasskey(passkey, verdict.counter, clock.now())))
    return { refused: 'counter_not_increased', person }
  return person.disabledAt === undefined ? person : { refused: 'disabled', person }
}

function expectation({ site }: PeopleContext, challenge: Uint8Array): WebAuthnExpectation {
  return { rpId: site.rpId, origins: [site.origin], transcript: challenge, userVerification: true }
}
