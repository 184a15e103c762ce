/**
 * A service with Ipse's REST addresses and real signatures whose verdicts a test chooses, so that the site can be shown
 * every kind of receipt, forged ones included. The whole site against the real service is in e2e/.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ReceiptClaims } from '@ipse/client'

export interface Double extends AsyncDisposable {
  readonly url: string
  /** Changes the claims of every receipt that is handed out. */
  claims: Partial<ReceiptClaims>
  /** Signs with a key that is not published. */
  forged: boolean
  /** Sessions have no receipt yet. */
  unfinished: boolean
  /** Method, path and body of every call. */
  readonly calls: { readonly method: string; readonly path: string; readonly body: Record<string, unknown> }[]
}

const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
const newId = (prefix: string) =>
  `${prefix}_${Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString('base64url')}`
const newKey = () =>
  crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])

async function sign(key: CryptoKey, claims: ReceiptClaims): Promise<string> {
  const input = `${base64url({ alg: 'ES256', typ: 'ipse-receipt+jwt', kid: 'key-1' })}.${base64url(claims)}`
  const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key, Buffer.from(input))
  return `${input}.${Buffer.from(signature).toString('base64url')}`
}

export async function startDouble(): Promise<Double> {
  const [published, other] = await Promise.all([newKey(), newKey()])
  const sessions = new Map<string, Record<string, unknown>>()

  const receiptOf = (id: string): Promise<string> => {
    const { purpose, subject } = sessions.get(id)!
    const now = Math.floor(Date.now() / 1000)
    const claims: ReceiptClaims = {
      iss: double.url,
      aud: 'tenant',
      iat: now,
      exp: now + 600,
      jti: newId('rcp'),
      sid: id,
      sub: String(subject),
      purpose: purpose as ReceiptClaims['purpose'],
      decision: 'accept',
      reasons: [],
      assurance: 'active-geometry',
      attempt: 1,
      policy: { name: 'standard', version: 1, digest: 'A'.repeat(43) },
      models: [{ id: 'model', version: '1', sha256: 'a'.repeat(64) }],
      challenge: { version: 'challenge/1', digest: 'A'.repeat(43) },
      transcript: 'A'.repeat(43),
      evidence: [
        {
          signal: 'challenge-response',
          measurement: { status: 'assessed', native: 1, score: 1 },
          samples: 7,
          verdict: 'pass',
          weight: 'step',
          atLeast: 1,
        },
        {
          signal: 'texture',
          measurement: { status: 'failure-to-assess', reason: 'model-absent' },
          samples: 0,
          verdict: 'reported',
          weight: 'none',
        },
      ],
      device: { jkt: 'A'.repeat(43), virtualCamera: false },
      ...double.claims,
    }
    return sign(double.forged ? other.privateKey : published.privateKey, claims)
  }

  async function answer(
    method: string,
    path: string,
    body: Record<string, unknown>,
  ): Promise<[number, unknown]> {
    if (path === '/.well-known/jwks.json') {
      const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', published.publicKey)
      return [200, { keys: [{ kty, crv, x, y, kid: 'key-1', alg: 'ES256', use: 'sig' }] }]
    }
    if (method === 'POST' && path === '/v1/sessions') {
      const id = newId('ses')
      sessions.set(id, body)
      const element = { url: `${double.url}/web/1/ipse-check.js`, integrity: 'sha384-x' }
      const captureUrl = `${double.url.replace('http', 'ws')}/c/v1/capture`
      return [
        201,
        {
          id,
          captureToken: 'capture-token',
          captureUrl,
          element,
          expiresAt: new Date(Date.now() + 600_000).toISOString(),
        },
      ]
    }
    const id = /^\/v1\/sessions\/(ses_[\w-]+)$/.exec(path)?.[1]
    if (id && sessions.has(id))
      return [200, { id, state: 'passed', ...(double.unfinished ? {} : { receipt: await receiptOf(id) }) }]
    const subject = /^\/v1\/subjects\/([\w.-]+)(\/export)?$/.exec(path)?.[1]
    if (subject && method === 'DELETE')
      return [200, { subject, erasedAt: new Date().toISOString(), references: 1, sessions: 2 }]
    if (subject) return [200, { format: 'ipse-subject-export/3', subject, references: [], sessions: [] }]
    return [404, { code: 'not_found' }]
  }

  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    const body = text ? (JSON.parse(text) as Record<string, unknown>) : {}
    const { method = '', url = '' } = request
    double.calls.push({ method, path: url, body })
    const [status, value] = await answer(method, url, body)
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const double: Double = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    claims: {},
    forged: false,
    unfinished: false,
    calls: [],
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return double
}
