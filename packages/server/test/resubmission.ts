/**
 * Accepted captures are sent again, each in eight ways, by somebody who has everything that was on the wire and, in most of
 * them, the device with its key. By itself, with the full count: `node packages/server/test/resubmission.ts [CAPTURES]`
 * (10 000 when absent).
 */
import assert from 'node:assert/strict'
import { type CreatedSession, createDeviceKey } from '@ipse/protocol'
import { POLICIES } from '../src/index.ts'
import { CAMERA_FACTS, CaptureClient, runCapture } from './capture-client.ts'
import { createPerson, type Fixture, PUBLIC_URL, startFixture } from './fixture.ts'

/** Nothing but keeping still, and that not for long: the cheapest capture that is accepted, and the easiest to send again. */
const WISH = { purpose: 'liveness', policy: 'brief' } as const
const { passive } = POLICIES
const BRIEF = {
  ...passive!,
  name: 'brief',
  challenge: { ...passive!.challenge, holdFrames: 12, holdSpread: 0 },
}
/** Connections of one way that comes from everywhere at once. */
const CROWD = 4

/** One accepted capture: who made it, and what was sent. */
interface Taken {
  readonly session: CreatedSession
  readonly pair: Awaited<ReturnType<typeof createDeviceKey>>
  /** Hello, open, then records; the last is the signed end. */
  readonly sent: readonly (string | Uint8Array)[]
  /** T and its signature, base64url. */
  readonly end: { readonly digest: string; readonly signature: string }
}

interface Scene {
  readonly fixture: Fixture
  /** The same service after a restart: store and keyring are all that they share. */
  readonly restarted: Fixture
  readonly otherTenant: string
}

/** What was heard last, of every connection. */
type Words = readonly string[]
type Way = (scene: Scene, taken: Taken) => Promise<Words>

/** Nobody hangs: a service that says nothing has not accepted. A machine with other work may stand still for long. */
const patienceMs = () => 120_000

function optionsFor({ clock, socketUrl }: Fixture, { captureToken, captureUrl }: CreatedSession) {
  return {
    socketUrl,
    captureUrl,
    captureToken,
    origin: PUBLIC_URL,
    now: () => clock.now() / 1000,
    patienceMs,
  }
}

async function lastWord(client: CaptureClient): Promise<string> {
  let word = 'nothing'
  for (let received = await client.next(); received; received = await client.next()) {
    const { message } = received
    if (message.type === 'error') word = message.code
    if (message.type === 'outcome') word = message.outcome
  }
  return word
}

/** A hello, and everything behind it as it was, when the hello is taken. */
async function sendAgain(
  client: CaptureClient,
  hello: () => unknown,
  { sent }: Pick<Taken, 'sent'>,
): Promise<string> {
  await hello()
  const received = await client.next()
  if (received?.message.type === 'error') return received.message.code
  for (const message of sent.slice(1)) client.send(message)
  return lastWord(client)
}

/** With a proof of its own. */
async function resend(fixture: Fixture, session: CreatedSession, taken: Taken): Promise<string> {
  const client = await CaptureClient.connect({ ...optionsFor(fixture, session), pair: taken.pair })
  return sendAgain(client, () => client.hello(), taken)
}

async function sessionOf({ fixture }: Scene, apiKey: string): Promise<CreatedSession> {
  const { status, body } = await fixture.call('POST', '/v1/sessions', WISH, {
    authorization: `Bearer ${apiKey}`,
  })
  assert.equal(status, 201, JSON.stringify(body))
  return body as CreatedSession
}

export const WAYS: Readonly<Record<string, Way>> = {
  'the same bytes': async ({ fixture }, { session, sent }) => {
    const client = await CaptureClient.connect(optionsFor(fixture, session))
    await client.expect('welcome')
    return [await sendAgain(client, () => client.send(sent[0] ?? ''), { sent })]
  },
  'with a new proof': async ({ fixture }, taken) => [await resend(fixture, taken.session, taken)],
  'into another session': async (scene, taken) => [
    await resend(scene.fixture, await sessionOf(scene, scene.fixture.apiKey), taken),
  ],
  'into a session of another tenant': async (scene, taken) => [
    await resend(scene.fixture, await sessionOf(scene, scene.otherTenant), taken),
  ],
  'over many connections at once': ({ fixture }, taken) =>
    Promise.all(Array.from({ length: CROWD }, () => resend(fixture, taken.session, taken))),
  'after a restart': async ({ restarted }, taken) => [await resend(restarted, taken.session, taken)],
  'as the end of another capture': async ({ fixture }, { pair, end }) => {
    const session = await fixture.createSession(WISH)
    const { outcome, error } = await runCapture({
      ...optionsFor(fixture, session),
      pair,
      camera: createPerson(fixture.clock),
      interfere: (client) => client.record('submit', end),
    })
    return [outcome?.outcome ?? error ?? 'gone']
  },
  'by another device': async ({ fixture }, taken) => [
    await resend(fixture, taken.session, { ...taken, pair: await createDeviceKey() }),
  ],
}

