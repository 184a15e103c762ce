/** What the server reads from strangers and operators: tokens, proofs, messages, attestations, policies, settings. */
import {
  CAPTURE_PROTOCOL,
  createDeviceKey,
  createProof,
  fromBase64url,
  IpseError,
  toBase64url,
  utf8,
} from '@ipse/protocol'
import { createLocalJWKSet } from 'jose'
import type { Parser } from '../../../protocol/test/fuzz.ts'
import { parseAddressList } from '../../src/addresses.ts'
import { readAttestedCredential, readAuthenticatorData } from '../../src/attestation/authenticator-data.ts'
import { decodeMap } from '../../src/attestation/cbor.ts'
import { assertEcdsaSignature, extensionValues } from '../../src/attestation/der.ts'
import {
  parseFacts,
  parseFrameHeader,
  parseHello,
  parseOpen,
  parseSeenHeader,
  parseSubmitHeader,
} from '../../src/capture/messages.ts'
import { issueCaptureToken, verifyCaptureToken } from '../../src/capture/token.ts'
import { readCertificate } from '../../src/identity/certificate.ts'
import { verifyProof } from '../../src/identity/proof.ts'
import { verifyJwt } from '../../src/identity/strict-jwt.ts'
import {
  createKeyring,
  POLICIES,
  parseKeyring,
  parsePolicy,
  parseSettings,
  serializeKeyring,
} from '../../src/index.ts'
import { pageQuery } from '../../src/routes/page.ts'
import { CAMERA_FACTS, TEST_SDK } from '../capture-client.ts'
import { createAuthority } from '../certificates.ts'
import { PUBLIC_URL, systemRandom } from '../fixture.ts'
import { compact, newSigner, signWith } from '../tokens.ts'

const NOW = Date.UTC(2026, 10, 21)
const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8')
const json = (bytes: Uint8Array): unknown => JSON.parse(text(bytes))
const isOurs = (error: unknown) => error instanceof IpseError
/** Read as JSON first: what is none never reaches the parser. */
const isOursOrNoJson = (error: unknown) => isOurs(error) || error instanceof SyntaxError
const isError = (error: unknown) => error instanceof Error

/** A parser of JSON values. */
function ofJson(name: string, samples: readonly unknown[], read: (value: unknown) => unknown): Parser {
  return {
    name,
    samples: samples.map((sample) => utf8(JSON.stringify(sample))),
    parse: (bytes) => read(json(bytes)),
    refuses: isOursOrNoJson,
  }
}

const OWN_POLICY = {
  name: 'branch',
  version: 1,
  extends: 'standard',
  challenge: { headPoseSteps: 3 },
  rules: [
    { signal: 'moire', atLeast: 1, otherwise: 'review', reason: 'display_suspected', missing: 'retry' },
  ],
  withoutRules: ['moire'],
  maxAttempts: 1,
}

/** What a signature covers cannot be read from a spoiled token, except where the spoiling left it as it was. */
const same = (sample: string) => (input: Uint8Array) => latin1(input) === sample

