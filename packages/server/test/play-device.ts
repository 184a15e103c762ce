/** Synthetic Google Play: keys made anew, verdicts signed and encrypted as Play does, every part replaceable. */
import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import { toBase64url } from '@ipse/protocol'
import { CompactEncrypt, CompactSign } from 'jose'
import type { PlayTrust } from '../src/attestation/play-integrity.ts'
import { NOW, sha256 } from './apple-device.ts'

export const PACKAGE = 'test.ipse.shop'
export const SIGNER = toBase64url(sha256('signing certificate'))

export interface PlayKeys {
  readonly decryptionKey: Uint8Array
  readonly signingKey: KeyObject
  readonly verificationKey: KeyObject
}

export function createPlayKeys(): PlayKeys {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return {
    decryptionKey: new Uint8Array(randomBytes(32)),
    signingKey: privateKey,
    verificationKey: publicKey,
  }
}

export function trustIn({ decryptionKey, verificationKey }: PlayKeys): PlayTrust {
  return { decryptionKey, verificationKey, packageName: PACKAGE, certificates: [SIGNER] }
}

export interface PlayForgery {
  readonly request?: Readonly<Record<string, unknown>>
  readonly app?: Readonly<Record<string, unknown>>
  readonly device?: unknown
  /** The whole verdict. */
  readonly payload?: (verdict: object) => unknown
  readonly outerHeader?: Readonly<Record<string, string>>
  readonly innerHeader?: Readonly<Record<string, string>>
  readonly encryptionKey?: Uint8Array
  readonly signingKey?: KeyObject | Uint8Array
  /** What is encrypted instead of the signed verdict. */
  readonly inner?: (jws: string) => string
  readonly token?: (jwe: string) => string
}

/** @param now of the verdict, milliseconds since the epoch */
export async function playToken(
  keys: PlayKeys,
  transcript: Uint8Array,
  forgery: PlayForgery = {},
  now = NOW,
): Promise<string> {
  const verdict = {
    requestDetails: {
      requestPackageName: PACKAGE,
      requestHash: toBase64url(transcript),
      timestampMillis: String(now - 1000),
      ...forgery.request,
    },
    appIntegrity: {
      appRecognitionVerdict: 'PLAY_RECOGNIZED',
      packageName: PACKAGE,
      certificateSha256Digest: [SIGNER],
      versionCode: '42',
      ...forgery.app,
    },
    deviceIntegrity: forgery.device ?? { deviceRecognitionVerdict: ['MEETS_DEVICE_INTEGRITY'] },
    accountDetails: { appLicensingVerdict: 'LICENSED' },
  }
  const text = JSON.stringify(forgery.payload?.(verdict) ?? verdict)
  const jws = await new CompactSign(Buffer.from(text))
    .setProtectedHeader({ alg: 'ES256', ...forgery.innerHeader })
    .sign(forgery.signingKey ?? keys.signingKey)
  const jwe = await new CompactEncrypt(Buffer.from(forgery.inner?.(jws) ?? jws))
    .setProtectedHeader({ alg: 'A256KW', enc: 'A256GCM', ...forgery.outerHeader })
    .encrypt(forgery.encryptionKey ?? keys.decryptionKey)
  return forgery.token?.(jwe) ?? jwe
}
