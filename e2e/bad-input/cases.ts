/**
 * What was tried at each door and what comes back. One table for the test that tries it and the page that tells it
 * (docs/reference/bad-input.md).
 */
import type { ErrorCode } from '@ipse/protocol'

export interface RestCase {
  readonly tried: string
  readonly method: string
  readonly path: string
  /** JSON value, or text that is sent as it is. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** Sends no API key. */
  readonly anonymous?: boolean
  readonly code: ErrorCode
}

export interface CommandCase {
  readonly tried: string
  readonly args: readonly string[]
  readonly exit: 1 | 2 | 3
  /** A part of what standard error says. */
  readonly says: RegExp
}

export interface SocketCase {
  readonly tried: string
  /** What is sent after `welcome`, in order; a Uint8Array is sent as a binary message. */
  readonly send: readonly (string | Uint8Array)[]
  readonly code: ErrorCode
}

const session = { purpose: 'liveness' }
const png = (text: string) => Buffer.from(text).toString('base64')

export const REST: readonly RestCase[] = [
  {
    tried: 'no API key',
    method: 'POST',
    path: '/v1/sessions',
    body: session,
    anonymous: true,
    code: 'unauthenticated',
  },
  {
    tried: 'an API key that does not exist',
    method: 'POST',
    path: '/v1/sessions',
    body: session,
    anonymous: true,
    headers: { authorization: `Bearer ipse_dev_AAAAAAAAAAAA_${'A'.repeat(43)}` },
    code: 'unauthenticated',
  },
  {
    tried: 'a policy that is no JSON',
    method: 'POST',
    path: '/v1/policies',
    body: { document: '{', why: 'New.' },
    code: 'invalid_request',
  },
  {
    tried: 'a policy in the place of one that comes with Ipse',
    method: 'POST',
    path: '/v1/policies',
    body: { document: '{"name":"standard","version":9,"extends":"passive"}', why: 'New.' },
    code: 'invalid_request',
  },
  {
    tried: 'a stage for a policy that is not published',
    method: 'POST',
    path: '/v1/policies/bank/versions/1/stage',
    body: { to: 'shadow', why: 'New.' },
    code: 'not_found',
  },
  {
    tried: 'a stage that there is not',
    method: 'POST',
    path: '/v1/policies/bank/versions/1/stage',
    body: { to: 'everywhere', why: 'New.' },
    code: 'invalid_request',
  },
  {
    tried: 'a decision of a review that does not exist',
    method: 'POST',
    path: '/v1/reviews/rev_AAAAAAAAAAAAAAAAAAAAAA/decision',
    body: { decision: 'allow', reason: 'It is us.' },
    code: 'not_found',
  },
  {
    tried: 'a decision of a review without a reason',
    method: 'POST',
    path: '/v1/reviews/rev_AAAAAAAAAAAAAAAAAAAAAA/decision',
    body: { decision: 'allow' },
    code: 'invalid_request',
  },
  {
    tried: 'the abuse report of a session that does not exist',
    method: 'GET',
    path: '/v1/sessions/ses_AAAAAAAAAAAAAAAAAAAAAA/abuse-report',
    code: 'not_found',
  },
  {
    tried: 'a body that is not JSON',
    method: 'POST',
    path: '/v1/sessions',
    body: '{"purpose":',
    code: 'invalid_request',
  },
  {
    tried: 'a body of another content type',
    method: 'POST',
    path: '/v1/sessions',
    body: 'purpose=liveness',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    code: 'unsupported_media',
  },
  {
    tried: 'a member that does not exist',
    method: 'POST',
    path: '/v1/sessions',
    body: { ...session, isLive: true },
    code: 'invalid_request',
  },
  {
    tried: 'a member of another type',
    method: 'POST',
    path: '/v1/sessions',
    body: { ...session, ttlSeconds: '60' },
    code: 'invalid_request',
  },
  {
    tried: 'a prototype instead of a member',
    method: 'POST',
    path: '/v1/sessions',
    body: '{"purpose":"liveness","__proto__":{"policy":"demo"}}',
    code: 'invalid_request',
  },
  {
    tried: 'a session that lives too long',
    method: 'POST',
    path: '/v1/sessions',
    body: { ...session, ttlSeconds: 601 },
    code: 'invalid_request',
  },
  {
    tried: 'a purpose that does not exist',
    method: 'POST',
    path: '/v1/sessions',
    body: { purpose: 'identification' },
    code: 'invalid_request',
  },
  {
    tried: 'a policy that does not exist',
    method: 'POST',
    path: '/v1/sessions',
    body: { ...session, policy: 'lenient' },
    code: 'policy_unknown',
  },
  {
    tried: 'an enrolment without consent',
    method: 'POST',
    path: '/v1/sessions',
    body: { purpose: 'enrolment', subject: 'a' },
    code: 'consent_missing',
  },
  {
    tried: 'a verification of a subject that is not enrolled',
    method: 'POST',
    path: '/v1/sessions',
    body: { purpose: 'verification', subject: 'nobody' },
    code: 'reference_not_found',
  },
  {
    tried: 'an origin with a path',
    method: 'POST',
    path: '/v1/sessions',
    body: { ...session, allowedOrigins: ['https://shop.example/path'] },
    code: 'invalid_request',
  },
  {
    tried: 'a network that is none',
    method: 'POST',
    path: '/v1/sessions',
    body: { ...session, allowedNetworks: ['192.0.2.0/33'] },
    code: 'invalid_request',
  },
  {
    tried: 'a body of 70 kB where 64 kB are allowed',
    method: 'POST',
    path: '/v1/sessions/ses_AAAAAAAAAAAAAAAAAAAAAA/cancel',
    body: { reason: 'x'.repeat(70_000) },
    code: 'payload_too_large',
  },
  {
    tried: 'a session of somebody else, or of nobody',
    method: 'GET',
    path: '/v1/sessions/ses_AAAAAAAAAAAAAAAAAAAAAA',
    code: 'not_found',
  },
  {
    tried: 'an identifier that is none',
    method: 'GET',
    path: '/v1/sessions/1%20OR%201=1',
    code: 'invalid_request',
  },
  {
    tried: 'a cursor that was not given out',
    method: 'GET',
    path: '/v1/sessions?cursor=abc',
    code: 'invalid_request',
  },
  {
    tried: 'a query that does not exist',
    method: 'GET',
    path: '/v1/sessions?all=true',
    code: 'invalid_request',
  },
  {
    tried: 'text instead of an image',
    method: 'POST',
    path: '/v1/detections',
    body: { image: png('hello, I am not an image') },
    code: 'image_unreadable',
  },
  {
    tried: 'half a JPEG',
    method: 'POST',
    path: '/v1/detections',
    body: { image: Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]).toString('base64') },
    code: 'image_unreadable',
  },
  {
    tried: 'an SVG',
    method: 'POST',
    path: '/v1/detections',
    body: { image: png('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>') },
    code: 'image_unreadable',
  },
  {
    tried: 'a GIF',
    method: 'POST',
    path: '/v1/detections',
    body: { image: png('GIF89a\u0001\u0000\u0001\u0000') },
    code: 'image_unreadable',
  },
  {
    tried: 'base64 that is none',
    method: 'POST',
    path: '/v1/detections',
    body: { image: '%%%%' },
    code: 'image_unreadable',
  },
  {
    tried: 'an address instead of an image',
    method: 'POST',
    path: '/v1/detections',
    body: { url: 'http://127.0.0.1/' },
    code: 'invalid_request',
  },
  {
    tried: 'a path outside the element’s files',
    method: 'GET',
    path: '/web/..%2f..%2fpackage.json',
    anonymous: true,
    code: 'not_found',
  },
  {
    tried: 'a method that is not served',
    method: 'PUT',
    path: '/v1/sessions',
    body: session,
    code: 'not_found',
  },
]

