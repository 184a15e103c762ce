/** Tokens for tests, made by hand: whatever an attacker can write, no library in between that would not write it. */
import {
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
  sign as signBytes,
} from 'node:crypto'

export interface Signer {
  readonly kid: string
  readonly alg: string
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  /** As it stands in a key set. */
  readonly jwk: Readonly<Record<string, unknown>>
}

const MAKERS = {
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ES384: () => generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  EdDSA: () => generateKeyPairSync('ed25519'),
  PS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
} as const

export function newSigner(alg: keyof typeof MAKERS = 'ES256', kid: string = randomUUID()): Signer {
  const { privateKey } = MAKERS[alg]()
  return signerOf(privateKey, kid, alg)
}

export function signerOf(privateKey: KeyObject, kid: string, alg = 'ES256'): Signer {
  const publicKey = createPublicKey(privateKey)
  return { kid, alg, privateKey, publicKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg } }
}

type Sign = (input: string) => Buffer

export const b64 = (value: string | Uint8Array): string => Buffer.from(value).toString('base64url')

/** Signs with a private key by the rules of an algorithm, whatever the header says. */
export function signWith({ privateKey, alg }: Signer, as: string = alg): Sign {
  return (input) => {
    const bytes = Buffer.from(input)
    if (as === 'EdDSA') return signBytes(null, bytes, privateKey)
    const hash = `sha${as.slice(2)}`
    // Paddings of node:crypto's constants: PKCS #1 v1.5 is 1, PSS is 6.
    if (as.startsWith('PS'))
      return signBytes(hash, bytes, { key: privateKey, padding: 6, saltLength: Number(as.slice(2)) / 8 })
    if (as.startsWith('RS')) return signBytes(hash, bytes, { key: privateKey, padding: 1 })
    return signBytes(hash, bytes, { key: privateKey, dsaEncoding: 'ieee-p1363' })
  }
}

export const signHmac =
  (secret: string | Buffer): Sign =>
  (input) =>
    createHmac('sha256', secret).update(input).digest()

const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))

/** @param header,payload objects, or JSON text as it shall stand in the token */
export function compact(header: unknown, payload: unknown, sign: Sign): string {
  const input = `${b64(text(header))}.${b64(text(payload))}`
  return `${input}.${b64(sign(input))}`
}
