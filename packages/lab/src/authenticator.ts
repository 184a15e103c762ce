/**
 * A WebAuthn authenticator in software, as a scripted client would bring one: ES256, no user, no attestation of its maker.
 * Source: W3C Web Authentication Level 3, §6 and §5.8.1; the few CBOR items that it needs are written out (RFC 8949).
 */
import { type Bytes, concat, type DeviceAttestation, sha256, toBase64url, utf8 } from '@ipse/protocol'

/** User present, user verified, attested credential data included: §6.1. It says so although nobody is there. */
const PRESENT_AND_VERIFIED = 0x05
const ATTESTED = 0x40
const ID_BYTES = 16
const P256 = { name: 'ECDSA', namedCurve: 'P-256' }

export interface Authenticator {
  /** Credential id, base64url. */
  readonly id: string
  /** A registration of its one key over T. */
  register(transcript: Bytes): Promise<DeviceAttestation>
  /** An answer over T. Its counter rises. */
  use(transcript: Bytes): Promise<DeviceAttestation>
}

/** @param origin of the page that it claims to be used on */
export async function createAuthenticator(rpId: string, origin: string): Promise<Authenticator> {
  const pair = await crypto.subtle.generateKey(P256, true, ['sign', 'verify'])
  const credentialId = crypto.getRandomValues(new Uint8Array(ID_BYTES))
  const id = toBase64url(credentialId)
  const rpIdHash = await sha256(utf8(rpId))
  let counter = 0

  const clientData = (type: string, transcript: Bytes) =>
    utf8(JSON.stringify({ type, challenge: toBase64url(transcript), origin, crossOrigin: false }))
  const fixed = (flags: number) => concat(rpIdHash, Uint8Array.of(flags), number32(counter))

  return {
    id,
    async register(transcript) {
      const point = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey))
      const length = Uint8Array.of(0, ID_BYTES)
      const key = coseKey(point.subarray(1, 33), point.subarray(33))
      const flags = PRESENT_AND_VERIFIED | ATTESTED
      const authData = concat(fixed(flags), new Uint8Array(16), length, credentialId, key)
      return {
        format: 'webauthn-registration',
        id,
        clientData: toBase64url(clientData('webauthn.create', transcript)),
        attestation: toBase64url(attestationObject(authData)),
      }
    },
    async use(transcript) {
      counter++
      const authenticatorData = fixed(PRESENT_AND_VERIFIED)
      const client = clientData('webauthn.get', transcript)
      const signed = concat(authenticatorData, await sha256(client))
      const raw = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, pair.privateKey, signed)
      return {
        format: 'webauthn',
        id,
        clientData: toBase64url(client),
        authenticatorData: toBase64url(authenticatorData),
        signature: toBase64url(derSignature(new Uint8Array(raw))),
      }
    },
  }
}

function number32(value: number): Bytes {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value)
  return bytes
}

/** COSE_Key of ES256, RFC 9053 §7.1: {1: 2, 3: -7, -1: 1, -2: x, -3: y}. */
function coseKey(x: Uint8Array, y: Uint8Array): Bytes {
  const bytes32 = [0x58, 32]
  return concat(Uint8Array.of(0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, ...bytes32, ...x, 0x22, ...bytes32, ...y))
}

/** {"fmt": "none", "attStmt": {}, "authData": bytes}, §6.5.4. */
function attestationObject(authData: Uint8Array): Bytes {
  const text = (value: string) => concat(Uint8Array.of(0x60 + value.length), utf8(value))
  const bytes = Uint8Array.of(0x58, authData.length)
  return concat(
    Uint8Array.of(0xa3),
    text('fmt'),
    text('none'),
    text('attStmt'),
    Uint8Array.of(0xa0),
    text('authData'),
    bytes,
    authData,
  )
}

/** Two numbers of 32 bytes as ASN.1 DER, RFC 3279 §2.2.3. */
function derSignature(raw: Uint8Array): Bytes {
  const integer = (bytes: Uint8Array) => {
    const first = bytes.findIndex((byte) => byte !== 0)
    const value = bytes.subarray(first)
    const sign = (value[0] ?? 0) >= 0x80 ? [0] : []
    return Uint8Array.of(0x02, value.length + sign.length, ...sign, ...value)
  }
  const [r, s] = [integer(raw.subarray(0, 32)), integer(raw.subarray(32))]
  return concat(Uint8Array.of(0x30, r.length + s.length), r, s)
}
