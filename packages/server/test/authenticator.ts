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

/** Keys by COSE algorithm: how they are made, and their COSE_Key from the members of their JWK (RFC 9053 §7, RFC 8230). */
const KINDS = {
  ES256: {
    pair: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    cose: ({ x, y }: Jwk) => [
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, x],
      [-3, y],
    ],
    hash: 'sha256',
  },
  EdDSA: {
    pair: () => generateKeyPairSync('ed25519'),
    cose: ({ x }: Jwk) => [
      [1, 1],
      [3, -8],
      [-1, 6],
      [-2, x],
    ],
    hash: null,
  },
  RS256: {
    pair: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
    cose: ({ n, e }: Jwk) => [
      [1, 3],
      [3, -257],
      [-1, n],
      [-2, e],
    ],
    hash: 'sha256',
  },
} as const
type Jwk = Readonly<Record<string, Uint8Array>>
export type KeyKind = keyof typeof KINDS
export const KEY_KINDS = Object.keys(KINDS) as KeyKind[]

export function createAuthenticator(kind: KeyKind = 'ES256'): Authenticator {
  const { privateKey, publicKey } = KINDS[kind].pair()
  const jwk = Object.entries(publicKey.export({ format: 'jwk' })).map(
    ([name, value]) => [name, new Uint8Array(Buffer.from(String(value), 'base64url'))] as const,
  )
  const credentialId = new Uint8Array(randomBytes(16))
  const cose = (algorithm?: number) => {
    const key = new Map<number, unknown>(KINDS[kind].cose(Object.fromEntries(jwk)) as [number, unknown][])
    return encode(algorithm === undefined ? key : key.set(3, algorithm))
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
        signature: toBase64url(sign(KINDS[kind].hash, signed, forgery.signer ?? privateKey)),
      }
    },
  }
}
