/** What somebody who writes a client of his own may try on the wire, and what comes back: few codes, and never a pass. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type CreatedSession,
  createDeviceKey,
  createProof,
  type Start,
  type StepMessage,
  toBase64url,
} from '@ipse/protocol'
import { CAMERA_FACTS, CaptureClient, type ClientOptions, runCapture } from './capture-client.ts'
import { createPerson, type Fixture, PUBLIC_URL, startFixture, systemClock } from './fixture.ts'
import { scriptedImage } from './scripted-engine.ts'

const liveness = { purpose: 'liveness' } as const
let noise = 0
const picture = () => scriptedImage({ noise: noise++ })

function optionsFor(
  fixture: Fixture,
  session: CreatedSession,
  change: Partial<ClientOptions> = {},
): ClientOptions {
  return {
    socketUrl: fixture.socketUrl,
    captureUrl: session.captureUrl,
    captureToken: session.captureToken,
    origin: PUBLIC_URL,
    now: () => fixture.clock.now() / 1000,
    ...change,
  }
}

/** What the service says last before it hangs up: the code of an error, or the outcome. */
async function lastWord(client: CaptureClient): Promise<string> {
  let word = 'nothing'
  for (;;) {
    const received = await client.next()
    if (!received) return word
    const { message } = received
    if (message.type === 'error') word = message.code
    if (message.type === 'outcome') word = message.outcome
  }
}

/** A client that has come as far as the first step. */
async function begun(fixture: Fixture, session: CreatedSession) {
  const client = await CaptureClient.connect(optionsFor(fixture, session))
  await client.hello()
  const start = await client.expect('start')
  await client.open(start)
  await client.record('facts', CAMERA_FACTS)
  const received = await client.next()
  assert.equal(received?.message.type, 'step')
  return { client, start, step: received?.message as StepMessage, text: received?.text ?? '' }
}

const frameHeader = (frame: number, step = 0) => ({
  frame,
  capturedUs: frame * 1000 + 1,
  step,
  width: 640,
  height: 480,
})

/** The token with the first letter of its signature changed. */
function altered(token: string): string {
  const [header, payload, signature = ''] = token.split('.')
  return [header, payload, (signature[0] === 'A' ? 'B' : 'A') + signature.slice(1)].join('.')
}

async function stateOf(fixture: Fixture, session: CreatedSession) {
  const { state, attempts, attemptsLeft, decision } = await fixture.readSession(session.id)
  return { state, attempts: attempts.length, attemptsLeft, decision }
}

test('a hello that is not right is refused with one code, and uses up no attempt', async (t) => {
  await using fixture = await startFixture()
  const session = await fixture.createSession(liveness)
  const other = await fixture.createSession(liveness)
  const refused = async (
    change: Parameters<CaptureClient['hello']>[0],
    options: Partial<ClientOptions> = {},
  ) => {
    const client = await CaptureClient.connect(optionsFor(fixture, session, options))
    await client.hello(change)
    const word = await lastWord(client)
    assert.equal(client.closeCode, 4400)
    return word
  }
  const cases: Record<string, () => Promise<string>> = {
    'another nonce': () => refused({ nonce: 'A'.repeat(22) }),
    'another address': () => refused({ htu: 'https://evil.test/c/v1/capture' }),
    'a proof from the past': () => refused({ iat: fixture.clock.now() / 1000 - 86_401 }),
    'a proof from the future': () => refused({ iat: fixture.clock.now() / 1000 + 86_401 }),
    'another origin': () => refused({}, { origin: 'https://evil.test' }),
    'no origin': () => refused({}, { origin: undefined }),
    'a longer origin': () => refused({}, { origin: `${PUBLIC_URL}.evil.test` }),
    'a token that was altered': () => refused({}, { captureToken: altered(session.captureToken) }),
    'a token with a space': () => refused({}, { captureToken: `${session.captureToken} ` }),
    'two tokens mixed': () =>
      refused(
        {},
        {
          captureToken: [
            ...other.captureToken.split('.').slice(0, 2),
            session.captureToken.split('.')[2],
          ].join('.'),
        },
      ),
    'a token without signature': () =>
      refused(
        {},
        {
          captureToken: `${toBase64url(Buffer.from('{"alg":"none","typ":"ipse-capture+jwt"}'))}.${session.captureToken.split('.')[1]}.AA`,
        },
      ),
    'no token': () => refused({}, { captureToken: '' }),
  }
  for (const [title, run] of Object.entries(cases))
    await t.test(title, async () => assert.equal(await run(), 'session_token_invalid'))
  await t.test('an old SDK and another protocol', async () => {
    assert.equal(await refused({ sdk: 'ipse-web/0.0.9' }), 'unsupported_version')
    assert.equal(await refused({ sdk: '<script>' }), 'unsupported_version')
    assert.equal(await refused({ protocol: 'ipse-capture/1' }), 'unsupported_version')
  })
  assert.deepEqual(await stateOf(fixture, session), {
    state: 'created',
    attempts: 0,
    attemptsLeft: 3,
    decision: undefined,
  })
  const audit = await fixture.store.listAudit('shop', 100)
  assert.ok(
    audit.some(({ event, error }) => event === 'capture.refused' && error === 'session_token_invalid'),
  )
})

