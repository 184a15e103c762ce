/**
 * How each Wycheproof file is put to the code that Ipse calls: one row a file. Groups of sizes that Ipse never uses (AES-128,
 * truncated MACs) are left out; whatever else is in a file counts, unless vectors/wycheproof-divergences.json names it.
 */
import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  hkdfSync,
  pbkdf2Sync,
  timingSafeEqual,
  verify,
} from 'node:crypto'
import { assertCompactJwe, assertCompactJws, type PublicJwk, verifyBytes } from '@ipse/protocol'
import { compactDecrypt, compactVerify, createLocalJWKSet, importJWK, type JWK } from 'jose'
import { assertEcdsaSignature } from '../src/attestation/der.ts'
import { assertSoundKey, soundKeys } from '../src/identity/rsa-keys.ts'
import { agreeP256, openAes256Gcm, verifyP256 } from '../src/node-crypto.ts'

type Members = Readonly<Record<string, unknown>>
export type Group = Members & { readonly tests: readonly Vector[] }
export type Vector = Members & {
  readonly tcId: number
  readonly comment: string
  readonly result: 'valid' | 'invalid' | 'acceptable'
}

export interface Row {
  readonly file: string
  /** Whose code it is, where a file is put to two. */
  readonly by?: string
  /** Whether Ipse uses what the group is about; all groups when absent. */
  uses?(group: Group): boolean
  /** Whether our code takes the vector, or gets what it says. Throwing is refusing. */
  takes(vector: Vector, group: Group): boolean | Promise<boolean>
}

const bytes = (hex: unknown) => Uint8Array.from(Buffer.from(hex as string, 'hex'))
const equal = (a: ArrayBuffer | Uint8Array, b: Uint8Array) => Buffer.from(a as Uint8Array).equals(b)

/** A coordinate as JWK has it: 32 bytes. The files write numbers, with a zero before the sign bit. */
function coordinate(hex: unknown): string {
  return Buffer.from((hex as string).replace(/^0+/, '').padStart(64, '0'), 'hex').toString('base64url')
}

function ecKey({ publicKey }: Group): PublicJwk {
  const { wx, wy } = publicKey as Members
  return { kty: 'EC', crv: 'P-256', x: coordinate(wx), y: coordinate(wy) }
}

/** The sets of keys that are published, as a relying party and the service look into them. */
const keysOf = (group: Group) => (group.public ?? group.private) as JWK & { readonly keys?: JWK[] }

async function jws(vector: Vector, group: Group): Promise<boolean> {
  const token = assertCompactJws(vector.jws)
  const jwk = keysOf(group)
  if (jwk.keys) {
    const algorithms = jwk.keys.flatMap(({ alg }) => alg ?? [])
    await compactVerify(token, soundKeys(createLocalJWKSet({ keys: jwk.keys })), { algorithms })
  } else {
    const key = await importJWK(jwk)
    if (!(key instanceof Uint8Array)) await assertSoundKey(key)
    await compactVerify(token, key, { algorithms: jwk.alg ? [jwk.alg] : [] })
  }
  return true
}

async function jwe(vector: Vector, group: Group): Promise<boolean> {
  const jwk = group.private as JWK
  const key = await importJWK(jwk)
  const options = { keyManagementAlgorithms: jwk.alg ? [jwk.alg] : [] }
  const { plaintext } = await compactDecrypt(assertCompactJwe(vector.jwe), key, options)
  return vector.pt === undefined || equal(plaintext, bytes(vector.pt))
}

