/** The parts around the routes: element files, fallback, engine queue, sweeping, and the listening service as a whole. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import WebSocket from 'ws'
import { isOwnPath, sweep } from '../src/index.ts'
import { isServedSdk } from '../src/version.ts'
import { createEngineQueue } from '../src/work/engine-queue.ts'
import { startFixture, systemRandom } from './fixture.ts'
import { createScriptedEngine, scriptedImage } from './scripted-engine.ts'

test('the element is served under an address of its content, with its integrity value', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ipse-web-'))
  try {
    const code = 'export const check = 1\n'
    writeFileSync(join(folder, 'ipse-check.js'), code)
    writeFileSync(join(folder, '.secret'), 'x')
    await using fixture = await startFixture({ named: { 'element.dir': folder } })
    const { element } = await fixture.createSession({ purpose: 'liveness' })
    assert.equal(element.integrity, `sha384-${createHash('sha384').update(code).digest('base64')}`)
    const file = await fixture.call('GET', new URL(element.url).pathname, undefined, { authorization: '' })
    assert.deepEqual([file.status, file.body], [200, code])
    assert.match(String(file.headers['cache-control']), /immutable/)
    assert.equal(file.headers['access-control-allow-origin'], '*')
    assert.equal(file.headers['cross-origin-resource-policy'], 'cross-origin')
    assert.match(String(file.headers['content-type']), /javascript/)
    const plain = await fixture.call('GET', '/web/ipse-check.js')
    assert.match(String(plain.headers['cache-control']), /no-cache/)
    for (const path of ['/web/.secret', '/web/..%2f..%2fetc%2fpasswd', '/web/', '/web/none.js'])
      assert.ok([403, 404, 400].includes((await fixture.call('GET', path)).status), path)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('an element that was not built is said so, in the log and in the answer', async () => {
  await using fixture = await startFixture({ named: { 'element.dir': '/nowhere' } })
  const { status, body } = await fixture.call('GET', '/web/ipse-check.js')
  assert.deepEqual([status, body.code], [404, 'not_found'])
  assert.match(body.detail, /npm run build/)
  assert.match(fixture.log(), /npm run build/)
})

test('paths that are not ours go to the fallback with body and all, ours never do', async () => {
  const seen: string[] = []
  await using fixture = await startFixture({
    more: {
      fallback: async (request, reply) => {
        let body = ''
        for await (const chunk of request) body += String(chunk)
        seen.push(`${request.method} ${request.url} ${body}`)
        reply.writeHead(201, { 'content-type': 'text/plain' }).end('site')
      },
    },
  })
  const address = fixture.socketUrl.replace('ws', 'http').replace('/c/v1/capture', '')
  const reply = await fetch(`${address}/api/sign-in?x=1`, { method: 'POST', body: 'hello' })
  assert.deepEqual(
    [reply.status, await reply.text(), reply.headers.get('content-security-policy')],
    [201, 'site', null],
  )
  assert.deepEqual(seen, ['POST /api/sign-in?x=1 hello'])
  assert.equal((await fetch(`${address}/v1/nothing`)).status, 404)
  assert.equal((await fetch(`${address}/healthz`)).status, 200)
  assert.equal(seen.length, 1)
})

test('a WebSocket opens at the capture address only, and none of them holds up the end of the service', async () => {
  const fixture = await startFixture({ more: { fallback: (_request, reply) => reply.writeHead(200).end() } })
  for (const path of ['/', '/site', '/healthz?token=query', '/v1/sessions', '/c/v1/other']) {
    const socket = new WebSocket(fixture.socketUrl.replace('/c/v1/capture', path))
    const status = await new Promise((resolve) => {
      socket.on('unexpected-response', (_request, response) => resolve(response.statusCode))
      socket.on('open', () => resolve('open'))
      socket.on('error', () => resolve('error'))
    })
    assert.equal(status, 404, path)
  }
  const { status, body } = await fixture.call('GET', '/c/v1/capture')
  assert.deepEqual([status, body.code], [400, 'invalid_request'])
  const open = new WebSocket(fixture.socketUrl)
  await new Promise((resolve) => open.on('open', resolve))
  await fixture[Symbol.asyncDispose]()
  assert.ok(!fixture.log().includes('query'))
})

test('what belongs to Ipse', () => {
  for (const path of [
    '/v1',
    '/v1/sessions?x',
    '/c/v1/capture',
    '/web/x.js',
    '/.well-known/jwks.json',
    '/healthz',
    '/metrics?x',
    '/openapi.json',
  ])
    assert.ok(isOwnPath(path), path)
  for (const path of ['/', '/v1x', '/v2', '/healthz/x', '/website', '/sim/a.jpg', '/account'])
    assert.ok(!isOwnPath(path), path)
})

test('the queue to the engine is bounded, keeps its order and its deadline', async () => {
  const engine = createScriptedEngine()
  const gates: (() => void)[] = []
  engine.before = () => new Promise((resolve) => gates.push(resolve))
  const queue = createEngineQueue(engine, { concurrency: 1, queueLimit: 1, deadlineMs: 100 })
  const first = queue.measure(scriptedImage({ yaw: 1 }))
  const second = queue.measure(scriptedImage({ yaw: 2 }))
  await assert.rejects(queue.measure(scriptedImage({})), { code: 'engine_unavailable' })
  assert.equal(queue.depth, 2)
  gates.shift()?.()
  assert.equal((await first).mesh?.pose.yawDeg, 1)
  await assert.rejects(second, { code: 'assessment_timeout' })
  gates.shift()?.()
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(queue.depth, 0, 'a late measurement gives its place back')
})

test('sweeping ends what is overdue and deletes what was kept long enough', async () => {
  await using fixture = await startFixture({ named: { 'retention.sessionDays': '1' } })
  const session = await fixture.createSession({ purpose: 'liveness' })
  const deps = { store: fixture.store, clock: fixture.clock, random: systemRandom, keys: fixture.keys }
  assert.equal((await sweep(deps, fixture.settings)).expired, 0)
  fixture.clock.advance(600_000)
  assert.equal((await sweep(deps, fixture.settings)).expired, 1)
  assert.equal((await fixture.readSession(session.id)).state, 'expired')
  fixture.clock.advance(86_400_000)
  assert.deepEqual((await sweep(deps, fixture.settings)).swept, { session: 1 })
  assert.equal((await fixture.call('GET', `/v1/sessions/${session.id}`)).status, 404)
  const events = (await fixture.store.listAudit('shop', 99)).map(({ event }) => event)
  assert.ok(events.includes('session.expired'))
})

test('SDK versions are compared as numbers', () => {
  for (const sdk of ['ipse-web/0.1.0', 'ipse-web/0.10.0', 'ipse-web/1.0.0', 'x/0.1.1'])
    assert.ok(isServedSdk(sdk), sdk)
  for (const sdk of [
    'ipse-web/0.0.9',
    'ipse-web',
    'ipse-web/1',
    'IPSE/1.0.0',
    'a/1.0.0\n',
    `${'a'.repeat(40)}/1.0.0`,
  ])
    assert.ok(!isServedSdk(sdk), sdk)
})