test('a proof from a device whose clock is a day off is taken: the nonce says that it is new', async () => {
  await using fixture = await startFixture()
  for (const skewS of [-86_400, 86_400]) {
    const session = await fixture.createSession(liveness)
    const client = await CaptureClient.connect(optionsFor(fixture, session))
    await client.hello({ iat: fixture.clock.now() / 1000 + skewS })
    await client.expect('start')
    client.close()
  }
})

test('a hello cannot be sent again on another socket, and nothing but a hello comes first', async () => {
  await using fixture = await startFixture()
  const session = await fixture.createSession(liveness)
  const first = await CaptureClient.connect(optionsFor(fixture, session))
  const { nonce } = await first.expect('welcome')
  const proof = await createProof(first.pair, {
    htm: 'GET',
    htu: session.captureUrl.replace(/^ws/, 'http'),
    nonce,
    token: session.captureToken,
    iat: fixture.clock.now() / 1000,
  })
  const hello = {
    type: 'hello',
    protocol: 'ipse-capture/3',
    token: session.captureToken,
    proof,
    sdk: 'ipse-test/0.1.0',
  }
  const second = await CaptureClient.connect(optionsFor(fixture, session))
  await second.expect('welcome')
  second.sendJson(hello)
  assert.equal(await lastWord(second), 'session_token_invalid')
  first.sendJson({ ...hello, admin: true })
  assert.equal(await lastWord(first), 'session_token_invalid')
  for (const message of ['{', '[]', '"x"', '{"type":"open"}']) {
    const client = await CaptureClient.connect(optionsFor(fixture, session))
    await client.expect('welcome')
    client.sendBytes(new TextEncoder().encode(message))
    assert.equal(await lastWord(client), 'session_token_invalid')
  }
})

test('a second key is refused for good, also in a race', async () => {
  await using fixture = await startFixture()
  const session = await fixture.createSession(liveness)
  const { client } = await begun(fixture, session)
  client.close()
  await lastWord(client)
  const thief = await CaptureClient.connect(optionsFor(fixture, session))
  await thief.hello()
  assert.equal(await lastWord(thief), 'session_token_invalid')

  const contested = await fixture.createSession(liveness)
  const racers = await Promise.all([1, 2, 3].map(() => CaptureClient.connect(optionsFor(fixture, contested))))
  await Promise.all(racers.map((racer) => racer.hello()))
  const started = await Promise.all(
    racers.map(async (racer) => {
      const received = await racer.next()
      return received?.message.type
    }),
  )
  assert.equal(started.filter((type) => type === 'start').length, 1, started.join())
  for (const racer of racers) racer.close()
})

test('a session has one socket at a time', async () => {
  await using fixture = await startFixture()
  const session = await fixture.createSession(liveness)
  const pair = await createDeviceKey()
  const first = await CaptureClient.connect(optionsFor(fixture, session, { pair }))
  await first.hello()
  await first.expect('start')
  const second = await CaptureClient.connect(optionsFor(fixture, session, { pair }))
  await second.hello()
  assert.equal(await lastWord(second), 'session_wrong_state')
  first.close()
})

