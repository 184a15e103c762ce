/**
 * The network between a capture device and the service fails at each step of a capture, in five ways: the session can be gone on
 * with or has ended, nothing is decided twice, and nothing of the broken connection is left behind.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { type CreatedSession, createDeviceKey, isTerminal } from '@ipse/protocol'
import { POLICIES } from '../src/index.ts'
import { CaptureClient, runCapture } from './capture-client.ts'
import { BRIEF } from './cluster-node.ts'
import { createPerson, type Fixture, PUBLIC_URL, startFixture } from './fixture.ts'
import { type FaultProxy, startFaultProxy } from './network-fault-proxy.ts'

const WISH = { purpose: 'liveness', policy: 'brief' } as const
/** By the clock of the service, which stands unless a picture is taken: silence ends when the test says so. Milliseconds. */
const SILENCE_MS = 400
/** A busy machine may stand still for long. */
const LOOKS = 600
const LOOK_MS = 50

/** Messages of the device before which the network fails, by their number; the end of a capture has no fixed one. */
const MOMENTS = {
  hello: 0,
  open: 1,
  facts: 2,
  seen: 3,
  'first frame': 4,
  'later frame': 8,
  submit: 'submit',
  outcome: 'outcome',
} as const
type Moment = keyof typeof MOMENTS

const FAULTS = {
  reset: (proxy: FaultProxy) => proxy.reset(),
  stall: (proxy: FaultProxy) => proxy.stall(),
  'half-open': (proxy: FaultProxy) => proxy.halfOpen(),
  'truncated frame': (proxy: FaultProxy) => proxy.truncate(),
} as const

let fixture: Fixture
let proxy: FaultProxy
before(async () => {
  fixture = await startFixture({
    named: {
      'capture.helloLimitMs': String(SILENCE_MS),
      'capture.idleLimitMs': String(SILENCE_MS),
      'capture.submitLimitMs': String(SILENCE_MS),
    },
    more: { policies: { ...POLICIES, brief: BRIEF } },
  })
  proxy = await startFaultProxy({ host: '127.0.0.1', port: Number(new URL(fixture.socketUrl).port) })
})
after(async () => {
  await proxy[Symbol.asyncDispose]()
  await fixture[Symbol.asyncDispose]()
})

async function until(
  what: string,
  holds: () => Promise<boolean>,
  goOn: () => void = () => {},
): Promise<void> {
  for (let look = 0; look < LOOKS; look++) {
    if (await holds()) return
    goOn()
    await pause(LOOK_MS)
  }
  assert.fail(`never: ${what}`)
}

const depth = async () => {
  const reply = await fixture.app.inject({ method: 'GET', url: '/metrics' })
  return Number(/^ipse_engine_queue_images (\d+)$/m.exec(reply.body)?.[1])
}
const sockets = () =>
  new Promise<number>((resolve) => fixture.app.server.getConnections((_, count) => resolve(count)))

/** A capture over the failing network. */
function capture(
  session: CreatedSession,
  pair: Awaited<ReturnType<typeof createDeviceKey>>,
  wire: (message: string | Uint8Array, moment: Moment | undefined) => readonly (string | Uint8Array)[],
) {
  let sent = 0
  let submits = false
  return runCapture({
    socketUrl: `ws://127.0.0.1:${proxy.port}/c/v1/capture`,
    captureUrl: session.captureUrl,
    captureToken: session.captureToken,
    origin: PUBLIC_URL,
    pair,
    now: () => fixture.clock.now() / 1000,
    camera: createPerson(fixture.clock),
    onSubmit: () => {
      submits = true
    },
    alter: {
      wire(message) {
        const number = submits ? 'submit' : sent++
        const moment = (Object.keys(MOMENTS) as Moment[]).find((name) => MOMENTS[name] === number)
        return wire(message, moment)
      },
    },
    // What a client cannot send any more is no fault of the service.
  }).catch(() => undefined)
}

/** What the store has of the session once nothing is under way any more. */
async function settled(id: string): Promise<string> {
  let state = ''
  const still = async () => {
    state = (await fixture.store.findSession('shop', id))?.state ?? ''
    return (state === 'created' || state === 'bound' || isTerminal(state as 'bound')) && (await depth()) === 0
  }
  await until('the session comes to rest', still, () => fixture.clock.advance(100))
  return state
}

