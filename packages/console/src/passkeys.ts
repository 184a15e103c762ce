/** The two ceremonies of passkeys in the browser; of the answers only what the service checks is sent. */
import {
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  startAuthentication,
  startRegistration,
} from '@simplewebauthn/browser'

export async function makePasskey(optionsJSON: PublicKeyCredentialCreationOptionsJSON) {
  const { id, response } = await startRegistration({ optionsJSON })
  return { id, clientData: response.clientDataJSON, attestation: response.attestationObject }
}

export async function usePasskey(optionsJSON: PublicKeyCredentialRequestOptionsJSON) {
  const { id, response } = await startAuthentication({ optionsJSON })
  const { clientDataJSON, authenticatorData, signature, userHandle = '' } = response
  return { id, clientData: clientDataJSON, authenticatorData, signature, userHandle }
}

/** A sentence for what a ceremony can throw. Browsers do not tell a refusal from a person who looked away. */
export function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return 'Something went wrong.'
  if (error.name === 'InvalidStateError')
    return 'This device has a passkey of yours already. Use another one.'
  if (error.name === 'NotAllowedError') return 'No passkey was used. Try again when you are ready.'
  return error.message
}
