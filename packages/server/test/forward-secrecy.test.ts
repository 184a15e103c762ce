/**
 * Forward secrecy: somebody records a capture on its way, and afterwards gets everything that the service has: data folder,
 * store, keyring, the heap of the living process and, where Linux shows it, its whole memory. The recording stays closed.
 */
import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, readSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { type CreatedSession, fromBase64url, parseRecord } from '@ipse/protocol'
import { WebSocket, WebSocketServer } from 'ws'
import { createTellingSealer, type RecordSecret } from '../../protocol/test/telling-sealer.ts'
import { parseKeyring } from '../src/index.ts'
import { openAes256Gcm } from '../src/node-crypto.ts'
import { runCapture } from './capture-client.ts'
import { createPerson, createTestClock, PUBLIC_URL } from './fixture.ts'

interface Ready {
  readonly port: number
  readonly apiKey: string
}

async function startService(folder: string) {
  const child = fork(join(import.meta.dirname, 'forward-secrecy-child.ts'), [folder], {
    execArgv: ['--expose-gc'],
  })
  const [ready] = (await once(child, 'message')) as [Ready]
  return {
    ...ready,
    pid: child.pid ?? 0,
    async ask(message: string): Promise<unknown> {
      const answer = once(child, 'message')
      child.send(message)
      return ((await answer) as [{ answer: unknown }])[0].answer
    },
    async [Symbol.asyncDispose]() {
      child.disconnect()
      await once(child, 'exit')
    },
  }
}

/** A proxy that ends the transport's encryption and keeps a copy of what the device sends. */
async function startRecorder(port: number) {
  const records: Buffer[] = []
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  server.on('connection', (device, { headers }) => {
    const origin = headers.origin === undefined ? {} : { origin: headers.origin }
    const service = new WebSocket(`ws://127.0.0.1:${port}/c/v1/capture`, origin)
    const open = once(service, 'open')
    device.on('message', async (data, binary) => {
      if (binary) records.push(data as Buffer)
      await open
      service.send(data, { binary })
    })
    service.on('message', (data, binary) => device.send(data, { binary }))
    service.on('close', (code) => device.close(code))
    device.on('close', () => service.close())
  })
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    records,
    [Symbol.dispose]: () => server.close(),
  }
}

/** Every way in which bytes lie in files and memory. */
function formsOf(secret: Uint8Array): Buffer[] {
  const raw = Buffer.from(secret)
  const texts = [
    raw.toString('hex'),
    raw.toString('base64').replace(/=+$/, ''),
    raw.toString('base64url'),
    raw.join(','),
  ]
  return [raw, Buffer.from(raw).reverse(), ...texts.map((text) => Buffer.from(text))]
}

const holds = (content: Buffer, secret: Uint8Array) => formsOf(secret).some((form) => content.includes(form))

/** Every part of another process's memory that it may write to; none where the system does not show it. */
function* memoryOf(pid: number): Generator<Buffer> {
  if (process.platform !== 'linux') return
  const memory = openSync(`/proc/${pid}/mem`, 'r')
  try {
    for (const line of readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')) {
      const [, from = '', to = ''] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line) ?? []
      if (from === '') continue
      const content = Buffer.alloc(Number.parseInt(to, 16) - Number.parseInt(from, 16))
      try {
        yield content.subarray(0, readSync(memory, content, 0, content.length, Number.parseInt(from, 16)))
      } catch {
        // A part that the process has given back meanwhile, or that the kernel keeps to itself.
      }
    }
  } finally {
    closeSync(memory)
  }
}

function isInMemory(pid: number, secret: Uint8Array): boolean {
  for (const part of memoryOf(pid)) if (holds(part, secret)) return true
  return false
}

test('what was recorded stays closed to whoever gets all that the service has afterwards', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ipse-forward-'))
  try {
    await using service = await startService(folder)
    using recorder = await startRecorder(service.port)
    const secrets: RecordSecret[] = []
    const reply = await fetch(`http://127.0.0.1:${service.port}/v1/sessions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${service.apiKey}`, 'content-type': 'application/json' },
      body: '{"purpose":"liveness"}',
    })
    const session = (await reply.json()) as CreatedSession
    const clock = createTestClock()
    const person = createPerson(clock)
    let during: { readonly alive: unknown; readonly seen: boolean } | undefined
    const { outcome } = await runCapture({
      ...session,
      socketUrl: recorder.url,
      origin: PUBLIC_URL,
      now: () => clock.now() / 1000,
      camera: {
        onStep: (step, index) => person.onStep?.(step, index),
        async frame() {
          await service.ask('tick')
          return person.frame()
        },
      },
      createSealer: (publicKey, scope) =>
        createTellingSealer(publicKey, scope, (secret) => secrets.push(secret)),
      async interfere() {
        const key = secrets[0]?.key ?? new Uint8Array(32)
        during = { alive: await service.ask('collect'), seen: isInMemory(service.pid, key) }
      },
    })
    assert.equal(outcome?.outcome, 'pass', JSON.stringify(outcome))
    const [first] = secrets
    assert.ok(first)

    // The recording is whole: with the key of the capture, had anybody kept it, every record opens.
    const { records } = recorder
    assert.equal(records.length, secrets.length)
    const kinds = records.map((sealed, index) => {
      const { key, nonce } = secrets[index] ?? first
      return parseRecord(openAes256Gcm(key, nonce, new Uint8Array(), sealed)).kind
    })
    assert.ok(kinds.filter((kind) => kind === 'frame').length > 20)

    // The instruments see the key while it lives.
    assert.equal(during?.alive, 1)
    if (process.platform === 'linux') assert.equal(during.seen, true)

    assert.equal(await service.ask('collect'), 0, 'nothing holds the private key any more')
    await service.ask(`snapshot ${join(folder, 'heap.json')}`)
    const files = readdirSync(folder)
    for (const file of ['ipse.sqlite', 'keyring.json', 'heap.json']) assert.ok(files.includes(file))
    for (const file of files)
      assert.equal(holds(readFileSync(join(folder, file)), first.key), false, `${file} holds the key`)

    // Memory that was given back keeps what was in it until it is written again, so this may take a few rounds.
    let seen = true
    for (let round = 0; round < 10 && seen; round++) {
      await service.ask('collect')
      seen = isInMemory(service.pid, first.key)
    }
    assert.equal(seen, false, 'the memory of the living process holds the key')

    // Nothing in the keyring opens it either, as what it is or as something else.
    const { signing, encryption, pepper, captureToken } = parseKeyring(
      readFileSync(join(folder, 'keyring.json')),
    )
    const stolen = [pepper, captureToken, ...encryption.map(({ secret }) => secret)].map(fromBase64url)
    for (const secret of [...stolen, ...signing.map(({ privateJwk }) => fromBase64url(privateJwk.d ?? ''))])
      assert.throws(() =>
        openAes256Gcm(secret, first.nonce, new Uint8Array(), records[0] ?? Buffer.alloc(99)),
      )
  } finally {
    rmSync(folder, { recursive: true })
  }
})
