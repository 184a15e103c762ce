/** The lab's authenticator speaks WebAuthn: an independent library verifies what it says. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Bytes, toBase64url } from '@ipse/protocol'
import {
  type VerifiedAuthenticationResponse,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server'
import { createAuthenticator } from '../src/authenticator.ts'

const RP_ID = 'ipse.test'
const ORIGIN = 'https://ipse.test'

const digest = (): Bytes => crypto.getRandomValues(new Uint8Array(32))

const expected = (challenge: Bytes) => ({
  expectedChallenge: toBase64url(challenge),
  expectedOrigin: ORIGIN,
  expectedRPID: RP_ID,
  requireUserVerification: true,
})

test('it registers a key over one transcript and answers with it over others, its counter rising', async () => {
  const authenticator = await createAuthenticator(RP_ID, ORIGIN)
  const first = digest()
  const made = await authenticator.register(first)
  assert.ok(made.format === 'webauthn-registration')
  const { id, clientData, attestation } = made
  const { verified, registrationInfo } = await verifyRegistrationResponse({
    response: {
      id,
      rawId: id,
      type: 'public-key',
      response: { clientDataJSON: clientData, attestationObject: attestation },
      clientExtensionResults: {},
    },
    ...expected(first),
  })
  assert.ok(verified && registrationInfo)
  // A number in a signature loses its leading zeros, in one of 128 signatures: enough of them are made.
  for (let counter = 1; counter <= 300; counter++) {
    const transcript = digest()
    const used = await authenticator.use(transcript)
    assert.ok(used.format === 'webauthn' && used.id === id)
    const answer = (challenge: Bytes): Promise<VerifiedAuthenticationResponse> =>
      verifyAuthenticationResponse({
        response: {
          id,
          rawId: id,
          type: 'public-key',
          response: {
            clientDataJSON: used.clientData,
            authenticatorData: used.authenticatorData,
            signature: used.signature,
          },
          clientExtensionResults: {},
        },
        ...expected(challenge),
        credential: { ...registrationInfo.credential, counter: counter - 1 },
      })
    const { verified, authenticationInfo } = await answer(transcript)
    assert.ok(verified)
    assert.equal(authenticationInfo.newCounter, counter)
    if (counter === 1) await assert.rejects(answer(first), /challenge/)
  }
})
