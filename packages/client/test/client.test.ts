import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, beforeEach, test } from 'node:test'
import { IpseClient, IpseError, verifyReceipt } from '@ipse/client'
import { ERRORS, type ErrorCode, parseTraceparent } from '@ipse/protocol'
import { createKeyCache } from '../src/key-cache.ts'
import { CLAIMS, ISSUER, NOW, publicKey, SESSION, sign } from './receipts.ts'

interface Received {
  method: string
  url: string
  headers: IncomingMessage['headers']
  body: string
}
type Answer = (response: ServerResponse, request: Received) => void

let received: Received[] = []
let answers: Answer[] = []
const server = createServer(async (request, response) => {
  let body = ''
  for await (const chunk of request) body += chunk
  const seen = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body }
  received.push(seen)
  const answer = answers.length > 1 ? answers.shift() : answers[0]
  answer?.(response, seen)
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
after(() => {
  server.closeAllConnections()
  server.close()
})
beforeEach(() => {
  received = []
  answers = []
})

const json =
  (value: unknown, status = 200, headers: Record<string, string> = {}): Answer =>
  (response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value))
const problem = (code: ErrorCode, headers: Record<string, string> = {}, more: object = {}): Answer => {
  const { status, title, advice, retry } = ERRORS[code]
  return json(
    { type: 'about:blank', title, status, code, advice, retry, requestId: 'req_1', ...more },
    status,
    headers,
  )
}
const drop: Answer = (response) => response.destroy()
const client = (options: object = {}) => new IpseClient({ baseUrl, apiKey: 'ipse_test_k_s', ...options })
const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => 'done',
    (error: unknown) => (error instanceof IpseError ? error.code : `${error}`),
  )

test('every method asks the right thing with the key in the header', async () => {
  answers = [json({})]
  const ipse = client()
  const image = 'AAAA'
  await ipse.createSession({ purpose: 'liveness' })
  await ipse.getSession(SESSION)
  await ipse.listSessions({ cursor: 'a b', limit: 5 })
  await ipse.listSessions()
  await ipse.cancelSession(SESSION)
  await ipse.compare({ probe: { image }, reference: { subject: 's' } })
  await ipse.detect({ image })
  await ipse.enrol('a:b@c', { image })
  await ipse.getSubject('s')
  await ipse.exportSubject('s')
  await ipse.exportSubject('s', { media: 'included' })
  await ipse.getMedia(SESSION)
  await ipse.deleteSubject('s')
  assert.deepEqual(
    received.map(({ method, url }) => `${method} ${url}`),
    [
      'POST /v1/sessions',
      `GET /v1/sessions/${SESSION}`,
      'GET /v1/sessions?cursor=a+b&limit=5',
      'GET /v1/sessions',
      `POST /v1/sessions/${SESSION}/cancel`,
      'POST /v1/comparisons',
      'POST /v1/detections',
      'POST /v1/subjects/a%3Ab%40c/references',
      'GET /v1/subjects/s',
      'GET /v1/subjects/s/export',
      'GET /v1/subjects/s/export?media=included',
      `GET /v1/sessions/${SESSION}/media`,
      'DELETE /v1/subjects/s',
    ],
  )
  for (const { headers } of received) assert.equal(headers.authorization, 'Bearer ipse_test_k_s')
  for (const { url } of received) assert.ok(!url.includes('ipse_test'))
})

test('a picture comes as its bytes; what refuses it has its code, what interrupts it is asked again', async () => {
  const picture = Uint8Array.of(0xff, 0xd8, 0, 0xfe, 0x80)
  const jpeg: Answer = (response) =>
    response.writeHead(200, { 'content-type': 'image/jpeg' }).end(Buffer.from(picture))
  answers = [drop, jpeg]
  assert.deepEqual(await client().getPicture(SESSION, 2), picture)
  assert.deepEqual(
    received.map(({ url, headers }) => [url, headers.accept]),
    Array.from({ length: 2 }, () => [
      `/v1/sessions/${SESSION}/media/2`,
      'image/jpeg, application/problem+json',
    ]),
  )
  for (const code of ['forbidden', 'not_found'] as const) {
    answers = [problem(code)]
    assert.equal(await codeOf(client().getPicture(SESSION, 0)), code)
  }
  received = []
  for (const n of [-1, 10, 0.5, Number.NaN])
    assert.equal(
      await codeOf(Promise.resolve().then(() => client().getPicture(SESSION, n))),
      'invalid_request',
    )
  assert.equal(received.length, 0)
})

