/**
 * The keyring: every long-lived secret of an installation, as one JSON document. Pure: bytes in, bytes out.
 * Receipt signing key (ES256), key-encryption key for templates, pepper for API keys and pseudonyms, capture-token key.
 */
import { fromBase64url, fromUtf8, IpseError, toBase64url, utf8 } from '@ipse/protocol'
import { exportJWK, generateKeyPair, type JWK } from 'jose'

const FORMAT = 'ipse-keyring/1'
/** AES-256 and HMAC-SHA256 keys, bytes. */
const SECRET_BYTES = 32

export interface Keyring {
  readonly format: typeof FORMAT
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  /** Newest first; the first signs, all are published. */
  readonly signing: readonly { readonly kid: string; readonly privateJwk: JWK }[]
  /** Newest first; the first seals, all open. Base64url. */
  readonly encryption: readonly { readonly id: string; readonly secret: string }[]
  readonly pepper: string
  readonly captureToken: string
}

/** @param bytes returns that many bytes from a CSPRNG */
export async function createKeyring(bytes: (length: number) => Uint8Array, now: number): Promise<Keyring> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const secret = () => toBase64url(bytes(SECRET_BYTES))
  return {
    format: FORMAT,
    createdAt: now,
    signing: [{ kid: `sig-${toBase64url(bytes(9))}`, privateJwk: await exportJWK(privateKey) }],
    encryption: [{ id: `kek-${toBase64url(bytes(9))}`, secret: secret() }],
    pepper: secret(),
    captureToken: secret(),
  }
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
  if (keyring?.format !== FORMAT) throw refuse(`not of the format ${FORMAT}`)
  const { signing, encryption, pepper, captureToken } = keyring
  if (!Array.isArray(signing) || signing.length === 0) throw refuse('no signing key')
  if (!Array.isArray(encryption) || encryption.length === 0) throw refuse('no key-encryption key')
  for (const { kid, privateJwk } of signing)
    if (typeof kid !== 'string' || privateJwk?.crv !== 'P-256' || typeof privateJwk.d !== 'string')
      throw refuse('a signing key is not a private P-256 key')
  for (const text of [pepper, captureToken, ...encryption.map(({ secret }) => secret)])
    if (decodedLength(text) !== SECRET_BYTES) throw refuse('a secret has the wrong length')
  return keyring
}

function decodedLength(text: unknown): number {
  try {
    return typeof text === 'string' ? fromBase64url(text).length : 0
  } catch {
    return 0
  }
}
