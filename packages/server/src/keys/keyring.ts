/**
 * The keyring: every long-lived secret of an installation, as one JSON document. Pure: bytes in, bytes out.
 * Receipt signing key (ES256), key of the audit log (Ed25519), key-encryption key for templates, pepper for API keys and
 * pseudonyms, capture-token key.
 */
import { fromBase64url, fromUtf8, IpseError, toBase64url, utf8 } from '@ipse/protocol'
import { exportJWK, generateKeyPair, type JWK } from 'jose'
import { areLogKeys, createLogKeyEntry, derivedLogKey, type LogKeyEntry } from './log-keys.ts'

/**
 * The second came with rotation: a program that knows only the first would sign with a waiting key at once. The third has
 * keys of the log: a program that knows only the second would lose them with the next rotation.
 */
const FORMATS = ['ipse-keyring/1', 'ipse-keyring/2', 'ipse-keyring/3'] as const
/** Receipts carry it, and relying parties may look it up in files. */
const KEY_ID = /^[A-Za-z0-9_-]{1,128}$/
/** AES-256 and HMAC-SHA256 keys, bytes. */
const SECRET_BYTES = 32

export interface SigningEntry {
  readonly kid: string
  readonly privateJwk: JWK
  /** Milliseconds since the epoch; the installation's first key, without it, has always signed. */
  readonly signsFrom?: number
}

export interface EncryptionEntry {
  readonly id: string
  /** Base64url. */
  readonly secret: string
  /** Milliseconds since the epoch; the installation's first key, without it, has always wrapped. */
  readonly wrapsFrom?: number
}

export interface Keyring {
  readonly format: (typeof FORMATS)[number]
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  /** Newest first; the first whose time has begun signs, all are published. */
  readonly signing: readonly SigningEntry[]
  /** Newest first, like those; a file of an earlier format has none, and its first is derived. */
  readonly log: readonly LogKeyEntry[]
  /** Newest first; the first whose time has begun wraps, all open. */
  readonly encryption: readonly EncryptionEntry[]
  readonly pepper: string
  readonly captureToken: string
}

/** @param bytes returns that many bytes from a CSPRNG */
export async function createKeyring(bytes: (length: number) => Uint8Array, now: number): Promise<Keyring> {
  const secret = () => toBase64url(bytes(SECRET_BYTES))
  return {
    format: 'ipse-keyring/3',
    createdAt: now,
    signing: [await createSigningEntry(bytes)],
    log: [createLogKeyEntry(bytes)],
    encryption: [createEncryptionEntry(bytes)],
    pepper: secret(),
    captureToken: secret(),
  }
}

/** @param bytes returns that many bytes from a CSPRNG */
export async function createSigningEntry(bytes: (length: number) => Uint8Array): Promise<SigningEntry> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  return { kid: `sig-${toBase64url(bytes(9))}`, privateJwk: await exportJWK(privateKey) }
}

/** @param bytes returns that many bytes from a CSPRNG */
export function createEncryptionEntry(bytes: (length: number) => Uint8Array): EncryptionEntry {
  return { id: `kek-${toBase64url(bytes(9))}`, secret: toBase64url(bytes(SECRET_BYTES)) }
}

export function serializeKeyring(keyring: Keyring): Uint8Array {
  return utf8(`${JSON.stringify(keyring, null, 2)}\n`)
}

/** @throws IpseError `settings_invalid` for anything but a complete keyring; no secret is in the message */
export function parseKeyring(bytes: Uint8Array): Keyring {
  const refuse = (what: string, cause?: unknown) =>
    new IpseError('settings_invalid', `the keyring is damaged: ${what}`, { cause })
  let keyring: Keyring
  try {
    keyring = JSON.parse(fromUtf8(bytes)) as Keyring
  } catch (cause) {
    throw refuse('not JSON', cause)
  }
  if (!FORMATS.includes(keyring?.format)) throw refuse(`not of the format ${FORMATS.join(' or ')}`)
  const { signing, encryption, pepper, captureToken } = keyring
  if (!Array.isArray(signing) || signing.length === 0) throw refuse('no signing key')
  if (!Array.isArray(encryption) || encryption.length === 0) throw refuse('no key-encryption key')
  for (const entry of signing as readonly (Partial<SigningEntry> | null)[])
    if (
      !KEY_ID.test(entry?.kid ?? '') ||
      entry?.privateJwk?.crv !== 'P-256' ||
      typeof entry.privateJwk.d !== 'string'
    )
      throw refuse('a signing key is not a private P-256 key')
  if (new Set(signing.map(({ kid }) => kid)).size < signing.length) throw refuse('two signing keys of one id')
  if (new Set(encryption.map(({ id }) => id)).size < encryption.length)
    throw refuse('two key-encryption keys of one id')
  if (!inOrder(keyring)) throw refuse('the times of the keys are not newest first')
  for (const text of [pepper, captureToken, ...encryption.map(({ secret }) => secret)])
    if (decodedLength(text) !== SECRET_BYTES) throw refuse('a secret has the wrong length')
  // A file that was written once keeps its bytes until something in it changes; then it has the third format.
  if (keyring.format !== 'ipse-keyring/3')
    return { ...keyring, format: 'ipse-keyring/3', log: [derivedLogKey(pepper)] }
  if (!areLogKeys(keyring.log)) throw refuse('a key of the log is not an Ed25519 key')
  return keyring
}

/** Only the oldest key may be without a time, and the first format knows none. */
function inOrder({ format, signing, encryption }: Keyring): boolean {
  return [signing.map(({ signsFrom }) => signsFrom), encryption.map(({ wrapsFrom }) => wrapsFrom)].every(
    (times) =>
      times.every((time, at) => {
        if (time === undefined) return at === times.length - 1
        if (format === 'ipse-keyring/1') return false
        return Number.isSafeInteger(time) && time >= 0 && time < (times[at - 1] ?? Number.POSITIVE_INFINITY)
      }),
  )
}

function decodedLength(text: unknown): number {
  try {
    return typeof text === 'string' ? fromBase64url(text).length : 0
  } catch {
    return 0
  }
}
