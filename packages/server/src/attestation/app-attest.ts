/**
 * Apple App Attest: a key in the Secure Enclave of an unmodified app, attested once, asserted from then on. Source: Apple,
 * “Validating apps that connect to your server”, with SHA-256(T) as client data hash. No clock, no store, no network.
 */
import { createPublicKey, verify, type X509Certificate } from 'node:crypto'
import { equalBytes } from '@ipse/protocol'
import { verifiedLeaf } from './apple-chain.ts'
import { isMadeFor, readAttestedCredential, readAuthenticatorData, sha256Of } from './authenticator-data.ts'
import { assertMembers, bytesOf, decodeMap } from './cbor.ts'
import { extensionValues } from './der.ts'
import { demand, judged, orRefuse, refuse, type Verdict } from './refusals.ts'

export interface AppleTrust {
  /** “Apple App Attestation Root CA”; P-384. */
  readonly roots: readonly X509Certificate[]
  /** Team identifier, dot, bundle identifier. */
  readonly appIds: readonly string[]
  /** Keys of the development environment are taken, at a lower level. */
  readonly development: boolean
}

export type AppleEnvironment = 'production' | 'development'

export interface AttestedKey {
  readonly environment: AppleEnvironment
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Uint8Array
}

/** 1.2.840.113635.100.8.2, DER contents. */
const NONCE_EXTENSION = Uint8Array.of(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x63, 0x64, 0x08, 0x02)
/** SEQUENCE { [1] EXPLICIT OCTET STRING of 32 bytes }. */
const NONCE_PREFIX = Uint8Array.of(0x30, 0x24, 0xa1, 0x22, 0x04, 0x20)

const AAGUIDS: Readonly<Record<AppleEnvironment, Uint8Array>> = {
  production: Buffer.from('appattest\0\0\0\0\0\0\0'),
  development: Buffer.from('appattestdevelop'),
}

/** An uncompressed point on P-256: the last bytes of its SubjectPublicKeyInfo. */
const POINT_BYTES = 65

/**
 * Attestation of a new key.
 * @param keyId SHA-256 of the public key as an uncompressed point
 * @param transcript T, 32 bytes
 * @param now milliseconds since the epoch
 */
export function verifyAppAttestation(
  given: { readonly keyId: Uint8Array; readonly attestation: Uint8Array },
  { roots, appIds, development }: AppleTrust,
  transcript: Uint8Array,
  now: number,
): Promise<Verdict<AttestedKey>> {
  return judged(async () => {
    const object = decodeMap(given.attestation)
    demand(object.get('fmt') === 'apple-appattest', 'format')
    assertMembers(object, ['fmt', 'attStmt', 'authData'])
    const statement = object.get('attStmt')
    if (!(statement instanceof Map)) refuse('malformed')
    assertMembers(statement, ['x5c', 'receipt'])
    bytesOf(statement, 'receipt')
    const authData = bytesOf(object, 'authData')
    const leaf = await verifiedLeaf(statement.get('x5c'), roots, now)
    await checkNonce(leaf, sha256Of(authData, sha256Of(transcript)))

    const { asymmetricKeyDetails: details } = leaf.publicKey
    demand(details?.namedCurve === 'prime256v1', 'leaf_key')
    const publicKey = leaf.publicKey.export({ type: 'spki', format: 'der' })
    demand(equalBytes(sha256Of(publicKey.subarray(-POINT_BYTES)), given.keyId), 'key_mismatch')

    const data = readAuthenticatorData(authData)
    demand(isMadeFor(data, appIds), 'app_mismatch')
    demand(data.counter === 0, 'counter_not_zero')
    const { aaguid, credentialId } = readAttestedCredential(data)
    const environment = (['production', 'development'] as const).find((name) =>
      equalBytes(aaguid, AAGUIDS[name]),
    )
    if (environment === undefined || (environment === 'development' && !development)) refuse('environment')
    demand(equalBytes(credentialId, given.keyId), 'credential_mismatch')
    return { environment, publicKey: new Uint8Array(publicKey) }
  })
}

/** Attack stopped: the attestation of another transcript, sent along with this one. */
async function checkNonce(leaf: X509Certificate, nonce: Uint8Array): Promise<void> {
  const values = await orRefuse('nonce_absent', () => extensionValues(leaf.raw, NONCE_EXTENSION))
  const [value] = values
  if (value === undefined || values.length !== 1) refuse('nonce_absent')
  demand(equalBytes(value, Buffer.concat([NONCE_PREFIX, nonce])), 'nonce_mismatch')
}

/**
 * Assertion by a key that was attested before. Its counter is to be stored by compare-and-set.
 * @param known the stored key
 */
export function verifyAppAssertion(
  assertion: Uint8Array,
  { appIds }: Pick<AppleTrust, 'appIds'>,
  transcript: Uint8Array,
  known: { readonly publicKey: Uint8Array; readonly counter: number },
): Promise<Verdict<{ readonly counter: number }>> {
  return judged(() => {
    const object = decodeMap(assertion)
    assertMembers(object, ['signature', 'authenticatorData'])
    const authData = bytesOf(object, 'authenticatorData')
    const nonce = sha256Of(authData, sha256Of(transcript))
    const key = createPublicKey({ key: Buffer.from(known.publicKey), format: 'der', type: 'spki' })
    demand(verify('sha256', nonce, key, bytesOf(object, 'signature')), 'signature')
    const data = readAuthenticatorData(authData)
    demand(isMadeFor(data, appIds), 'app_mismatch')
    demand(data.counter > known.counter, 'counter_not_increased')
    return { counter: data.counter }
  })
}