test('a capture that does not keep to the protocol ends as challenge_mismatch and costs the attempt', async (t) => {
  await using fixture = await startFixture()
  type Begun = Awaited<ReturnType<typeof begun>>
  const cases: Record<string, (begun: Begun) => Promise<void>> = {
    'a frame before the step was seen': ({ client }) => client.record('frame', frameHeader(0), picture()),
    'a frame of a step to come': async ({ client, step, text }) => {
      await client.seen(step, text)
      await client.record('frame', frameHeader(0, 1), picture())
    },
    'seen for a step that was not shown': ({ client, step, text }) =>
      client.seen({ ...step, index: 1 }, text),
    'seen with another text': ({ client, step, text }) => client.seen(step, `${text} `),
    'seen twice': async ({ client, step, text }) => {
      await client.seen(step, text)
      await client.seen(step, text)
    },
    'a gap in the frame numbers': async ({ client, step, text }) => {
      await client.seen(step, text)
      await client.record('frame', frameHeader(1), picture())
    },
    'a frame number twice': async ({ client, step, text }) => {
      await client.seen(step, text)
      await client.record('frame', frameHeader(0), picture())
      await client.expect('guide')
      await client.record('frame', frameHeader(0), picture())
    },
    'a record that was left out': async ({ client, step, text }) => {
      await client.seal('seen', { step: step.index, digest: 'A'.repeat(43), shownUs: 1 })
      await client.seen(step, text)
    },
    'a record that comes twice': async ({ client, step, text }) => {
      await client.seen(step, text)
      const sealed = await client.seal('frame', frameHeader(0), picture())
      client.sendBytes(sealed)
      client.sendBytes(sealed)
    },
    'two records in the wrong order': async ({ client, step, text }) => {
      await client.seen(step, text)
      const [a, b] = [
        await client.seal('frame', frameHeader(0), picture()),
        await client.seal('frame', frameHeader(1), picture()),
      ]
      client.sendBytes(b)
      client.sendBytes(a)
    },
    'a record with one bit changed': async ({ client, step, text }) => {
      await client.seen(step, text)
      const sealed = await client.seal('frame', frameHeader(0), picture())
      sealed[20] = (sealed[20] ?? 0) ^ 1
      client.sendBytes(sealed)
    },
    'a chain that was edited': async ({ client }) => {
      const digest = 'A'.repeat(43)
      client.sendBytes(await client.seal('seen', { step: 0, digest, shownUs: 1 }, undefined, digest))
    },
    'bytes that were never sealed': async ({ client }) => client.sendBytes(new Uint8Array(200)),
    'nothing at all, as bytes': async ({ client }) => client.sendBytes(new Uint8Array(0)),
    'text in the middle': async ({ client }) => client.sendJson({ type: 'finish' }),
    'facts twice': ({ client }) => client.record('facts', CAMERA_FACTS),
    'submit before the steps': ({ client }) => client.submit(),
    'a frame that is no JPEG': async ({ client, step, text }) => {
      await client.seen(step, text)
      await client.record('frame', frameHeader(0), new TextEncoder().encode('<svg/>'))
    },
    'a JPEG that cannot be decoded': async ({ client, step, text }) => {
      await client.seen(step, text)
      await client.record('frame', frameHeader(0), new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 1]))
    },
    'a frame header with a member too many': async ({ client, step, text }) => {
      await client.seen(step, text)
      const header = { ...frameHeader(0), accept: true }
      await client.record('frame', header, picture())
    },
    'many more frames a second than asked': async ({ client, step, text }) => {
      await client.seen(step, text)
      for (let i = 0; i < 32; i++) {
        if (i > 0) await client.expect('guide')
        await client.record('frame', frameHeader(i), scriptedImage({ faces: 0, noise: i }))
      }
    },
    'more frames at once than allowed': async ({ client, step, text }) => {
      await client.seen(step, text)
      fixture.engine.before = () => new Promise((resolve) => setTimeout(resolve, 20))
      for (let i = 0; i < 40; i++) await client.record('frame', frameHeader(i), picture())
    },
  }
  for (const [title, attack] of Object.entries(cases))
    await t.test(title, async () => {
      fixture.engine.before = () => {}
      const session = await fixture.createSession(liveness)
      const found = await begun(fixture, session)
      await attack(found)
      assert.equal(await lastWord(found.client), 'challenge_mismatch')
      assert.equal(found.client.closeCode, 4400)
      assert.deepEqual(await stateOf(fixture, session), {
        state: 'bound',
        attempts: 1,
        attemptsLeft: 2,
        decision: undefined,
      })
    })
})

