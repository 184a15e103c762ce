/**
 * Synthetic Apple: root, intermediate and leaf made anew, attestation objects and assertions put together as devices do,
 * and every part of them replaceable by a wrong one.
 */
import 'reflect-metadata'
import { createHash, randomBytes, sign, webcrypto, X509Certificate } from 'node:crypto'
import { BasicConstraintsExtension, Extension, X509CertificateGenerator } from '@peculiar/x509'
import { encode } from 'cborg'
import type { AppleTrust } from '../src/attestation/app-attest.ts'

export const APP_ID = 'A1B2C3D4E5.test.ipse.shop'
export const NOW = Date.UTC(2026, 10, 21)

const DAY_MS = 86_400_000
const NONCE_OID = '1.2.840.113635.100.8.2'

type Curve = 'P-256' | 'P-384'
type Pair = webcrypto.CryptoKeyPair
/** Days from NOW. */
type Days = readonly [from: number, until: number]

export const sha256 = (...parts: readonly (Uint8Array | string)[]): Buffer => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

export const environments = {
  production: Buffer.from('appattest\0\0\0\0\0\0\0'),
  development: Buffer.from('appattestdevelop'),
}

async function keyPair(curve: Curve): Promise<Pair> {
  return (await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: curve }, true, [
    'sign',
    'verify',
  ])) as Pair
}

interface Wish {
  readonly name: string
  readonly issuer: string
  readonly key: Pair
  readonly signer: Pair
  readonly ca: boolean
  readonly days?: Days
  readonly extensions?: readonly Extension[]
}

async function issue({ name, issuer, key, signer, ca, days = [-10, 10], extensions = [] }: Wish) {
  const curve = (signer.privateKey.algorithm as webcrypto.EcKeyAlgorithm).namedCurve
  const certificate = await X509CertificateGenerator.create({
    subject: `CN=${name}`,
    issuer: `CN=${issuer}`,
    serialNumber: `01${randomBytes(8).toString('hex')}`,
    notBefore: new Date(NOW + days[0] * DAY_MS),
    notAfter: new Date(NOW + days[1] * DAY_MS),
    publicKey: key.publicKey,
    signingKey: signer.privateKey,
    signingAlgorithm: { name: 'ECDSA', hash: curve === 'P-384' ? 'SHA-384' : 'SHA-256' },
    extensions: [new BasicConstraintsExtension(ca, undefined, true), ...extensions],
  })
  return new Uint8Array(certificate.rawData)
}

export interface Authority {
  readonly root: Pair
  readonly intermediate: Pair
  readonly rootCertificate: Uint8Array
  readonly intermediateCertificate: Uint8Array
}

export interface AuthorityWish {
  readonly rootDays?: Days
  readonly intermediateDays?: Days
  readonly intermediateCa?: boolean
}

const ROOT = 'Test App Attestation Root CA'
const INTERMEDIATE = 'Test App Attestation CA 1'

export async function createAuthority(wish: AuthorityWish = {}): Promise<Authority> {
  const [root, intermediate] = [await keyPair('P-384'), await keyPair('P-384')]
  const rootCertificate = await issue({
    name: ROOT,
    issuer: ROOT,
    key: root,
    signer: root,
    ca: true,
    ...(wish.rootDays ? { days: wish.rootDays } : {}),
  })
  const intermediateCertificate = await issue({
    name: INTERMEDIATE,
    issuer: ROOT,
    key: intermediate,
    signer: root,
    ca: wish.intermediateCa ?? true,
    ...(wish.intermediateDays ? { days: wish.intermediateDays } : {}),
  })
  return { root, intermediate, rootCertificate, intermediateCertificate }
}

export function trustIn({ rootCertificate }: Authority, change: Partial<AppleTrust> = {}): AppleTrust {
  return { roots: [new X509Certificate(rootCertificate)], appIds: [APP_ID], development: false, ...change }
}