/** One decision, an end for every attempt, and nothing open. */
async function assertOnce({ id }: CreatedSession): Promise<void> {
  const trail = await fixture.store.listSessionAudit('shop', id, 100)
  const count = (event: string) => trail.filter((entry) => entry.event === event).length
  assert.equal(trail.filter(({ decision }) => decision === 'accept').length, 1, 'decided once')
  assert.equal(count('capture.challenged'), count('capture.decided') + count('capture.abandoned'))
  const session = await fixture.readSession(id)
  assert.equal(session.state, 'passed')
  assert.equal(session.attempts.length, count('capture.challenged'))
  assert.ok(session.attempts.every(({ endedAt }) => endedAt !== undefined))
  await until('the sockets are gone', async () => (await sockets()) === 0 && proxy.connections === 0)
  assert.equal(fixture.app.websocketServer.clients.size, 0)
  assert.equal(await depth(), 0)
}

/** Once all is sent, the device sends nothing that could be cut in half or doubled. */
const SENDING: readonly Moment[] = (Object.keys(MOMENTS) as Moment[]).filter((moment) => moment !== 'outcome')

for (const moment of Object.keys(MOMENTS) as Moment[])
  for (const [fault, fail] of Object.entries(FAULTS)) {
    if (fault === 'truncated frame' && !SENDING.includes(moment)) continue
    test(`${fault} at ${moment}`, async () => {
      const session = await fixture.createSession(WISH)
      const pair = await createDeviceKey()
      let failed = false
      const broken = capture(session, pair, (message, reached) => {
        if (moment === 'outcome' && reached === 'submit') {
          proxy.muteServer()
          failed = true
        } else if (reached === moment && !failed) {
          failed = true
          fail(proxy)
        }
        return [message]
      })
      if (moment === 'outcome') {
        const { store } = fixture
        await until(
          'the decision',
          async () => (await store.findSession('shop', session.id))?.state === 'passed',
        )
        fail(proxy)
      }
      await until('the fault', async () => failed)
      const state = await settled(session.id)
      proxy.heal()
      proxy.reset()
      await broken
      assert.equal(state, moment === 'outcome' ? 'passed' : moment === 'hello' ? 'created' : 'bound')
      const again = await capture(session, pair, (message) => [message])
      if (moment === 'outcome') assert.equal(again?.error, 'capture_already_received')
      else assert.equal(again?.outcome?.outcome, 'pass')
      await assertOnce(session)
    })
  }

for (const moment of SENDING)
  test(`everything from ${moment} on arrives twice`, async () => {
    const session = await fixture.createSession(WISH)
    const pair = await createDeviceKey()
    let doubles = false
    const result = await capture(session, pair, (message, reached) => {
      doubles ||= reached === moment
      return doubles ? [message, message] : [message]
    })
    const state = await settled(session.id)
    // Behind the signed end nothing is read; before it every record has its place in the chain.
    assert.equal(state, moment === 'submit' ? 'passed' : 'bound')
    assert.equal(result?.outcome?.outcome, moment === 'submit' ? 'pass' : undefined)
    if (state === 'bound') {
      const again = await capture(session, pair, (message) => [message])
      assert.equal(again?.outcome?.outcome, 'pass')
    }
    await assertOnce(session)
  })

test('a node that is stopped ends its captures first: another one goes on with the session', async () => {
  await using stopped = await startFixture({ more: { policies: { ...POLICIES, brief: BRIEF } } })
  const session = await stopped.createSession(WISH)
  const client = await CaptureClient.connect({
    socketUrl: stopped.socketUrl,
    captureUrl: session.captureUrl,
    captureToken: session.captureToken,
    origin: PUBLIC_URL,
    now: () => stopped.clock.now() / 1000,
  })
  await client.hello()
  await client.expect('start')
  assert.equal((await stopped.store.findSession('shop', session.id))?.state, 'challenged')
  await stopped.app.close()
  assert.equal((await stopped.store.findSession('shop', session.id))?.state, 'bound')
})
