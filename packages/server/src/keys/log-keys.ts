/**
 * The Ed25519 keys that sign checkpoints of the audit log. A key that no longer signs loses its private half but is
 * published for good: what it signed is verified for as long as anybody keeps it.
 */
import { createPrivateKey, createPublicKey, hkdfSync, type KeyObject, sign } from 'node:crypto'
import {
  type Bytes,
  createVerifier,
  fromBase64url,
  IpseError,
  type NoteSigner,
  type NoteVerifier,
  toBase64url,
} from '@ipse/protocol'
import { signerAt } from './signing.ts'

export interface LogKeyEntry {
  /** Raw Ed25519 key, base64url. */
  readonly publicKey: string
  /** The private half, base64url. */
  readonly seed?: string
  /** Milliseconds since the epoch; the installation's first key, without it, has always signed. */
  readonly signsFrom?: number
}

const SEED_BYTES = 32
/** A private key in PKCS #8 up to its 32 bytes, RFC 8410 §7. */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex')
const FIRST_KEY_PURPOSE = 'ipse audit log key 1'

function privateKeyOf(seed: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, seed]), format: 'der', type: 'pkcs8' })
}

function publicKeyOf(seed: Uint8Array): string {
  return createPublicKey(privateKeyOf(seed)).export({ format: 'jwk' }).x as string
}

/** @param bytes returns that many bytes from a CSPRNG */
export function createLogKeyEntry(bytes: (length: number) => Uint8Array): LogKeyEntry {
  const seed = bytes(SEED_BYTES)
  return { publicKey: publicKeyOf(seed), seed: toBase64url(seed) }
}

/**
 * The first key of a keyring from before there was a log: HKDF-SHA256 of its pepper, so that every node with a copy comes to
 * the same one, and nobody has to write the file.
 */
export function derivedLogKey(pepper: string): LogKeyEntry {
  const seed = new Uint8Array(
    hkdfSync('sha256', fromBase64url(pepper), new Uint8Array(), FIRST_KEY_PURPOSE, SEED_BYTES),
  )
  return { publicKey: publicKeyOf(seed), seed: toBase64url(seed) }
}

/** Whether a keyring may hold these, newest first. */
export function areLogKeys(entries: unknown): boolean {
  if (!Array.isArray(entries) || entries.length === 0) return false
  return (entries as readonly (LogKeyEntry | null)[]).every((entry, at) => {
    const before = entries[at - 1]?.signsFrom ?? Number.POSITIVE_INFINITY
    const { publicKey, seed, signsFrom } = entry ?? { publicKey: '' }
    if (signsFrom === undefined ? at !== entries.length - 1 : !(signsFrom >= 0 && signsFrom < before))
      return false
    if (seed === undefined) return at > 0 && isKey(publicKey)
    return isKey(seed) && publicKeyOf(fromBase64url(seed)) === publicKey
  })
}

function isKey(text: string): boolean {
  try {
    return fromBase64url(text).length === SEED_BYTES
  } catch {
    return false
  }
}

export interface LogKeys {
  /** The key whose time a moment is in, under the name of a log. Milliseconds since the epoch. */
  logSigner(origin: string, now: number): Promise<NoteSigner>
  /** All keys of a log, newest first. */
  logVerifiers(origin: string): Promise<NoteVerifier[]>
}

export function openLogKeys(entries: readonly LogKeyEntry[]): LogKeys {
  const opened = entries.map(({ publicKey, seed, ...entry }) => ({
    ...entry,
    publicKey: fromBase64url(publicKey),
    key: seed === undefined ? undefined : privateKeyOf(fromBase64url(seed)),
  }))
  return {
    async logSigner(origin, now) {
      const { publicKey, key } = signerAt(opened, now) ?? {}
      if (!publicKey || !key) throw new IpseError('settings_invalid', 'the keyring has no key for the log')
      return {
        verifier: await createVerifier(origin, publicKey),
        sign: (message): Bytes => new Uint8Array(sign(null, message, key)),
      }
    },
    logVerifiers: (origin) => Promise.all(opened.map(({ publicKey }) => createVerifier(origin, publicKey))),
  }
}
