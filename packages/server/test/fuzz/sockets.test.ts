/**
 * Bytes that an HTTP library would never send: framings of which two parsers think differently, and what is no HTTP at all.
 * Behind each ambiguous request waits a second one that is fully entitled to cancel a session; it must never be heard.
 */
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { ERRORS, type Problem } from '@ipse/protocol'
import { type Fixture, startFixture } from '../fixture.ts'
import { createDice, type Dice } from './random.ts'

let fixture: Fixture
let port: number
let session: string
before(async () => {
  fixture = await startFixture()
  port = Number(new URL(fixture.socketUrl).port)
  session = (await fixture.createSession({ purpose: 'liveness' })).id
})
after(() => fixture?.[Symbol.asyncDispose]())

/** A connection that says nothing for so long has had its answer, milliseconds. */
const SILENCE_MS = 150
/** A hang. */
const LIMIT_MS = 20_000

/** Sends bytes as they are and reads until the other side ends or falls silent. */
function exchange(bytes: string | Buffer, silenceMs: number = SILENCE_MS): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    const limit = setTimeout(() => reject(new Error('hangs')), LIMIT_MS)
    let text = ''
    let silence: NodeJS.Timeout | undefined
    const end = () => {
      clearTimeout(limit)
      clearTimeout(silence)
      socket.destroy()
      resolve(text)
    }
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      clearTimeout(silence)
      silence = setTimeout(end, silenceMs)
    })
    socket.on('close', end)
    socket.on('error', end)
    socket.write(bytes)
    // The answer to something incomplete would be long in coming.
    silence = setTimeout(end, 10 * silenceMs)
  })
}

/** The answers in what was read: status and body of each. */
function answers(text: string): { readonly status: number; readonly body: string; readonly head: string }[] {
  return text
    .split(/(?=HTTP\/1\.[01] \d{3})/)
    .filter((part) => part.startsWith('HTTP/'))
    .map((part) => {
      const [head = '', ...rest] = part.split('\r\n\r\n')
      return { status: Number(head.slice(9, 12)), head, body: rest.join('\r\n\r\n') }
    })
}

function assertProblem({ status, head, body }: ReturnType<typeof answers>[number], name: string): void {
  assert.match(head, /content-type: application\/problem\+json/i, `${name}: ${head}`)
  const problem = JSON.parse(body) as Problem
  assert.ok(Object.hasOwn(ERRORS, problem.code), name)
  assert.equal(problem.status, status, name)
}

/** A request that would cancel the session: it has the right to. */
const cancel = () =>
  [
    `POST /v1/sessions/${session}/cancel HTTP/1.1`,
    'Host: ipse.test',
    `Authorization: Bearer ${fixture.apiKey}`,
    'Content-Length: 0',
    'Connection: close',
    '',
    '',
  ].join('\r\n')

const head = (...lines: readonly string[]) =>
  [
    'POST /v1/detections HTTP/1.1',
    'Host: ipse.test',
    `Authorization: Bearer ${fixture.apiKey}`,
    'Content-Type: application/json',
    ...lines,
    '',
    '',
  ].join('\r\n')

/** Framings on which proxies and servers have disagreed; the second request hides in the body of the first. */
const AMBIGUOUS: Readonly<Record<string, () => string>> = {
  'length and chunks': () =>
    `${head(`Content-Length: ${5 + cancel().length}`, 'Transfer-Encoding: chunked')}0\r\n\r\n`,
  'chunks and length': () => `${head('Transfer-Encoding: chunked', 'Content-Length: 5')}0\r\n\r\n`,
  'two lengths': () => head('Content-Length: 0', `Content-Length: ${cancel().length}`),
  'two lengths in one': () => head(`Content-Length: 0, ${cancel().length}`),
  'a length with a sign': () => head('Content-Length: +0'),
  'a length below nothing': () => head('Content-Length: -1'),
  'a length in hexadecimal': () => head('Content-Length: 0x0'),
  'a length with a point': () => head('Content-Length: 0.0'),
  'a length without a number': () => head('Content-Length: '),
  'a length larger than any number': () => head('Content-Length: 99999999999999999999999'),
  'a space before the colon': () => head('Content-Length : 0'),
  'chunks behind a tab': () => `${head('Transfer-Encoding:\tchunked', 'Content-Length: 0')}0\r\n\r\n`,
  'chunks by another name': () => head('Transfer-Encoding: xchunked'),
  'chunks that are not last': () => `${head('Transfer-Encoding: chunked, identity')}0\r\n\r\n`,
  'chunks twice': () => `${head('Transfer-Encoding: chunked', 'Transfer-Encoding: identity')}0\r\n\r\n`,
  'a chunk size that is none': () => `${head('Transfer-Encoding: chunked')}zz\r\n\r\n`,
  'a chunk size below nothing': () => `${head('Transfer-Encoding: chunked')}-1\r\n\r\n`,
  'a chunk size larger than any number': () =>
    `${head('Transfer-Encoding: chunked')}fffffffffffffffffff\r\n\r\n`,
  'a chunk that goes on': () => `${head('Transfer-Encoding: chunked')}1\r\nxx\r\n0\r\n\r\n`,
  'a chunk that ends in a bare line feed': () => `${head('Transfer-Encoding: chunked')}1\r\n{\n0\r\n\r\n`,
  'a header that is folded': () => head('X-A: b', ' Content-Length: 7'),
  'a bare carriage return in a header': () => head('X-A: b\rContent-Length: 7'),
  'nothing in front of a colon': () => head(': x'),
  'a header of no name': () => head('no colon here'),
  'NUL in a header': () => head('X-A: \u0000'),
  'a bare line feed after the request line': () => head('X: y').replace('\r\n', '\n'),
}

