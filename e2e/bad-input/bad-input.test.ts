/** Tries every case of the table at the running service and at the command. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Problem } from '@ipse/protocol'
import { CAPTURE_PATH } from '@ipse/protocol'
import { WebSocket } from 'ws'
import { ipse, type Service, startService } from '../service.ts'
import { COMMANDS, REST, SOCKET } from './cases.ts'

let service: Service
before(async () => {
  service = await startService()
})
after(() => service?.[Symbol.asyncDispose]())

for (const { tried, method, path, body, headers = {}, anonymous = false, code } of REST) {
  test(`REST: ${tried} → ${code}`, async () => {
    const response = await fetch(service.url + path, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(anonymous ? {} : { authorization: `Bearer ${service.apiKey}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const problem = (await response.json()) as Problem
    assert.equal(problem.code, code, JSON.stringify(problem))
    assert.equal(response.status, problem.status)
    assert.match(response.headers.get('content-type') ?? '', /^application\/problem\+json/)
    assert.equal(response.headers.get('x-request-id'), problem.requestId)
    assert.ok(problem.advice.length > 0)
  })
}

for (const { tried, send, code } of SOCKET) {
  test(`WebSocket: ${tried} → ${code}`, async () => {
    const socket = new WebSocket(service.url.replace('http', 'ws') + CAPTURE_PATH, { origin: service.url })
    const messages: { type: string; code?: string }[] = []
    const ended = new Promise((resolve) => socket.once('close', resolve))
    socket.on('error', () => {})
    socket.on('message', (data) => {
      messages.push(JSON.parse(String(data)))
      if (messages.length === 1) for (const message of send) socket.send(message)
    })
    await ended
    assert.deepEqual(
      messages.map(({ type }) => type),
      ['welcome', 'error'],
    )
    assert.equal(messages[1]?.code, code)
  })
}

for (const { tried, args, exit, says } of COMMANDS) {
  test(`command: ${tried} → exit code ${exit}`, async () => {
    const { code, stdout, stderr } = await ipse(...args)
    assert.equal(code, exit, stderr)
    assert.equal(stdout, '')
    assert.match(stderr, says)
  })
}

test('after all of it the service is well', async () => {
  assert.equal((await fetch(`${service.url}/healthz`)).status, 200)
  assert.doesNotMatch(service.output(), /internal|TypeError|unhandled/i)
})
