/**
 * The ceremonies of WebAuthn over T, the digest of the capture's transcript (W3C Web Authentication Level 3, §7). Of the
 * authenticator's answer only what the service verifies is sent.
 */
import {
  type Bytes,
  type DeviceAttestation,
  fromBase64url,
  type PasskeyAsk,
  toBase64url,
} from '@ipse/protocol'
import type { Shown } from './record-channel.ts'

/** Browsers give up after that time, milliseconds; the service waits as long. */
const LIMIT_MS = 60_000
/** COSE algorithms that the service verifies, in order of preference: ES256, EdDSA, RS256. */
const ALGORITHMS = [-7, -8, -257]

/** Whether this page has authenticators at all. */
export function hasPasskeys(): boolean {
  return typeof PublicKeyCredential === 'function' && 'credentials' in navigator
}

/**
 * Runs the ceremony. To be called in a gesture of the person.
 * @param title what the passkey is called in the person's list, where a new one is made
 * @returns undefined when nothing came of it and another try may help: browsers do not say why
 */
export async function usePasskey(
  ask: PasskeyAsk,
  transcript: Bytes,
  title: string,
  signal: AbortSignal,
): Promise<Shown | undefined> {
  try {
    return { attestation: await CEREMONIES[ask.ceremony](ask, transcript, title, signal) }
  } catch (thrown) {
    const name = thrown instanceof DOMException ? thrown.name : ''
    if (name === 'NotAllowedError' || name === 'AbortError') return undefined
    return { passkey: name === 'InvalidStateError' ? 'passkey_exists' : 'passkey_unsupported' }
  }
}

type Ceremony = (
  ask: PasskeyAsk,
  challenge: Bytes,
  title: string,
  signal: AbortSignal,
) => Promise<DeviceAttestation>

const CEREMONIES: Readonly<Record<PasskeyAsk['ceremony'], Ceremony>> = {
  async register({ rpId, user, known, verifyUser }, challenge, title, signal) {
    const publicKey: PublicKeyCredentialCreationOptions = {
      challenge,
      rp: { id: rpId, name: rpId },
      user: { id: fromBase64url(user), name: title, displayName: title },
      pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: 'public-key', alg })),
      excludeCredentials: descriptors(known),
      authenticatorSelection: { residentKey: 'preferred', userVerification: verification(verifyUser) },
      // A maker's chain would name the device, and is not looked at.
      attestation: 'none',
      timeout: LIMIT_MS,
    }
    const made = (await navigator.credentials.create({ publicKey, signal })) as PublicKeyCredential
    const { clientDataJSON, attestationObject } = made.response as AuthenticatorAttestationResponse
    return {
      format: 'webauthn-registration',
      id: made.id,
      clientData: text(clientDataJSON),
      attestation: text(attestationObject),
    }
  },

  async use({ rpId, known, verifyUser }, challenge, _title, signal) {
    const publicKey: PublicKeyCredentialRequestOptions = {
      challenge,
      rpId,
      allowCredentials: descriptors(known),
      userVerification: verification(verifyUser),
      timeout: LIMIT_MS,
    }
    const used = (await navigator.credentials.get({ publicKey, signal })) as PublicKeyCredential
    const { clientDataJSON, authenticatorData, signature } = used.response as AuthenticatorAssertionResponse
    return {
      format: 'webauthn',
      id: used.id,
      clientData: text(clientDataJSON),
      authenticatorData: text(authenticatorData),
      signature: text(signature),
    }
  },
}

function descriptors(ids: readonly string[]): PublicKeyCredentialDescriptor[] {
  return ids.map((id) => ({ type: 'public-key', id: fromBase64url(id) }))
}

function verification(must: boolean): UserVerificationRequirement {
  return must ? 'required' : 'preferred'
}

function text(buffer: ArrayBuffer): string {
  return toBase64url(new Uint8Array(buffer))
}