async function capture(fixture: Fixture): Promise<Taken> {
  const session = await fixture.createSession(WISH)
  const pair = await createDeviceKey()
  const sent: (string | Uint8Array)[] = []
  let end: Taken['end'] | undefined
  const { outcome, error } = await runCapture({
    ...optionsFor(fixture, session),
    pair,
    camera: createPerson(fixture.clock),
    facts: CAMERA_FACTS,
    alter: {
      wire(message) {
        sent.push(message)
        return [message]
      },
    },
    onSubmit: ({ digest, signature }) => {
      end = { digest, signature }
    },
  })
  assert.equal(outcome?.outcome, 'pass', error)
  assert.ok(end)
  return { session, pair, sent, end }
}

export interface Resubmissions {
  readonly captures: number
  readonly sentAgain: number
  /** Ways in which a capture was accepted a second time. */
  readonly accepted: readonly string[]
  /** What was heard, how often, by way. */
  readonly heard: Readonly<Record<string, Readonly<Record<string, number>>>>
}

/** Each service has a clock of its own, which its captures move; while one of them waits for a thread, others go on. */
const SIDE_BY_SIDE = 4

/** @param captures in all */
export async function resubmit(captures: number): Promise<Resubmissions> {
  const services = Math.min(SIDE_BY_SIDE, captures)
  const share = (index: number) => Math.floor((captures + index) / services)
  const all = await Promise.all(Array.from({ length: services }, (_, index) => resubmitTo(share(index))))
  const heard: Record<string, Record<string, number>> = {}
  for (const one of all)
    for (const [name, words] of Object.entries(one.heard)) {
      const sum = heard[name] ?? {}
      for (const [word, count] of Object.entries(words)) sum[word] = (sum[word] ?? 0) + count
      heard[name] = sum
    }
  return {
    captures: all.reduce((sum, one) => sum + one.captures, 0),
    sentAgain: all.reduce((sum, one) => sum + one.sentAgain, 0),
    accepted: all.flatMap(({ accepted }) => accepted),
    heard,
  }
}

async function resubmitTo(captures: number): Promise<Resubmissions> {
  const policies = { ...POLICIES, [BRIEF.name]: BRIEF }
  await using fixture = await startFixture({ named: UNLIMITED, more: { policies, log: false } })
  await using restarted = await startFixture({
    named: UNLIMITED,
    wrapStore: () => fixture.store,
    clock: fixture.clock,
    more: { keys: fixture.keys, policies, log: false },
  })
  const scene = { fixture, restarted, otherTenant: await fixture.newKey(['session:create'], 'other') }
  const accepted: string[] = []
  const heard: Record<string, Record<string, number>> = {}
  let sentAgain = 0
  for (let round = 0; round < captures; round++) {
    const taken = await capture(fixture)
    for (const [name, way] of Object.entries(WAYS))
      for (const word of await way(scene, taken)) {
        sentAgain++
        if (word === 'pass') accepted.push(`capture ${round}: ${name}`)
        const words = heard[name] ?? {}
        heard[name] = { ...words, [word]: (words[word] ?? 0) + 1 }
      }
    const { state, attempts } = await fixture.readSession(taken.session.id)
    if (state !== 'passed' || attempts.length !== 1)
      accepted.push(`capture ${round}: ${state}, ${attempts.length}`)
  }
  return { captures, sentAgain, accepted, heard }
}

/** Counted as always, and never too many: what refuses here must be what binds a capture to its session. */
const UNLIMITED = {
  'limits.requestsPerKeyPerMinute': '10000000',
  'limits.requestsPerTenantPerMinute': '10000000',
  'limits.capturesPerHour': '0',
}

if (process.argv[1] === import.meta.filename) {
  const begun = performance.now()
  const result = await resubmit(Number(process.argv[2] ?? 10_000))
  const seconds = Math.round((performance.now() - begun) / 1000)
  console.log(JSON.stringify({ ...result, seconds }, null, 2))
  process.exitCode = result.accepted.length === 0 ? 0 : 1
}