export async function serverParsers(): Promise<Parser[]> {
  const signer = newSigner('ES256', 'kid-1')
  const now = NOW / 1000
  const claims = { iss: 'https://idp.test', aud: 'ipse', exp: now + 60, iat: now, sub: 'a' }
  const jwt = compact({ alg: 'ES256', typ: 'JWT', kid: signer.kid }, claims, signWith(signer))
  const keys = createLocalJWKSet({ keys: [{ kty: 'EC', ...signer.jwk }] })
  const tokenKey = systemRandom.bytes(32)
  const times = { issuedAt: NOW, expiresAt: NOW + 60_000, service: 'A'.repeat(43) }
  const session = { tenant: 'shop', sessionId: 'ses_1', tokenId: 't' }
  const token = await issueCaptureToken(tokenKey, PUBLIC_URL, { ...session, ...times })
  const target = { htm: 'GET', htu: `${PUBLIC_URL}/c/v1/capture`, nonce: 'n', token }
  const proof = await createProof(await createDeviceKey(), { ...target, iat: now })
  const authority = await createAuthority('Fuzz')
  const certificate = await authority.issue({
    name: 'program',
    use: 'client',
    names: [{ type: 'url', value: 'urn:ipse:program' }],
  })
  const pem = Buffer.from(certificate.certificate)
  const credential = Buffer.concat([
    Buffer.alloc(32, 1),
    Buffer.from([0x41, 0, 0, 0, 1]),
    Buffer.alloc(16),
    Buffer.from([0, 4, 1, 2, 3, 4, 0xa1, 1, 2]),
  ])
  const keyring = serializeKeyring(await createKeyring(systemRandom.bytes, NOW))
  const signature = Buffer.from('3006020101020101', 'hex')
  return [
    {
      name: 'JSON web token',
      samples: [utf8(jwt)],
      parse: (bytes) =>
        verifyJwt(latin1(bytes), {
          keys,
          types: ['JWT'],
          issuer: claims.iss,
          audiences: ['ipse'],
          required: ['exp'],
          now: NOW,
        }),
      refuses: isError,
      holds: same(jwt),
      share: 0.1,
    },
    {
      name: 'capture token',
      samples: [utf8(token)],
      parse: (bytes) => verifyCaptureToken(tokenKey, PUBLIC_URL, latin1(bytes), NOW),
      refuses: isOurs,
      holds: same(token),
      share: 0.1,
    },
    {
      name: 'DPoP proof',
      samples: [utf8(proof)],
      parse: (bytes) => verifyProof(latin1(bytes), { ...target, now: NOW }),
      refuses: isOurs,
      holds: same(proof),
      share: 0.1,
    },
    {
      name: 'hello',
      samples: [
        utf8(JSON.stringify({ type: 'hello', protocol: CAPTURE_PROTOCOL, token, proof, sdk: TEST_SDK })),
      ],
      parse: (bytes) => parseHello(text(bytes)),
      refuses: isOurs,
    },
    {
      name: 'open',
      samples: [utf8(JSON.stringify({ type: 'open', enc: toBase64url(new Uint8Array(65)) }))],
      parse: (bytes) => parseOpen(text(bytes)),
      refuses: isOurs,
    },
    ofJson('frame header', [{ frame: 0, capturedUs: 1, step: 0, width: 640, height: 480 }], parseFrameHeader),
    ofJson('seen header', [{ step: 0, cue: 1, digest: 'A'.repeat(43), shownUs: 5 }], parseSeenHeader),
    ofJson(
      'submit header',
      [
        { digest: 'A'.repeat(43), signature: 'A'.repeat(86) },
        {
          digest: 'A'.repeat(43),
          signature: 'A'.repeat(86),
          attestation: { format: 'app-attest-assertion', keyId: 'AA', assertion: 'AA' },
        },
      ],
      parseSubmitHeader,
    ),
    ofJson(
      'facts',
      [CAMERA_FACTS, { ...CAMERA_FACTS, signs: ['rooted'], screen: { width: 1, height: 1, pixelRatio: 1 } }],
      parseFacts,
    ),
    {
      name: 'CBOR map',
      samples: [Buffer.from('a263666d74646e6f6e656761747453746d74a0', 'hex'), Buffer.from('a0', 'hex')],
      parse: decodeMap,
      refuses: isError,
    },
    {
      name: 'authenticator data',
      samples: [credential],
      parse: (bytes) => readAttestedCredential(readAuthenticatorData(bytes)),
      refuses: isError,
    },
    {
      name: 'DER of a signature',
      samples: [signature],
      parse: assertEcdsaSignature,
      refuses: isError,
      holds: (input) => input[0] === 0x30,
    },
    {
      name: 'DER of a certificate',
      samples: [new Uint8Array(readDer(pem))],
      parse: (bytes) => extensionValues(bytes, Uint8Array.of(0x55, 0x1d, 0x11)),
      refuses: isError,
    },
    {
      name: 'certificate',
      samples: [pem],
      parse: (bytes) => readCertificate(latin1(bytes)),
      refuses: isError,
      share: 0.2,
    },
    ofJson('policy file', [OWN_POLICY], (value) => parsePolicy(value, POLICIES)),
    ofJson(
      'settings',
      [{ 'server.port': '1', 'limits.capturesPerHour': '5', 'server.trustedProxies': '10.0.0.0/8' }],
      (value) => parseSettings({ named: value as Record<string, string> }),
    ),
    { name: 'keyring', samples: [keyring], parse: (bytes) => parseKeyring(bytes), refuses: isError },
    {
      name: 'address list',
      samples: ['10.0.0.0/8', '::1', '2001:db8::/32', '192.0.2.1'].map(utf8),
      parse: (bytes) => parseAddressList([latin1(bytes)])('192.0.2.1'),
      refuses: isError,
    },
    {
      name: 'cursor',
      samples: [utf8(toBase64url(utf8('[1,"ses_AAAAAAAAAAAAAAAAAAAAAA"]')))],
      parse: (bytes) => pageQuery({ cursor: latin1(bytes) }),
      refuses: isOurs,
      holds: (input) => Array.isArray(JSON.parse(text(fromBase64url(latin1(input))))),
    },
  ]
}

function readDer(pem: Buffer): Buffer {
  return Buffer.from(pem.toString().replace(/-----[^-]+-----|\s/g, ''), 'base64')
}