test('an address under a path stays under it', async () => {
  answers = [json({})]
  await client({ baseUrl: `${baseUrl}/ipse/` }).getSession(SESSION)
  assert.equal(received[0]?.url, `/ipse/v1/sessions/${SESSION}`)
})

test('names that would lead to another resource are refused before anything is sent', async () => {
  answers = [json({})]
  for (const subject of ['', '.', '..', 'a/b', '../keys', 'a?b', 'ä', 'x'.repeat(129)])
    assert.equal(
      await codeOf(Promise.resolve().then(() => client().deleteSubject(subject))),
      'invalid_request',
    )
  for (const id of ['', '..', 'ses_x', `${SESSION}/cancel`])
    assert.equal(await codeOf(Promise.resolve().then(() => client().getSession(id))), 'invalid_request')
  assert.equal(received.length, 0)
})

test('a creation that is sent again keeps its idempotency key', async () => {
  answers = [drop, problem('engine_unavailable'), json({ id: SESSION })]
  const created = await client().createSession({ purpose: 'liveness' })
  assert.equal(created.id, SESSION)
  const keys = new Set(received.map(({ headers }) => headers['idempotency-key']))
  assert.equal(received.length, 3)
  assert.equal(keys.size, 1)
  assert.match([...keys][0] as string, /^[0-9a-f-]{36}$/)
  assert.equal(new Set(received.map(({ body }) => body)).size, 1)
})

test('two creations have two keys, and a given key is used', async () => {
  answers = [json({})]
  await client().createSession({ purpose: 'liveness' })
  await client().createSession({ purpose: 'liveness' })
  await client().createSession({ purpose: 'liveness' }, { idempotencyKey: 'mine' })
  const keys = received.map(({ headers }) => headers['idempotency-key'])
  assert.equal(new Set(keys).size, 3)
  assert.equal(keys[2], 'mine')
})

test('only what may pass is sent again', async () => {
  for (const code of Object.keys(ERRORS) as ErrorCode[]) {
    if (ERRORS[code].status === 0) continue
    received = []
    answers = [problem(code)]
    assert.equal(await codeOf(client({ retries: 1 }).getSession(SESSION)), code)
    assert.equal(received.length, ERRORS[code].retry === 'same' ? 2 : 1, code)
  }
})

test('the error tells detail, fields and request id, and carries the problem document', async () => {
  answers = [
    problem('invalid_request', {}, { detail: 'body', errors: [{ at: '/purpose', message: 'unknown' }] }),
  ]
  await assert.rejects(client().createSession({ purpose: 'x' as never }), (error: IpseError) => {
    assert.equal(error.message, 'body (/purpose: unknown; request req_1)')
    assert.equal((error.cause as { requestId: string }).requestId, 'req_1')
    return true
  })
})

test('Retry-After is kept, in seconds and as a date', async () => {
  // An HTTP date has whole seconds: 1.5 s ahead is at least half a second once written down.
  for (const value of [() => '1', () => new Date(Date.now() + 1500).toUTCString()]) {
    answers = [problem('rate_limited', { 'retry-after': value() }), json({})]
    const started = performance.now()
    await client().getSession(SESSION)
    assert.ok(performance.now() - started >= 400)
  }
})

test('a Retry-After beyond the deadline ends the call at once', async () => {
  answers = [problem('rate_limited', { 'retry-after': '3600' })]
  assert.equal(await codeOf(client().getSession(SESSION)), 'rate_limited')
})