test('an oversized message closes the socket and costs the attempt', async () => {
  await using fixture = await startFixture({ named: { 'capture.maxFrameBytes': '20000' } })
  for (const size of [20_001, 3_000_000]) {
    const session = await fixture.createSession(liveness)
    const { client, step, text } = await begun(fixture, session)
    await client.seen(step, text)
    const jpeg = new Uint8Array(size)
    jpeg.set([0xff, 0xd8, 0xff])
    await client.record('frame', frameHeader(0), jpeg)
    assert.notEqual(await lastWord(client), 'pass')
    await assert.doesNotReject(waitFor(async () => (await stateOf(fixture, session)).state === 'bound'))
  }
  const session = await fixture.createSession(liveness)
  const client = await CaptureClient.connect(optionsFor(fixture, session))
  await client.expect('welcome')
  client.sendJson({ type: 'hello', token: 'x'.repeat(20_000) })
  assert.notEqual(await lastWord(client), 'pass')
})

/** Waits for what the server does after the socket has closed. */
async function waitFor(condition: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 200; i++) {
    if (await condition()) return
    await new Promise((resolve) => setImmediate(resolve))
  }
  throw new Error('it did not happen')
}

test('opening with a point that is none, or not at all, ends the attempt', async () => {
  await using fixture = await startFixture({ named: { 'capture.helloLimitMs': '60' } })
  const opens: ((client: CaptureClient, start: Start) => void)[] = [
    (client) => client.sendJson({ type: 'open', enc: toBase64url(new Uint8Array(65).fill(4)) }),
    (client) => client.sendJson({ type: 'open', enc: 'AAAA' }),
    (client) => client.sendJson({ type: 'open' }),
    (client) => client.sendBytes(new Uint8Array(65)),
  ]
  for (const open of opens) {
    const session = await fixture.createSession(liveness)
    const client = await CaptureClient.connect(optionsFor(fixture, session))
    await client.hello()
    open(client, await client.expect('start'))
    assert.equal(await lastWord(client), 'challenge_mismatch')
  }
})

test('a signature of another key, or over another digest, is no submit', async () => {
  await using fixture = await startFixture()
  const spoils: ((client: CaptureClient) => Promise<void>)[] = [
    async (client) => {
      const digest = toBase64url(client.transcript?.head ?? new Uint8Array(32))
      await client.record('submit', { digest, signature: toBase64url(new Uint8Array(64).fill(1)) })
    },
    async (client) => {
      await client.record('submit', {
        digest: 'A'.repeat(43),
        signature: toBase64url(new Uint8Array(64).fill(1)),
      })
    },
  ]
  for (const spoil of spoils) {
    const session = await fixture.createSession(liveness)
    const result = await fixture.capture(session, createPerson(fixture.clock), { interfere: spoil })
    assert.equal(result.error, 'challenge_mismatch')
    assert.equal((await stateOf(fixture, session)).state, 'bound')
  }
})

test('a transcript that was seen before is not accepted', async () => {
  await using fixture = await startFixture()
  const session = await fixture.createSession(liveness)
  const result = await fixture.capture(session, createPerson(fixture.clock), {
    interfere: async (client) => {
      const digest = toBase64url(client.transcript?.head ?? new Uint8Array(32))
      await fixture.store.useOnce('transcript', digest, fixture.clock.now() + 1e6)
    },
  })
  assert.equal(result.error, 'capture_already_received')
  assert.equal((await stateOf(fixture, session)).state, 'bound')
})

test('a token opens nothing once its session has ended, was cancelled, expired or erased', async () => {
  await using fixture = await startFixture()
  const pair = await createDeviceKey()
  const word = async (session: CreatedSession) => {
    const client = await CaptureClient.connect(optionsFor(fixture, session, { pair }))
    await client.hello()
    return lastWord(client)
  }
  const passed = await fixture.createSession(liveness)
  const { outcome } = await fixture.capture(passed, createPerson(fixture.clock), { pair })
  assert.equal(outcome?.outcome, 'pass')
  assert.equal(await word(passed), 'capture_already_received')

  const cancelled = await fixture.createSession(liveness)
  await fixture.call('POST', `/v1/sessions/${cancelled.id}/cancel`)
  assert.equal(await word(cancelled), 'session_wrong_state')

  const erased = await fixture.createSession({ ...liveness, subject: 'anna' })
  await fixture.call('DELETE', '/v1/subjects/anna')
  assert.equal(await word(erased), 'session_token_invalid')

  const expired = await fixture.createSession({ ...liveness, ttlSeconds: 30 })
  fixture.clock.advance(30_000)
  assert.equal(await word(expired), 'session_expired')
})

