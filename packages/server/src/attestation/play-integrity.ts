/**
 * Google Play Integrity: a verdict about app and device that Google signs and encrypts, nested JWE (A256KW, A256GCM) around
 * a JWS (ES256). Opened with the app's own response keys from the Play Console, so nobody is asked over the network.
 * Source: Android developers, “Decrypt and verify verdicts”; standard requests with base64url(T) as request hash.
 */
import type { KeyObject } from 'node:crypto'
import { assertCompactJwe, assertCompactJws, fromUtf8, toBase64url } from '@ipse/protocol'
import { compactDecrypt, compactVerify, decodeProtectedHeader } from 'jose'
import { demand, judged, orRefuse, refuse, type Verdict } from './refusals.ts'

export interface PlayTrust {
  /** AES-256. */
  readonly decryptionKey: Uint8Array
  /** Public, P-256. */
  readonly verificationKey: KeyObject
  readonly packageName: string
  /** SHA-256 of the certificates that sign the app, base64url. */
  readonly certificates: readonly string[]
}

/** Oldest verdict that is taken, and by how much Google's clock may be ahead of ours, milliseconds. */
export const MAX_AGE_MS = 120_000
export const MAX_AHEAD_MS = 10_000

type Members = Readonly<Record<string, unknown>>

/**
 * @param transcript T, 32 bytes
 * @param now milliseconds since the epoch
 */
export function verifyPlayIntegrity(
  token: string,
  trust: PlayTrust,
  transcript: Uint8Array,
  now: number,
): Promise<Verdict<{ readonly level: 'valid' | 'strong' }>> {
  return judged(async () => {
    const verdict = await open(token, trust)
    const { requestPackageName, requestHash, timestampMillis } = members(verdict.requestDetails)
    demand(requestPackageName === trust.packageName, 'app_mismatch')
    demand(requestHash === toBase64url(transcript), 'request_hash')
    const age = now - milliseconds(timestampMillis)
    demand(age <= MAX_AGE_MS, 'too_old')
    demand(age >= -MAX_AHEAD_MS, 'from_future')

    const app = members(verdict.appIntegrity)
    demand(app.appRecognitionVerdict === 'PLAY_RECOGNIZED', 'app_unrecognised')
    demand(app.packageName === trust.packageName, 'app_mismatch')
    const signers = texts(app.certificateSha256Digest)
    demand(
      signers.length > 0 && signers.every((digest) => trust.certificates.includes(digest)),
      'certificate_mismatch',
    )
    const labels = texts(members(verdict.deviceIntegrity).deviceRecognitionVerdict)
    if (labels.includes('MEETS_STRONG_INTEGRITY')) return { level: 'strong' }
    return labels.includes('MEETS_DEVICE_INTEGRITY') ? { level: 'valid' } : refuse('device_integrity')
  })
}

/** Attack stopped: a verdict in clear or under another algorithm, which the app could have written itself. */
async function open(token: string, { decryptionKey, verificationKey }: PlayTrust): Promise<Members> {
  await checkForm(() => assertCompactJwe(token), { alg: 'A256KW', enc: 'A256GCM' })
  const { plaintext } = await orRefuse('decryption', () =>
    compactDecrypt(token, decryptionKey, {
      keyManagementAlgorithms: ['A256KW'],
      contentEncryptionAlgorithms: ['A256GCM'],
    }),
  )
  const inner = await checkForm(() => assertCompactJws(fromUtf8(plaintext)), { alg: 'ES256' })
  const { payload } = await orRefuse('signature', () =>
    compactVerify(inner, verificationKey, { algorithms: ['ES256'] }),
  )
  return members(JSON.parse(fromUtf8(payload)))
}

/** A canonical token whose header names these algorithms and nothing that changes how it is read. */
async function checkForm(read: () => string, wanted: Readonly<Record<string, string>>): Promise<string> {
  const token = await orRefuse('token_form', read)
  const {
    kid: _,
    typ: __,
    cty: ___,
    ...header
  } = await orRefuse('token_form', () => decodeProtectedHeader(token))
  const named = Object.entries(header)
  const fits = named.every(([name, value]) => wanted[name] === value)
  demand(fits && named.length === Object.keys(wanted).length, 'token_header')
  return token
}

function members(value: unknown): Members {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) refuse('malformed')
  return value as Members
}

/** A list of texts; what is absent is empty. */
function texts(value: unknown): readonly string[] {
  if (value === undefined) return []
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) refuse('malformed')
  return value
}

/** Google writes 64-bit numbers as text. */
function milliseconds(value: unknown): number {
  if (typeof value !== 'string' || !/^\d{1,15}$/.test(value)) refuse('malformed')
  return Number(value)
}