/** What is no request at all, or none that is answered. */
const NONSENSE: Readonly<Record<string, () => string | Buffer>> = {
  'HTTP/0.9': () => 'GET /v1/sessions\r\n\r\n',
  'HTTP/3.0': () => 'GET /healthz HTTP/3.0\r\nHost: x\r\n\r\n',
  'the preface of HTTP/2': () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'a TLS greeting': () => Buffer.from('16030100c8010000c40303', 'hex'),
  'no host': () => 'GET /healthz HTTP/1.1\r\n\r\n',
  'no path': () => 'GET  HTTP/1.1\r\nHost: x\r\n\r\n',
  'a method that is none': () => 'G\u0000T / HTTP/1.1\r\nHost: x\r\n\r\n',
  'a space in the path': () => 'GET /health z HTTP/1.1\r\nHost: x\r\n\r\n',
  'a header of ten kilobytes': () => `GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: ${'a'.repeat(10_000)}\r\n\r\n`,
  'three thousand headers': () => `GET /healthz HTTP/1.1\r\nHost: x\r\n${'A: b\r\n'.repeat(3000)}\r\n`,
  'a path of ten kilobytes': () => `GET /${'a'.repeat(10_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
  'an address of another machine': () =>
    'GET http://evil.example/v1/sessions HTTP/1.1\r\nHost: evil.example\r\n\r\n',
  'a tunnel': () => 'CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n',
  'an upgrade to HTTP/2': () =>
    'GET /v1/sessions HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n\r\n',
  'a WebSocket without a key': () =>
    'GET /c/v1/capture HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
}

/** Refused below the application, by Node and by the WebSocket library, in their own words. */
const REFUSED_BELOW = ['no host', 'a WebSocket without a key']

for (const [name, bytes] of Object.entries(AMBIGUOUS))
  test(`framing: ${name}: the request behind it is not heard`, async () => {
    const replies = answers(await exchange(bytes() + cancel()))
    assert.ok(replies.length <= 1, JSON.stringify(replies.map(({ status }) => status)))
    for (const reply of replies) {
      assert.ok(reply.status >= 400 && reply.status < 500, `${reply.status}`)
      assertProblem(reply, name)
    }
    assert.notEqual((await fixture.readSession(session)).state, 'cancelled')
  })

for (const [name, bytes] of Object.entries(NONSENSE))
  test(`no request: ${name}`, async () => {
    for (const reply of answers(await exchange(bytes()))) {
      assert.ok(reply.status >= 400 && reply.status < 500, `${name}: ${reply.status}`)
      if (!REFUSED_BELOW.includes(name)) assertProblem(reply, name)
    }
  })

/** One to four of: a byte other, bytes gone, bytes twice, bytes that were not there. */
function mutated(bytes: Buffer, dice: Dice): Buffer {
  let out = bytes
  for (let times = 1 + dice.below(4); times > 0; times--) {
    const at = dice.below(out.length)
    const some = 1 + dice.below(8)
    const [from, to] = dice.one([
      [at, at + some],
      [at + some, at],
      [at, at],
    ] as const)
    const more = dice.chance(50)
      ? dice.bytes(dice.below(6))
      : Buffer.from(dice.one(['\r\n', '\n', ' ', ':', '\0', '%']))
    out = Buffer.concat([out.subarray(0, from), more, out.subarray(to)])
  }
  return out
}

test('requests with some bytes other, gone, twice or new: each is refused or done, and none harms the next', async () => {
  const dice = createDice(20261121)
  const sound = Buffer.from(`${head('Content-Length: 2', 'X-Request-Id: a')}{}`)
  for (let round = 0; round < 40; round++)
    await Promise.all(
      Array.from({ length: 5 }, async () => {
        const bytes = mutated(sound, dice)
        for (const { status } of answers(await exchange(bytes)))
          assert.ok(status < 500, `${status}: ${JSON.stringify(bytes.toString('latin1'))}`)
      }),
    )
  const { status } = await fixture.call('GET', '/healthz')
  assert.equal(status, 200)
  assert.doesNotMatch(fixture.log(), /"level":[56]0/)
})

test('the second request of an ordinary connection is heard: what the others prove is not their own silence', async () => {
  const replies = answers(await exchange(`${head('Content-Length: 2')}{}${cancel()}`, LIMIT_MS))
  assert.deepEqual(
    replies.map(({ status }) => status),
    [400, 200],
  )
  assert.equal((await fixture.readSession(session)).state, 'cancelled')
})