test('a capture that outlives its session expires', async () => {
  await using fixture = await startFixture()
  const session = await fixture.createSession({ ...liveness, ttlSeconds: 30 })
  const camera = createPerson(fixture.clock)
  let shots = 0
  const slow = {
    ...camera,
    frame: () => {
      if (shots++ === 5) fixture.clock.advance(30_000)
      return camera.frame()
    },
  }
  const { error } = await fixture.capture(session, slow)
  assert.equal(error, 'session_expired')
})

test('cancelling during a capture wins over its end', async () => {
  await using fixture = await startFixture()
  const session = await fixture.createSession(liveness)
  const result = await fixture.capture(session, createPerson(fixture.clock), {
    interfere: async () => {
      await fixture.call('POST', `/v1/sessions/${session.id}/cancel`)
    },
  })
  assert.equal(result.error, 'session_wrong_state')
  const { state, receipt } = await fixture.readSession(session.id)
  assert.deepEqual([state, receipt], ['cancelled', undefined])
})

test('silence, a late submit and hanging up cost the attempt; the third time the session fails with a receipt', async () => {
  const limits = { 'capture.helloLimitMs': '60', 'capture.idleLimitMs': '60', 'capture.submitLimitMs': '60' }
  await using fixture = await startFixture({ named: limits, clock: systemClock })
  const session = await fixture.createSession(liveness)
  const pair = await createDeviceKey()
  const options = optionsFor(fixture, session, { pair })

  const silent = await CaptureClient.connect(options)
  await silent.hello()
  await silent.open(await silent.expect('start'))
  assert.equal(await lastWord(silent), 'capture_incomplete')

  const idle = await CaptureClient.connect(options)
  await idle.hello()
  await idle.open(await idle.expect('start'))
  await idle.record('facts', CAMERA_FACTS)
  assert.equal(await lastWord(idle), 'capture_incomplete')

  const gone = await CaptureClient.connect(options)
  await gone.hello()
  await gone.expect('start')
  gone.close()
  await lastWord(gone)
  await waitFor(async () => (await stateOf(fixture, session)).state === 'failed')
  const ended = await fixture.readSession(session.id)
  assert.equal(ended.decision, 'reject')
  assert.deepEqual(ended.reasons, ['capture_incomplete', 'attempts_exhausted'])
  assert.ok(ended.receipt)
})

test('no answer within the step limit is a retry, and out of attempts a fail', async () => {
  await using fixture = await startFixture()
  const session = await fixture.createSession({ ...liveness, maxAttempts: 2 })
  const pair = await createDeviceKey()
  const still = () => createPerson(fixture.clock, { answer: () => ({}) })
  const first = await fixture.capture(session, still(), { pair })
  assert.deepEqual(
    [first.outcome?.outcome, first.outcome?.attemptsLeft, /^(turn|look)-/.test(first.outcome?.hint ?? '')],
    ['retry', 1, true],
  )
  assert.equal((await fixture.readSession(session.id)).receipt, undefined)
  const second = await fixture.capture(session, still(), { pair })
  assert.deepEqual([second.outcome?.outcome, second.outcome?.attemptsLeft], ['fail', 0])
  const { decision, reasons, state } = await fixture.readSession(session.id)
  assert.deepEqual([state, decision, reasons.at(-1)], ['failed', 'reject', 'attempts_exhausted'])
})

test('the steps of a running challenge are not shown to anybody', async () => {
  await using fixture = await startFixture()
  const session = await fixture.createSession(liveness)
  const { client } = await begun(fixture, session)
  assert.deepEqual((await fixture.readSession(session.id)).attempts[0]?.asked, [])
  client.close()
  await lastWord(client)
  await waitFor(async () => (await stateOf(fixture, session)).state === 'bound')
  assert.equal((await fixture.readSession(session.id)).attempts[0]?.asked.length, 1)
})

test('an allowed origin may run the capture', async () => {
  await using fixture = await startFixture()
  const origin = 'https://shop.test'
  const session = await fixture.createSession({ ...liveness, allowedOrigins: [origin] })
  const options = optionsFor(fixture, session, { origin })
  const { outcome } = await runCapture({ ...options, camera: createPerson(fixture.clock) })
  assert.equal(outcome?.outcome, 'pass')
})
