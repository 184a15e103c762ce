/** The headers of every kind of answer, over real sockets; and ids of request and trace in and out. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { DEPRECATED, deprecationHeaders } from '../src/http/deprecation.ts'
import { type Fixture, startFixture } from './fixture.ts'

/** Written down once more: a header that changes or goes is a decision, not a slip. */
const EXPECTED = {
  'content-security-policy':
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
  'integrity-policy': 'blocked-destinations=(script)',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), display-capture=()',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
  'origin-agent-cluster': '?1',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cache-control': 'no-store',
  'strict-transport-security': 'max-age=63072000; includeSubDomains; preload',
} as const

const ASSET = { 'cross-origin-resource-policy': 'cross-origin' }
const PUBLIC = { 'cache-control': 'public, max-age=300' }

let fixture: Fixture
const folder = mkdtempSync(join(tmpdir(), 'ipse-headers-'))
before(async () => {
  writeFileSync(join(folder, 'ipse-check.js'), 'export const check = 1\n')
  fixture = await startFixture({ named: { 'element.dir': folder } })
})
after(async () => {
  await fixture[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

function ask(path: string, headers: Record<string, string> = {}, method = 'GET', body = ''): Promise<Answer> {
  const { hostname, port } = new URL(fixture.socketUrl)
  return new Promise((resolve, reject) => {
    const asked = request({ hostname, port, path, method, headers, agent: false }, async (reply) =>
      resolve({ status: reply.statusCode ?? 0, headers: reply.headers, body: await text(reply) }),
    )
    asked.once('error', reject)
    asked.end(body)
  })
}

/** Bytes that no HTTP client would send. */
function send(bytes: string): Promise<Answer> {
  const { hostname, port } = new URL(fixture.socketUrl)
  const socket = connect(Number(port), hostname)
  socket.write(bytes)
  return text(socket).then((answer) => {
    const [head = '', body = ''] = answer.split('\r\n\r\n')
    const [first = '', ...lines] = head.split('\r\n')
    const headers = Object.fromEntries(lines.map((line) => line.split(/: (.*)/s, 2)))
    return { status: Number(first.split(' ')[1]), headers, body }
  })
}

const key = () => ({ authorization: `Bearer ${fixture.apiKey}` })
const json = { 'content-type': 'application/json' }

interface Row {
  readonly ask: () => Promise<Answer>
  readonly status: number
  /** Where this kind differs. */
  readonly but?: Readonly<Record<string, string>>
}

const KINDS: Readonly<Record<string, Row>> = {
  'an answer of the API': { ask: () => ask('/v1/sessions', key()), status: 200 },
  'a creation': {
    ask: () => ask('/v1/sessions', { ...key(), ...json }, 'POST', '{"purpose":"liveness"}'),
    status: 201,
  },
  'a request without a credential': { ask: () => ask('/v1/sessions'), status: 401 },
  'a request that is not well formed': {
    ask: () => ask('/v1/sessions', { ...key(), ...json }, 'POST', '{'),
    status: 400,
  },
  'a body of another kind': {
    ask: () => ask('/v1/sessions', { ...key(), 'content-type': 'text/xml' }, 'POST', '<a/>'),
    status: 415,
  },
  'a path that does not exist': { ask: () => ask('/v1/nothing', key()), status: 404 },
  'a path that is nobody’s': { ask: () => ask('/'), status: 404 },
  'a method that is not served': { ask: () => ask('/v1/sessions', {}, 'PUT'), status: 404 },
  'an address that cannot be decoded': { ask: () => ask('/v1/%zz'), status: 400 },
  'a parameter that is too long': { ask: () => ask(`/v1/sessions/${'a'.repeat(300)}`, key()), status: 400 },
  'bytes that are not HTTP': { ask: () => send('hello\r\n\r\n'), status: 400 },
  'two lengths of one body': {
    ask: () =>
      send('POST /v1/sessions HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab'),
    status: 400,
  },
  'headers without end': {
    ask: () => send(`GET / HTTP/1.1\r\nhost: a\r\nx: ${'a'.repeat(9_000)}\r\n\r\n`),
    status: 431,
  },
  'the capture address without an upgrade': { ask: () => ask('/c/v1/capture'), status: 400 },
  'an upgrade at another address': {
    ask: () => ask('/v1/sessions', { connection: 'Upgrade', upgrade: 'websocket' }),
    status: 404,
  },
  'the schema': { ask: () => ask('/openapi.json'), status: 200 },
  'the receipt keys': { ask: () => ask('/.well-known/jwks.json'), status: 200, but: PUBLIC },
  'what anybody may know': { ask: () => ask('/.well-known/ipse.json'), status: 200, but: PUBLIC },
  'the element by its content': {
    ask: async () => ask(new URL((await element()).url).pathname),
    status: 200,
    but: { ...ASSET, 'cache-control': 'public, max-age=31536000, immutable' },
  },
  'the element by its name': {
    ask: () => ask('/web/ipse-check.js'),
    status: 200,
    but: { ...ASSET, 'cache-control': 'public, no-cache' },
  },
  'a file that the element does not have': { ask: () => ask('/web/none.js'), status: 404 },
  'the health of the service': { ask: () => ask('/healthz'), status: 200 },
  'its metrics': { ask: () => ask('/metrics'), status: 200 },
}

async function element(): Promise<{ readonly url: string; readonly integrity: string }> {
  return JSON.parse((await ask('/.well-known/ipse.json')).body).element
}

for (const [kind, { ask: asking, status, but }] of Object.entries(KINDS))
  test(`${kind} bears every security header and nothing that names the software`, async () => {
    const answer = await asking()
    assert.equal(answer.status, status, answer.body)
    for (const [name, value] of Object.entries({ ...EXPECTED, ...but }))
      assert.equal(answer.headers[name], value, name)
    for (const name of ['server', 'x-powered-by', 'via']) assert.equal(answer.headers[name], undefined, name)
    if (status < 400) return
    assert.match(String(answer.headers['content-type']), /^application\/problem\+json/)
    assert.equal(JSON.parse(answer.body).status, status)
  })

test('without TLS nobody is told to insist on it', async () => {
  await using plain = await startFixture({ named: { 'server.publicUrl': 'http://localhost:8420' } })
  const { headers } = await plain.call('GET', '/healthz')
  assert.equal(headers['strict-transport-security'], undefined)
  assert.equal(headers['x-content-type-options'], 'nosniff')
})

const TRACE = '0af7651916cd43dd8448eb211c80319c'

test('a caller’s trace goes through the service: in every log line and in the answer, with our own call id', async () => {
  const caller = `00-${TRACE}-b7ad6b7169203331-01`
  const { headers } = await ask('/v1/sessions', {
    ...key(),
    traceparent: caller,
    'x-request-id': 'of-caller',
  })
  const [version, traceId, call, flags] = String(headers.traceparent).split('-')
  assert.deepEqual([version, traceId, flags], ['00', TRACE, '01'])
  assert.notEqual(call, 'b7ad6b7169203331')
  assert.equal(headers['x-request-id'], 'of-caller')
  const lines = fixture
    .log()
    .split('\n')
    .filter((line) => line.includes('of-caller'))
  assert.ok(lines.length > 0)
  for (const line of lines) assert.equal(JSON.parse(line).traceId, TRACE)
})

test('without a sound trace a new one begins', async () => {
  const given = ['', 'x', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`, `00-${TRACE}-b7ad6b7169203331-01-more`]
  const answers = await Promise.all(given.map((traceparent) => ask('/healthz', { traceparent })))
  const traces = answers.map(({ headers }) => String(headers.traceparent))
  for (const trace of traces) assert.match(trace, /^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/)
  assert.equal(new Set(traces.map((trace) => trace.split('-')[1])).size, given.length)
  assert.ok(!traces.some((trace) => trace.includes(TRACE)))
})

test('what will go says since when, until when, and what comes instead; nothing else does', async () => {
  const old = { path: '/v0/', since: '2026-01-01', sunset: '2026-12-31', successor: 'https://ipse.test/v1/' }
  assert.deepEqual(deprecationHeaders('/v0/sessions', [old]), {
    deprecation: '@1767225600',
    sunset: 'Thu, 31 Dec 2026 00:00:00 GMT',
    link: '<https://ipse.test/v1/>; rel="successor-version"',
  })
  assert.deepEqual(deprecationHeaders('/v1/sessions', [old]), {})
  for (const { path, since, sunset } of DEPRECATED) {
    const days = (Date.parse(sunset) - Date.parse(since)) / 86_400_000
    assert.ok(days >= 90, `${path} goes after ${days} days`)
    assert.ok(String((await ask(path)).headers.sunset).endsWith('GMT'))
  }
  assert.equal((await ask('/v1/sessions')).headers.deprecation, undefined)
  const { deprecated } = JSON.parse((await ask('/.well-known/ipse.json')).body)
  assert.deepEqual(deprecated, DEPRECATED)
})