test('the deadline holds for all repetitions together, also when nobody answers', async () => {
  answers = [() => {}]
  assert.equal(await codeOf(client({ timeoutMs: 300, retries: 50 }).getSession(SESSION)), 'connection_lost')
  answers = [problem('storage_unavailable')]
  // What the service said is told, also when the last repetition is cut off by the deadline.
  answers = [problem('storage_unavailable'), () => {}]
  assert.equal(
    await codeOf(client({ timeoutMs: 2_000, retries: 50 }).getSession(SESSION)),
    'storage_unavailable',
  )
})

test('a caller who gives up gets the own reason', async () => {
  answers = [problem('storage_unavailable')]
  const signal = AbortSignal.timeout(100)
  await assert.rejects(client({ retries: 50 }).getSession(SESSION, { signal }), { name: 'TimeoutError' })
})

test('answers that are not from Ipse become errors with a code', async () => {
  const page =
    (status: number): Answer =>
    (response) =>
      response.writeHead(status, { 'content-type': 'text/html' }).end('<h1>proxy</h1>')
  const cases = { 200: 'connection_lost', 404: 'not_found', 401: 'unauthenticated', 502: 'connection_lost' }
  for (const [status, code] of Object.entries(cases)) {
    answers = [page(Number(status))]
    assert.equal(await codeOf(client({ retries: 0 }).getSession(SESSION)), code, status)
  }
  answers = [json({ code: 'constructor', title: 'x', status: 422 }, 422)]
  assert.equal(await codeOf(client().getSession(SESSION)), 'invalid_request')
  answers = [(response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()]
  assert.equal(await codeOf(client({ retries: 0 }).getSession(SESSION)), 'connection_lost')
})

test('a service that is not there is said so', async () => {
  const call = new IpseClient({ baseUrl: 'http://127.0.0.1:1', apiKey: 'k', retries: 1 }).getSession(SESSION)
  await assert.rejects(call, { code: 'connection_lost', message: /was not reached/ })
})

test('address and key that cannot be right are refused when the client is made', () => {
  for (const bad of [{ baseUrl: 'ipse.example' }, { baseUrl: 'ftp://x' }, { apiKey: '' }, { apiKey: 'a\nb' }])
    assert.throws(() => client(bad), TypeError)
})

test('receipts are checked against the published keys, which are fetched once without the API key', async () => {
  answers = [json({ keys: [publicKey] })]
  const ipse = client({ issuer: ISSUER })
  const expected = { expectedSession: SESSION, expectedPurpose: 'verification', now: NOW } as const
  const receipt = await sign()
  const results = await Promise.all([
    ipse.verifyReceipt(receipt, expected),
    ipse.verifyReceipt(receipt, expected),
  ])
  assert.deepEqual(
    results.map(({ accepted }) => accepted),
    [true, true],
  )
  const forged = await sign({ alg: 'ES256', typ: 'ipse-receipt+jwt', kid: 'unknown' })
  for (let i = 0; i < 5; i++)
    assert.equal(await codeOf(ipse.verifyReceipt(forged, expected)), 'receipt_invalid')
  assert.deepEqual(
    received.map(({ url, headers }) => [url, headers.authorization]),
    [['/.well-known/jwks.json', undefined]],
  )
})

test('a key that was published after the last look is fetched once, and the one before goes on', async () => {
  let now = 0
  let fetched = 0
  let published = [{ ...publicKey, kid: 'old' }]
  const cache = createKeyCache(
    async () => {
      fetched++
      return { keys: published }
    },
    () => now,
  )
  const expected = { expectedSession: SESSION, expectedPurpose: 'verification', issuer: ISSUER } as const
  const verify = async (kid: string) => {
    const receipt = await sign({ alg: 'ES256', typ: 'ipse-receipt+jwt', kid })
    return codeOf(verifyReceipt(receipt, { ...expected, keys: (id) => cache.find(id), now: NOW }))
  }
  assert.equal(await verify('old'), 'done')
  published = [{ ...publicKey, kid: 'new' }, ...published]
  // The new key signs after its lead, which is longer than the pause between two looks.
  now += 360_000
  for (const kid of ['new', 'old', 'new']) assert.equal(await verify(kid), 'done', kid)
  assert.equal(fetched, 2)
  assert.equal(await verify('neither'), 'receipt_invalid')
  assert.equal(fetched, 2)
})

test('without an issuer of its own the client insists on its base address', async () => {
  answers = [json({ keys: [publicKey] })]
  const expected = { expectedSession: SESSION, expectedPurpose: 'verification', now: NOW } as const
  assert.equal(await codeOf(client().verifyReceipt(await sign(), expected)), 'receipt_invalid')
  const own = await sign(undefined, { ...CLAIMS, iss: baseUrl })
  assert.equal((await client().verifyReceipt(own, expected)).accepted, true)
})

test('all repetitions of a call go under one trace, each as a call of its own', async () => {
  answers = [drop, problem('storage_unavailable'), json({})]
  await client().getSession(SESSION)
  const traces = received.map(({ headers }) => parseTraceparent(headers.traceparent))
  assert.equal(traces.length, 3)
  assert.equal(new Set(traces.map((trace) => trace?.traceId)).size, 1)
  assert.equal(new Set(traces.map((trace) => trace?.parentId)).size, 3)
  received = []
  await client().getSession(SESSION)
  assert.notEqual(parseTraceparent(received[0]?.headers.traceparent)?.traceId, traces[0]?.traceId)
})

test('a call joins the trace of the request that it is made for, and takes its id along', async () => {
  answers = [json({})]
  const traceId = '0af7651916cd43dd8448eb211c80319c'
  const traceparent = `00-${traceId}-b7ad6b7169203331-01`
  await client().getSession(SESSION, { traceparent, requestId: 'order-7' })
  await client().createSession({ purpose: 'liveness' }, { traceparent: 'nonsense' })
  const [joined, own] = received.map(({ headers }) => parseTraceparent(headers.traceparent))
  assert.deepEqual([joined?.traceId, joined?.sampled], [traceId, true])
  assert.notEqual(joined?.parentId, 'b7ad6b7169203331')
  assert.equal(received[0]?.headers['x-request-id'], 'order-7')
  assert.ok(own && own.traceId !== traceId && !own.sampled)
})

test('a cancellation whose answer was lost is done, and a session that ended otherwise is not cancelled', async () => {
  for (const [state, code] of [
    ['cancelled', 'done'],
    ['passed', 'session_wrong_state'],
  ] as const) {
    received = []
    answers = [drop, problem('session_wrong_state'), json({ id: SESSION, state })]
    assert.equal(await codeOf(client().cancelSession(SESSION)), code)
    assert.deepEqual(
      received.map(({ method }) => method),
      ['POST', 'POST', 'GET'],
    )
  }
})

test('pauses grow, are drawn from all below, and stay below five seconds', async () => {
  const pauses: number[] = []
  const { setTimeout: counted } = globalThis
  try {
    globalThis.setTimeout = ((work: () => void, ms: number) => {
      pauses.push(ms)
      queueMicrotask(work)
    }) as typeof setTimeout
    const busy = async () => new Response('', { status: 503 })
    assert.equal(await codeOf(client({ retries: 60, fetch: busy }).getSession(SESSION)), 'connection_lost')
  } finally {
    globalThis.setTimeout = counted
  }
  assert.equal(pauses.length, 60)
  for (const [attempt, ms] of pauses.entries())
    assert.ok(ms >= 0 && ms <= Math.min(5_000, 200 * 2 ** attempt), `${attempt}: ${ms}`)
  assert.ok(
    Math.max(...pauses) > 2_500 && Math.min(...pauses.slice(8)) < 2_500,
    'jitter over the whole range',
  )
})
