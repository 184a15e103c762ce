/** A synthetic WebAuthn authenticator: registrations and assertions as browsers hand them over, every part replaceable. */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { toBase64url } from '@ipse/protocol'
import { encode } from 'cborg'
import type { AssertionResponse, RegistrationResponse } from '../src/attestation/webauthn.ts'
import { sha256, u32 } from './apple-device.ts'

export const RP_ID = 'ipse.test'
export const ORIGIN = 'https://ipse.test'

const FLAGS = { present: 0x01, verified: 0x04, attested: 0x40 }

export interface AuthenticatorForgery {
  /** Members of the client data; `undefined` leaves one out. */
  readonly client?: Readonly<Record<string, unknown>>
  readonly rpId?: string
  readonly present?: boolean
  readonly verified?: boolean
  readonly counter?: number
  readonly id?: string
  readonly signer?: KeyObject
  readonly algorithm?: number
  readonly format?: string
  readonly statement?: object
  readonly authData?: (bytes: Uint8Array) => Uint8Array
}

export interface Authenticator {
  readonly id: string
  readonly privateKey: KeyObject
  readonly publicKey: Uint8Array
  register(transcript: Uint8Array, forgery?: AuthenticatorForgery): RegistrationResponse
  assert(transcript: Uint8Array, forgery?: AuthenticatorForgery): AssertionResponse
}

export function createAuthenticator(): Authenticator {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
  const credentialId = new Uint8Array(randomBytes(16))
  const cose = (algorithm = -7) => {
    const [first, second] = [x, y].map((part) => new Uint8Array(Buffer.from(part, 'base64url')))
    return encode(
      new Map<number, unknown>([
        [1, 2],
        [3, algorithm],
        [-1, 1],
        [-2, first],
        [-3, second],
      ]),
    )
  }
  const id = toBase64url(credentialId)
  const clientData = (type: string, transcript: Uint8Array, { client }: AuthenticatorForgery) =>
    Buffer.from(
      JSON.stringify({
        type,
        challenge: toBase64url(transcript),
        origin: ORIGIN,
        crossOrigin: false,
        ...client,
      }),
    )
  const fixed = (
    { rpId = RP_ID, present = true, verified = true, counter }: AuthenticatorForgery,
    attested: boolean,
  ) => {
    const flags =
      (present ? FLAGS.present : 0) | (verified ? FLAGS.verified : 0) | (attested ? FLAGS.attested : 0)
    return Buffer.concat([sha256(rpId), Uint8Array.of(flags), u32(counter ?? 0)])
  }
  return {
    id,
    privateKey,
    publicKey: cose(),
    register(transcript, forgery = {}) {
      const data = Buffer.concat([
        fixed(forgery, true),
        new Uint8Array(16),
        u32(credentialId.length).subarray(2),
        credentialId,
        cose(forgery.algorithm),
      ])
      const authData = new Uint8Array(forgery.authData?.(data) ?? data)
      const object = { fmt: forgery.format ?? 'none', attStmt: forgery.statement ?? {}, authData }
      return {
        id: forgery.id ?? id,
        clientData: toBase64url(clientData('webauthn.create', transcript, forgery)),
        attestation: toBase64url(encode(object)),
      }
    },
    assert(transcript, forgery = {}) {
      const plain = fixed({ counter: 1, ...forgery }, false)
      const authenticatorData = forgery.authData?.(plain) ?? plain
      const client = clientData('webauthn.get', transcript, forgery)
      const hash = createHash('sha256').update(client).digest()
      const signed = Buffer.concat([authenticatorData, hash])
      return {
        id: forgery.id ?? id,
        clientData: toBase64url(client),
        authenticatorData: toBase64url(authenticatorData),
        signature: toBase64url(sign('sha256', signed, forgery.signer ?? privateKey)),
      }
    },
  }
}