export const ROWS: readonly Row[] = [
  {
    // Sealed records and templates.
    file: 'aes_gcm',
    uses: ({ keySize, ivSize, tagSize }) => keySize === 256 && ivSize === 96 && tagSize === 128,
    takes: ({ key, iv, aad, msg, ct, tag }) =>
      equal(
        openAes256Gcm(bytes(key), bytes(iv), bytes(aad), Buffer.concat([bytes(ct), bytes(tag)])),
        bytes(msg),
      ),
  },
  {
    // The content key of a Play Integrity verdict, as jose unwraps it.
    file: 'aes_wrap',
    uses: ({ keySize }) => keySize === 256,
    async takes({ key, ct, msg }) {
      const wrapping = await crypto.subtle.importKey('raw', bytes(key), 'AES-KW', false, ['unwrapKey'])
      const as = { name: 'HMAC', hash: 'SHA-256' }
      const raw = await crypto.subtle.unwrapKey('raw', bytes(ct), wrapping, 'AES-KW', as, true, ['sign'])
      return equal(await crypto.subtle.exportKey('raw', raw), bytes(msg))
    },
  },
  {
    // The agreement within HPKE.
    file: 'ecdh_secp256r1_webcrypto',
    async takes(vector) {
      const algorithm = { name: 'ECDH', namedCurve: 'P-256' }
      const theirs = await crypto.subtle.importKey('jwk', vector.public as JWK, algorithm, false, [])
      const ours = await crypto.subtle.importKey('jwk', vector.private as JWK, algorithm, false, [
        'deriveBits',
      ])
      const shared = await crypto.subtle.deriveBits({ name: 'ECDH', public: theirs }, ours, 256)
      return equal(shared, bytes(vector.shared))
    },
  },
  {
    file: 'ecdh_secp256r1_webcrypto',
    by: 'node:crypto',
    takes(vector) {
      const { x = '', y = '' } = vector.public as JWK
      const point = Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')])
      const ours = createPrivateKey({ key: { ...(vector.private as JWK) }, format: 'jwk' })
      return equal(agreeP256(ours, point), bytes(vector.shared))
    },
  },
  {
    // Signatures of devices over transcripts and proofs, and of the service over its keys.
    file: 'ecdsa_secp256r1_sha256_p1363',
    takes: ({ msg, sig }, group) => verifyBytes(ecKey(group), bytes(sig), bytes(msg)),
  },
  {
    file: 'ecdsa_secp256r1_sha256_p1363',
    by: 'node:crypto',
    takes: ({ msg, sig }, group) => verifyP256(ecKey(group), bytes(sig), bytes(msg)),
  },
  {
    // Signatures of authenticators, App Attest and certificates: DER.
    file: 'ecdsa_secp256r1_sha256',
    takes({ msg, sig }, group) {
      assertEcdsaSignature(bytes(sig))
      const key = createPublicKey({ key: { ...ecKey(group) }, format: 'jwk' })
      return verify('sha256', bytes(msg), key, bytes(sig))
    },
  },
  {
    // Tokens and assertions of relying parties with EdDSA.
    file: 'ed25519',
    async takes({ msg, sig }, { publicKey }) {
      const raw = bytes((publicKey as Members).pk)
      const key = await crypto.subtle.importKey('raw', raw, 'Ed25519', false, ['verify'])
      return crypto.subtle.verify('Ed25519', key, bytes(sig), bytes(msg))
    },
  },
  {
    // Keys that wrap templates and mark the replay index.
    file: 'hkdf_sha256',
    takes: ({ ikm, salt, info, size, okm }) =>
      equal(hkdfSync('sha256', bytes(ikm), bytes(salt), bytes(info), size as number), bytes(okm)),
  },
  {
    // Secrets of API keys and pseudonyms.
    file: 'hmac_sha256',
    uses: ({ tagSize }) => tagSize === 256,
    takes: ({ key, msg, tag }) =>
      timingSafeEqual(createHmac('sha256', bytes(key)).update(bytes(msg)).digest(), bytes(tag)),
  },
  {
    // Keyrings with a passphrase, where the rules of the house ask for PBKDF2.
    file: 'pbkdf2_hmacsha256',
    takes: ({ password, salt, iterationCount, dkLen, dk }) =>
      equal(
        pbkdf2Sync(bytes(password), bytes(salt), iterationCount as number, dkLen as number, 'sha256'),
        bytes(dk),
      ),
  },
  { file: 'json_web_signature', takes: jws },
  { file: 'json_web_key', takes: jws },
  { file: 'json_web_encryption', takes: jwe },
  {
    file: 'json_web_crypto',
    takes: (vector, group) => (vector.jws === undefined ? jwe(vector, group) : jws(vector, group)),
  },
]