export const COMMANDS: readonly CommandCase[] = [
  { tried: 'no such command', args: ['recognise'], exit: 2, says: /unknown command/ },
  {
    tried: 'an option that does not exist',
    args: ['verify', 'a', 'b', '--treshold', '1'],
    exit: 2,
    says: /unknown option/,
  },
  {
    tried: 'a file that does not exist',
    args: ['detect', 'no-such-file.jpg'],
    exit: 2,
    says: /no-such-file\.jpg/,
  },
  { tried: 'a file that is no image', args: ['detect', 'package.json'], exit: 2, says: /image_unreadable/ },
  { tried: 'a folder', args: ['detect', 'docs'], exit: 2, says: /docs/ },
  {
    tried: 'an image without a face',
    args: [
      'verify',
      'node_modules/@vladmandic/human/assets/icon.png',
      'node_modules/@vladmandic/human/assets/icon.png',
    ],
    exit: 2,
    says: /no face|reference_unusable/i,
  },
  {
    tried: 'a list of pairs with other columns',
    args: ['eval', 'match', '--pairs', 'e2e/bad-input/other-columns.csv'],
    exit: 2,
    says: /columns?/i,
  },
  {
    tried: 'a list of samples with other columns',
    args: ['eval', 'pad', '--samples', 'e2e/bad-input/other-columns.csv'],
    exit: 2,
    says: /path, label, species/,
  },
  {
    tried: 'a calibration from a list with other columns',
    args: ['calibrate', '--samples', 'e2e/bad-input/other-columns.csv', '--out', 'no-policy.json'],
    exit: 2,
    says: /path, label, species/,
  },
  {
    tried: 'a clip that does not exist',
    args: ['assess', 'no-such-clip.mjpeg'],
    exit: 2,
    says: /no-such-clip/,
  },
  { tried: 'a clip that is none', args: ['assess', 'package.json'], exit: 2, says: /package\.json/ },
  {
    tried: 'a policy that is none',
    args: ['policies', 'check', 'package.json'],
    exit: 2,
    says: /policy_invalid/,
  },
  {
    tried: 'a rollout without a reason',
    args: ['rollout', 'publish', 'package.json'],
    exit: 2,
    says: /--why/,
  },
  {
    tried: 'a canary of more than everybody',
    args: ['rollout', 'stage', 'bank', '1', 'canary', '--share', '101', '--why', 'New.'],
    exit: 2,
    says: /1 to 100/,
  },
  {
    tried: 'a decision to be made again, of no session',
    args: ['replay-decision'],
    exit: 2,
    says: /give a session, or --all/,
  },
  { tried: 'no such policy', args: ['policies', 'show', 'lenient'], exit: 2, says: /policy_unknown/ },
  {
    tried: 'an attack that is not in the catalogue',
    args: ['attack', '--spawn', '--instruments', 'wishes'],
    exit: 2,
    says: /wishes/,
  },
  {
    tried: 'the abuse report of a session, where nothing was ever started',
    args: ['abuse-report', 'ses_AAAAAAAAAAAAAAAAAAAAAA', '--data', '/nonexistent'],
    exit: 2,
    says: /no data folder/,
  },
  { tried: 'a port that is none', args: ['serve', '--port', 'eighty'], exit: 2, says: /0 to 65535/ },
  {
    tried: 'a setting that does not exist',
    args: ['serve', '--set', 'server.prot=1'],
    exit: 2,
    says: /server\.prot/,
  },
  {
    tried: 'a root for attestations that is not there',
    args: ['serve', '--set', 'attestation.appleRootFile=/nonexistent'],
    exit: 2,
    says: /attestation\.appleRootFile/,
  },
  {
    tried: 'an address of another machine without TLS',
    args: ['serve', '--host', '0.0.0.0', '--port', '0'],
    exit: 2,
    says: /TLS|proxy/i,
  },
  {
    tried: 'a scope that does not exist',
    args: ['keys', 'create', '--name', 'x', '--scopes', 'everything', '--data', '.ipse-none'],
    exit: 2,
    says: /everything/,
  },
  {
    tried: 'a provider of key-encryption keys that there is not',
    args: ['serve', '--set', 'kek.provider=stone'],
    exit: 2,
    says: /kek\.provider/,
  },
]

export const SOCKET: readonly SocketCase[] = [
  { tried: 'text that is not JSON', send: ['hello'], code: 'session_token_invalid' },
  { tried: 'a message that does not exist', send: ['{"type":"pass"}'], code: 'session_token_invalid' },
  {
    tried: 'a binary message before the handshake',
    send: [new Uint8Array(100)],
    code: 'session_token_invalid',
  },
  {
    tried: 'a token and a proof that are made up',
    send: [
      '{"type":"hello","protocol":"ipse-capture/3","token":"YQ.YQ.YQ","proof":"YQ.YQ.YQ","sdk":"ipse-web/0.1.0"}',
    ],
    code: 'session_token_invalid',
  },
  {
    tried: 'another protocol version',
    send: [
      '{"type":"hello","protocol":"ipse-capture/0","token":"YQ.YQ.YQ","proof":"YQ.YQ.YQ","sdk":"ipse-web/0.1.0"}',
    ],
    code: 'unsupported_version',
  },
  {
    tried: 'a message of 100 kB',
    send: [`{"type":"hello","token":"${'A'.repeat(100_000)}"}`],
    code: 'challenge_mismatch',
  },
]
