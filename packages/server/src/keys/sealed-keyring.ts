/**
 * A keyring that a passphrase closes: AES-256-GCM under a key that is made slow to guess. The one place where stretching
 * belongs: everything else in Ipse is keyed with random or agreed secrets, which need HKDF. Pure: bytes in, bytes out.
 */
import { createCipheriv, pbkdf2, scrypt } from 'node:crypto'
import { promisify } from 'node:util'
import { canonicalJson, concat, fromBase64url, fromUtf8, IpseError, toBase64url, utf8 } from '@ipse/protocol'
import { openAes256Gcm } from '../node-crypto.ts'
import { type Keyring, parseKeyring, serializeKeyring } from './keyring.ts'

const FORMAT = 'ipse-sealed-keyring/1'
const KEY_BYTES = 32
/** NIST SP 800-132 §5.1 asks for 16 at least. */
const SALT_BYTES = 16
/** NIST SP 800-38D. Every sealing has a key of its own, by its salt. */
const IV_BYTES = 12

/** NIST SP 800-63B-4 asks for 15 characters where nothing else protects. */
export const MIN_PASSPHRASE = 15

type Derive = (passphrase: Uint8Array, salt: Uint8Array) => Promise<Uint8Array>

/**
 * Ways from a passphrase to a key, their costs in their names: a file cannot ask for others. The first is the default; it
 * needs 128 MiB for each guess (OWASP Password Storage). PBKDF2 is for houses that allow FIPS 140 functions only.
 */
const DERIVATIONS: Readonly<Record<string, Derive>> = {
  'scrypt-131072-8-1': async (passphrase, salt) =>
    promisify<Uint8Array, Uint8Array, number, object, Uint8Array>(scrypt)(passphrase, salt, KEY_BYTES, {
      N: 131_072,
      r: 8,
      p: 1,
      maxmem: 256 * 1024 * 1024,
    }),
  'pbkdf2-hmac-sha256-600000': async (passphrase, salt) =>
    promisify(pbkdf2)(passphrase, salt, 600_000, KEY_BYTES, 'sha256'),
}
export const PASSPHRASE_KDFS = { scrypt: 'scrypt-131072-8-1', pbkdf2: 'pbkdf2-hmac-sha256-600000' } as const
export type PassphraseKdf = keyof typeof PASSPHRASE_KDFS

interface Head {
  readonly format: typeof FORMAT
  readonly kdf: string
  /** base64url, as is all that follows. */
  readonly salt: string
  readonly iv: string
}

/** The same letters typed on another keyboard are the same passphrase: Unicode NFKC. */
function passphraseBytes(passphrase: string): Uint8Array {
  return utf8(passphrase.normalize('NFKC'))
}

/**
 * @param bytes returns that many bytes from a CSPRNG
 * @throws IpseError `settings_invalid` for a passphrase that is too short
 */
export async function sealKeyring(
  keyring: Keyring,
  passphrase: string,
  bytes: (length: number) => Uint8Array,
  kdf: PassphraseKdf = 'scrypt',
): Promise<Uint8Array> {
  if ([...passphrase].length < MIN_PASSPHRASE)
    throw new IpseError('settings_invalid', `the passphrase has fewer than ${MIN_PASSPHRASE} characters`)
  const [salt, iv] = [bytes(SALT_BYTES), bytes(IV_BYTES)]
  const name = PASSPHRASE_KDFS[kdf]
  const head: Head = { format: FORMAT, kdf: name, salt: toBase64url(salt), iv: toBase64url(iv) }
  const key = await derivation(name)(passphraseBytes(passphrase), salt)
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(utf8(canonicalJson({ ...head })))
  const sealed = concat(cipher.update(serializeKeyring(keyring)), cipher.final(), cipher.getAuthTag())
  key.fill(0)
  return utf8(`${JSON.stringify({ ...head, sealed: toBase64url(sealed) }, null, 2)}\n`)
}

export function isSealedKeyring(content: Uint8Array): boolean {
  try {
    return (JSON.parse(fromUtf8(content)) as Head | null)?.format === FORMAT
  } catch {
    return false
  }
}

/** Of a keyring that was opened: how its passphrase became a key. */
export function kdfOf(content: Uint8Array): PassphraseKdf {
  const { kdf } = JSON.parse(fromUtf8(content)) as Head
  return kdf === PASSPHRASE_KDFS.pbkdf2 ? 'pbkdf2' : 'scrypt'
}

/** @throws IpseError `settings_invalid` when the passphrase is another or the file was changed; which, cannot be told */
export async function openSealedKeyring(content: Uint8Array, passphrase: string): Promise<Keyring> {
  const refuse = (cause?: unknown) =>
    new IpseError('settings_invalid', 'the passphrase does not open the keyring, or the file was changed', {
      cause,
    })
  try {
    const { sealed, ...head } = JSON.parse(fromUtf8(content)) as Head & { readonly sealed: string }
    const key = await derivation(head.kdf)(passphraseBytes(passphrase), fromBase64url(head.salt))
    const aad = utf8(canonicalJson({ ...head }))
    const plain = openAes256Gcm(key, fromBase64url(head.iv), aad, fromBase64url(sealed))
    key.fill(0)
    return parseKeyring(plain)
  } catch (cause) {
    throw refuse(cause)
  }
}

function derivation(name: string): Derive {
  const found = Object.hasOwn(DERIVATIONS, name) ? DERIVATIONS[name] : undefined
  if (!found) throw new IpseError('settings_invalid', 'the keyring names a derivation that is not known')
  return found
}
