/**
 * What every capture goes through, by node:crypto: at once and on this thread. WebCrypto would hand each step to another
 * thread and wait for it, which costs more than the step itself, be it a record of 45 kB.
 */
import {
  createDecipheriv,
  createHmac,
  createPublicKey,
  createSecretKey,
  diffieHellman,
  generateKeyPairSync,
  hash,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto'
import {
  type Bytes,
  canonicalJson,
  type OpenAead,
  type PublicJwk,
  type SealingKey,
  type SealingPrimitives,
  toBase64url,
  utf8,
} from '@ipse/protocol'

/** NIST SP 800-38D: no shorter tag is taken. */
const TAG_BYTES = 16

const keyObjects = new WeakMap<Uint8Array, KeyObject>()

/** Made once of the same bytes. Whatever takes bytes for a key takes 15 µs in Node 24 to find out that they are no key object. */
export function secretKeyOf(key: Uint8Array): KeyObject {
  const known = keyObjects.get(key) ?? createSecretKey(key)
  keyObjects.set(key, known)
  return known
}

export const openAes256Gcm: OpenAead = (key, nonce, aad, sealed) => {
  const tagAt = sealed.length - TAG_BYTES
  if (tagAt < 0) throw new RangeError('shorter than a tag')
  const decipher = createDecipheriv('aes-256-gcm', secretKeyOf(key), nonce, { authTagLength: TAG_BYTES })
    .setAAD(aad)
    .setAuthTag(sealed.subarray(tagAt))
  const plaintext = decipher.update(sealed.subarray(0, tagAt))
  // Throws when the tag does not fit: until then nobody has seen the plaintext.
  decipher.final()
  return plaintext
}

export function sha256(bytes: Uint8Array): Bytes {
  return hash('sha256', bytes, 'buffer')
}

const POINT_BYTES = 65
const UNCOMPRESSED = 4
/** SubjectPublicKeyInfo of a P-256 key up to its point (RFC 5480). */
const SPKI_HEAD = Buffer.from('3059301306072a8648ce3d020106082a8648ce3d030107034200', 'hex')

/** @throws for anything but an uncompressed point of the curve */
function pointToKey(point: Uint8Array): KeyObject {
  if (point.length !== POINT_BYTES || point[0] !== UNCOMPRESSED)
    throw new RangeError('not an uncompressed point')
  return createPublicKey({ key: Buffer.concat([SPKI_HEAD, point]), format: 'der', type: 'spki' })
}

/** ECDH over P-256: x of the shared point. @throws when the peer's is no point of the curve */
export function agreeP256(privateKey: KeyObject, peer: Uint8Array): Bytes {
  return diffieHellman({ privateKey, publicKey: pointToKey(peer) }) as Bytes
}

type SealingHalf = SealingKey['pair']['privateKey']

/** Key objects of pairs that were made here, which nobody else gets at; they go with their pair. */
const sealingHalves = new WeakMap<SealingHalf, KeyObject>()

/** A pair that {@link sealingPrimitives} agree with. */
export function createSealingKey(): SealingKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const half = { algorithm: { name: 'ECDH', namedCurve: 'P-256' }, extractable: false }
  const pair = { privateKey: { ...half, type: 'private' }, publicKey: { ...half, type: 'public' } } as const
  sealingHalves.set(pair.privateKey, privateKey)
  const spki = publicKey.export({ format: 'der', type: 'spki' })
  return { pair, publicKey: new Uint8Array(spki.subarray(-POINT_BYTES)) }
}

export const sealingPrimitives: SealingPrimitives = {
  openAead: openAes256Gcm,
  hmac: (key, bytes) => createHmac('sha256', createSecretKey(key)).update(bytes).digest(),
  agree(half, peer) {
    const privateKey = sealingHalves.get(half)
    if (privateKey === undefined) throw new TypeError('a key that was not made here')
    return agreeP256(privateKey, peer)
  },
}

/** ECDSA over P-256 and SHA-256, r‖s, like `verifyBytes` of the protocol. @throws for what is no public key */
export function verifyP256({ kty, crv, x, y }: PublicJwk, signature: Uint8Array, bytes: Uint8Array): boolean {
  const key = createPublicKey({ key: { kty, crv, x, y }, format: 'jwk' })
  return verify('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }, signature)
}

/** A key of the service that signs, with what is told of it. */
export interface OwnKey {
  readonly privateKey: KeyObject
  readonly key: PublicJwk
}

/** A new key to sign with. */
export function createP256(): OwnKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
  return { privateKey, key: { kty: 'EC', crv: 'P-256', x, y } }
}

/** ECDSA over P-256 and SHA-256, r‖s, like `signBytes` of the protocol. */
export function signP256(key: KeyObject, bytes: Uint8Array): Buffer {
  return sign('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' })
}

/** RFC 7638 thumbprint, base64url, like `thumbprint` of the protocol. */
export function thumbprintOf({ crv, kty, x, y }: PublicJwk): string {
  return toBase64url(sha256(utf8(canonicalJson({ crv, kty, x, y }))))
}
