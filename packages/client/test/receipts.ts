/** Real receipts for the tests: a key pair made for the run, claims as the service would write them, any deviation on demand. */
import type { webcrypto } from 'node:crypto'
import { newId, RECEIPT_TYPE, type ReceiptClaims, toBase64url, utf8 } from '@ipse/protocol'

export const NOW = new Date('2026-11-21T12:00:00Z')
const NOW_SECONDS = NOW.getTime() / 1000
export const ISSUER = 'https://ipse.example'
export const KID = 'key-2026'
const DIGEST = 'A'.repeat(43)

export const SESSION: string = newId('session', (length) => new Uint8Array(length).fill(7))
export const OTHER_SESSION: string = newId('session', (length) => new Uint8Array(length).fill(8))

const P256 = { name: 'ECDSA', namedCurve: 'P-256' } as const
export const pair: webcrypto.CryptoKeyPair = await crypto.subtle.generateKey(P256, true, ['sign', 'verify'])
export const publicKey = {
  ...(await crypto.subtle.exportKey('jwk', pair.publicKey)),
  kid: KID,
  alg: 'ES256',
  use: 'sig',
}

export const CLAIMS: ReceiptClaims = {
  iss: ISSUER,
  aud: 'shop',
  iat: NOW_SECONDS - 5,
  exp: NOW_SECONDS + 595,
  jti: newId('receipt', (length) => new Uint8Array(length).fill(9)),
  sid: SESSION,
  sub: 'account-17',
  purpose: 'verification',
  decision: 'accept',
  reasons: [],
  assurance: 'active-geometry',
  attempt: 1,
  policy: { name: 'standard', version: 1, digest: DIGEST },
  models: [{ id: 'dlib128', version: '1', sha256: 'ab'.repeat(32) }],
  challenge: { version: 'challenge/1', digest: DIGEST },
  transcript: DIGEST,
  evidence: [
    {
      signal: 'single-face',
      measurement: { status: 'assessed', native: 1, score: 1 },
      samples: 40,
      verdict: 'pass',
      weight: 'step',
      atLeast: 0.9,
    },
    {
      signal: 'texture',
      measurement: { status: 'failure-to-assess', reason: 'model-absent' },
      samples: 0,
      verdict: 'reported',
      weight: 'none',
    },
  ],
  device: { jkt: DIGEST, virtualCamera: false },
  match: { score: 0.2, threshold: 0.1, fmr: 0.001, model: 'm' },
}

export const HEADER = { alg: 'ES256', typ: RECEIPT_TYPE, kid: KID }

/** Signs header and payload given as text or as values; the signature is genuine whatever they say. */
export async function sign(
  header: unknown = HEADER,
  payload: unknown = CLAIMS,
  key: webcrypto.CryptoKey = pair.privateKey,
): Promise<string> {
  const input = [header, payload]
    .map((part) => toBase64url(utf8(typeof part === 'string' ? part : JSON.stringify(part))))
    .join('.')
  const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key, utf8(input))
  return `${input}.${toBase64url(new Uint8Array(signature))}`
}
