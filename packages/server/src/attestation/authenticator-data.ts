/** The fixed beginning of authenticator data, WebAuthn Level 3 §6.1; App Attest uses the same form. */
import { createHash } from 'node:crypto'
import { equalBytes } from '@ipse/protocol'
import { demand } from './refusals.ts'

/** Hash of the relying party, flags, counter: bytes. */
const FIXED_BYTES = 37

export interface AuthenticatorData {
  readonly rpIdHash: Uint8Array
  readonly userPresent: boolean
  readonly userVerified: boolean
  readonly counter: number
  /** Attested credential data and extensions. */
  readonly rest: Uint8Array
}

export function readAuthenticatorData(bytes: Uint8Array): AuthenticatorData {
  demand(bytes.length >= FIXED_BYTES, 'malformed')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const flags = view.getUint8(32)
  return {
    rpIdHash: bytes.subarray(0, 32),
    userPresent: (flags & 0x01) !== 0,
    userVerified: (flags & 0x04) !== 0,
    counter: view.getUint32(33),
    rest: bytes.subarray(FIXED_BYTES),
  }
}

export interface AttestedCredential {
  readonly aaguid: Uint8Array
  readonly credentialId: Uint8Array
}

/** AAGUID (16 bytes), length (2), identifier; the public key follows. */
export function readAttestedCredential({ rest }: AuthenticatorData): AttestedCredential {
  demand(rest.length >= 18, 'malformed')
  const length = new DataView(rest.buffer, rest.byteOffset, rest.byteLength).getUint16(16)
  demand(rest.length > 18 + length, 'malformed')
  return { aaguid: rest.subarray(0, 16), credentialId: rest.subarray(18, 18 + length) }
}

/** Whether the data were made for one of these names (relying party or app identifiers). */
export function isMadeFor({ rpIdHash }: AuthenticatorData, names: readonly string[]): boolean {
  return names.some((name) => equalBytes(rpIdHash, sha256Of(name)))
}

/** SHA-256 over the parts one after the other. */
export function sha256Of(...parts: readonly (Uint8Array | string)[]): Buffer {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}
