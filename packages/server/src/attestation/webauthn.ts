/**
 * WebAuthn as the browser's device factor: T is the challenge. What the ceremony is about is checked here, by name; the
 * signature and the key by @simplewebauthn/server. A registration proves nothing by itself: it binds a key to a subject
 * whose face has been accepted. Source: W3C Web Authentication Level 3, §7.1 and §7.2.
 */
import { equalBytes, fromBase64url, fromUtf8, toBase64url } from '@ipse/protocol'
import { verifyAuthenticationResponse, verifyRegistrationResponse } from '@simplewebauthn/server'
import {
  type AuthenticatorData,
  isMadeFor,
  readAttestedCredential,
  readAuthenticatorData,
} from './authenticator-data.ts'
import { bytesOf, decodeMap } from './cbor.ts'
import { assertEcdsaSignature } from './der.ts'
import { demand, judged, orRefuse, refuse, type Verdict } from './refusals.ts'

export interface WebAuthnTrust {
  readonly rpId: string
  /** Exact origins of pages that may ask for the ceremony. */
  readonly origins: readonly string[]
}

export interface WebAuthnExpectation extends WebAuthnTrust {
  /** T, 32 bytes. */
  readonly transcript: Uint8Array
  /** PIN, fingerprint or face at the authenticator, as the policy asks. */
  readonly userVerification: boolean
}

/** Texts are base64url. */
export interface RegistrationResponse {
  readonly id: string
  readonly clientData: string
  readonly attestation: string
}

export interface AssertionResponse {
  readonly id: string
  readonly clientData: string
  readonly authenticatorData: string
  readonly signature: string
}

export interface WebAuthnKey {
  /** COSE_Key. */
  readonly publicKey: Uint8Array
  readonly counter: number
}

/** COSE algorithms: ES256, EdDSA, RS256. */
const ALGORITHMS = [-7, -8, -257]
/** COSE: `kty` 2 is a key on an elliptic curve with both coordinates, RFC 9053 §7.1. */
const isElliptic = (publicKey: Uint8Array) => decodeMap(publicKey).get(1) === 2

/** A new key. Only forms without certificates are taken: checking a maker's chain would ask addresses that it names. */
export function verifyRegistration(
  { id, clientData, attestation }: RegistrationResponse,
  expected: WebAuthnExpectation,
): Promise<Verdict<WebAuthnKey>> {
  return judged(async () => {
    checkClientData(clientData, 'webauthn.create', expected)
    const object = decodeMap(fromBase64url(attestation))
    const statement = object.get('attStmt')
    const form = object.get('fmt')
    demand(statement instanceof Map && !statement.has('x5c'), 'format')
    demand(form === 'none' || form === 'packed', 'format')
    const data = readAuthenticatorData(bytesOf(object, 'authData'))
    checkPresence(data, expected)
    demand(equalBytes(readAttestedCredential(data).credentialId, fromBase64url(id)), 'credential_mismatch')
    const { verified, registrationInfo } = await orRefuse('key_unusable', () =>
      verifyRegistrationResponse({
        response: {
          id,
          rawId: id,
          type: 'public-key',
          response: { clientDataJSON: clientData, attestationObject: attestation },
          clientExtensionResults: {},
        },
        ...expectations(expected),
        supportedAlgorithmIDs: ALGORITHMS,
      }),
    )
    demand(verified && registrationInfo !== undefined, 'signature')
    const { publicKey, counter } = registrationInfo.credential
    return { publicKey: new Uint8Array(publicKey), counter }
  })
}

/**
 * An answer of a key that was registered before. Its counter is to be stored by compare-and-set; authenticators that do
 * not count stay at 0.
 */
export function verifyAssertion(
  { id, clientData, authenticatorData, signature }: AssertionResponse,
  expected: WebAuthnExpectation,
  known: WebAuthnKey,
): Promise<Verdict<{ readonly counter: number }>> {
  return judged(async () => {
    checkClientData(clientData, 'webauthn.get', expected)
    const data = readAuthenticatorData(fromBase64url(authenticatorData))
    checkPresence(data, expected)
    const uncounted = data.counter === 0 && known.counter === 0
    demand(uncounted || data.counter > known.counter, 'counter_not_increased')
    if (isElliptic(known.publicKey))
      await orRefuse('signature', () => assertEcdsaSignature(fromBase64url(signature)))
    else fromBase64url(signature)
    const { verified, authenticationInfo } = await orRefuse('signature', () =>
      verifyAuthenticationResponse({
        response: {
          id,
          rawId: id,
          type: 'public-key',
          response: { clientDataJSON: clientData, authenticatorData, signature },
          clientExtensionResults: {},
        },
        ...expectations(expected),
        credential: { id, publicKey: new Uint8Array(known.publicKey), counter: known.counter },
      }),
    )
    demand(verified, 'signature')
    return { counter: authenticationInfo.newCounter }
  })
}

function expectations({ transcript, rpId, origins, userVerification }: WebAuthnExpectation) {
  return {
    expectedChallenge: toBase64url(transcript),
    expectedOrigin: [...origins],
    expectedRPID: rpId,
    requireUserVerification: userVerification,
  }
}

/** Attack stopped: an answer that was got for another capture, on another site or in a frame of another site. */
function checkClientData(
  clientData: string,
  ceremony: 'webauthn.create' | 'webauthn.get',
  { transcript, origins }: WebAuthnExpectation,
): void {
  const parsed: unknown = JSON.parse(fromUtf8(fromBase64url(clientData)))
  if (typeof parsed !== 'object' || parsed === null) refuse('malformed')
  const { type, challenge, origin, crossOrigin, topOrigin } = parsed as Record<string, unknown>
  demand(type === ceremony, 'ceremony')
  demand(challenge === toBase64url(transcript), 'challenge')
  demand(typeof origin === 'string' && origins.includes(origin), 'origin')
  demand((crossOrigin === undefined || crossOrigin === false) && topOrigin === undefined, 'origin')
}

function checkPresence(data: AuthenticatorData, { rpId, userVerification }: WebAuthnExpectation): void {
  demand(isMadeFor(data, [rpId]), 'app_mismatch')
  demand(data.userPresent, 'user_absent')
  demand(data.userVerified || !userVerification, 'user_unverified')
}