/** What a forger may put in place of what a device does. */
export interface Forgery {
  readonly appId?: string
  readonly aaguid?: Uint8Array
  readonly counter?: number
  readonly credentialId?: Uint8Array
  /** What the nonce is made of instead of the transcript. */
  readonly nonceOf?: Uint8Array
  /** Values of the nonce extension. */
  readonly nonceValues?: (value: Uint8Array) => readonly Uint8Array[]
  readonly leafCurve?: Curve
  readonly leafCa?: boolean
  readonly leafDays?: Days
  readonly leafSigner?: Pair
  readonly authData?: (bytes: Uint8Array) => Uint8Array
  readonly x5c?: (chain: readonly Uint8Array[]) => unknown
  readonly object?: (object: { fmt: unknown; attStmt: unknown; authData: unknown }) => unknown
  readonly keyId?: Uint8Array
}

export interface Attestation {
  readonly key: Pair
  readonly keyId: Uint8Array
  readonly attestation: Uint8Array
  /** Where the receipt lies in `attestation`: Apple's own, which the verification does not read. */
  readonly receipt: { readonly from: number; readonly until: number }
}

export async function attest(
  authority: Authority,
  transcript: Uint8Array,
  forgery: Forgery = {},
): Promise<Attestation> {
  const key = await keyPair(forgery.leafCurve ?? 'P-256')
  const point = new Uint8Array(await webcrypto.subtle.exportKey('raw', key.publicKey))
  const trueId = sha256(point)
  const credentialId = forgery.credentialId ?? trueId
  const plain = Buffer.concat([
    sha256(forgery.appId ?? APP_ID),
    Uint8Array.of(0x40),
    u32(forgery.counter ?? 0),
    forgery.aaguid ?? environments.production,
    u32(credentialId.length).subarray(2),
    credentialId,
    encode(
      new Map<number, unknown>([
        [1, 2],
        [3, -7],
        [-1, 1],
        [-2, point.slice(1, 33)],
        [-3, point.slice(33)],
      ]),
    ),
  ])
  const authData = new Uint8Array(forgery.authData?.(plain) ?? plain)
  const nonce = sha256(authData, sha256(forgery.nonceOf ?? transcript))
  const value = Buffer.concat([Uint8Array.of(0x30, 0x24, 0xa1, 0x22, 0x04, 0x20), nonce])
  const leaf = await issue({
    name: 'leaf',
    issuer: INTERMEDIATE,
    key,
    signer: forgery.leafSigner ?? authority.intermediate,
    ca: forgery.leafCa ?? false,
    ...(forgery.leafDays ? { days: forgery.leafDays } : {}),
    extensions: (forgery.nonceValues?.(value) ?? [value]).map(
      (each) => new Extension(NONCE_OID, false, new Uint8Array(each)),
    ),
  })
  const chain = [leaf, authority.intermediateCertificate]
  const receipt = new Uint8Array(randomBytes(64))
  const object = {
    fmt: 'apple-appattest',
    attStmt: { x5c: forgery.x5c?.(chain) ?? chain, receipt },
    authData,
  }
  const attestation = encode(forgery.object?.(object) ?? object)
  const from = Buffer.from(attestation).indexOf(receipt)
  return {
    key,
    keyId: new Uint8Array(forgery.keyId ?? trueId),
    attestation,
    receipt: { from, until: from + receipt.length },
  }
}

export interface AssertionForgery {
  readonly appId?: string
  readonly signer?: Pair
  readonly object?: (object: { signature: unknown; authenticatorData: unknown }) => unknown
}

export async function assertion(
  { key }: Pick<Attestation, 'key'>,
  transcript: Uint8Array,
  counter: number,
  { appId = APP_ID, signer = key, object = (same) => same }: AssertionForgery = {},
): Promise<Uint8Array> {
  const authenticatorData = new Uint8Array(Buffer.concat([sha256(appId), Uint8Array.of(0x40), u32(counter)]))
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', signer.privateKey))
  const nonce = sha256(authenticatorData, sha256(transcript))
  const signature = new Uint8Array(sign('sha256', nonce, { key: pkcs8, format: 'der', type: 'pkcs8' }))
  return encode(object({ signature, authenticatorData }))
}

/** SubjectPublicKeyInfo of a device's key. */
export async function publicKeyOf({ key }: Pick<Attestation, 'key'>): Promise<Uint8Array> {
  return new Uint8Array(await webcrypto.subtle.exportKey('spki', key.publicKey))
}

export { keyPair }

export function u32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
