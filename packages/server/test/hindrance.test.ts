/** A device that cannot begin says why: noted for the relying party, and nothing else changes by it. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  CAPTURE_PROTOCOL,
  type CreatedSession,
  createDeviceKey,
  ERRORS,
  HINDRANCES,
  type IpseError,
} from '@ipse/protocol'
import { parseHello } from '../src/capture/messages.ts'
import { CaptureClient, type ClientOptions } from './capture-client.ts'
import { createPerson, type Fixture, PUBLIC_URL, startFixture } from './fixture.ts'

let fixture: Fixture
before(async () => {
  fixture = await startFixture({ named: { 'lockout.enabled': 'true' } })
})
after(() => fixture[Symbol.asyncDispose]())

/** What the service answers to such a hello. */
async function say(
  session: CreatedSession,
  hello: Parameters<CaptureClient['hello']>[0],
  more: Partial<ClientOptions> = {},
): Promise<string> {
  const { captureUrl, captureToken } = session
  const client = await CaptureClient.connect({
    socketUrl: fixture.socketUrl,
    captureUrl,
    captureToken,
    origin: PUBLIC_URL,
    now: () => fixture.clock.now() / 1000,
    ...more,
  })
  await client.hello(hello)
  const answer = await client.next()
  assert.equal(await client.next(), undefined, 'the conversation is over')
  return (answer?.message as { code?: string } | undefined)?.code ?? 'closed'
}

test('every hindrance is a code of the registry', () => {
  for (const code of HINDRANCES) assert.ok(Object.hasOwn(ERRORS, code), code)
})

test('the relying party reads the last hindrance, and the session is as it was', async () => {
  const session = await fixture.createSession({ purpose: 'liveness' })
  assert.equal('hindrance' in (await fixture.readSession(session.id)), false)
  for (const code of HINDRANCES) {
    fixture.clock.advance(1000)
    assert.equal(await say(session, { unable: code }), code)
    const { hindrance, ...rest } = await fixture.readSession(session.id)
    assert.deepEqual(hindrance, { code, at: new Date(fixture.clock.now()).toISOString() })
    assert.deepEqual(
      [rest.state, rest.attempts, rest.attemptsLeft, rest.reasons, rest.conduct],
      ['created', [], 3, [], undefined],
    )
  }
  const trail = (await fixture.store.listAudit('shop', 99)).filter(({ event }) => event === 'capture.refused')
  assert.deepEqual(new Set(trail.map(({ error }) => error)), new Set(HINDRANCES))
})

test('nobody is locked out by it, no key is bound by it, and another device may capture', async () => {
  const session = await fixture.createSession({ purpose: 'liveness', subject: 'careful' })
  for (let i = 0; i < 8; i++) assert.equal(await say(session, { unable: 'camera_denied' }), 'camera_denied')
  const result = await fixture.capture(session, createPerson(fixture.clock))
  assert.equal('outcome' in result && result.outcome?.outcome, 'pass', JSON.stringify(result))
  const { decision, hindrance, receipt } = await fixture.readSession(session.id)
  assert.deepEqual([decision, hindrance?.code], ['accept', 'camera_denied'])
  assert.ok(receipt)
})

test('an element that is too old hears so, and the relying party reads it', async () => {
  const session = await fixture.createSession({ purpose: 'liveness' })
  assert.equal(await say(session, { sdk: 'ipse-web/0.0.9' }), 'unsupported_version')
  const { hindrance, state } = await fixture.readSession(session.id)
  assert.deepEqual([hindrance?.code, state], ['unsupported_version', 'created'])
})

test('an element of another protocol hears so too, whatever its hello looks like, and the relying party reads it', async () => {
  const session = await fixture.createSession({ purpose: 'liveness' })
  const hindrance = async () => (await fixture.readSession(session.id)).hindrance?.code
  // Without a sound token and proof nothing is noted: only the answer says it.
  assert.equal(
    await say(session, { protocol: 'ipse-capture/1' }, { captureToken: 'x' }),
    'unsupported_version',
  )
  assert.equal(await say(session, { protocol: 'ipse-capture/1', unable: 7 as never }), 'unsupported_version')
  assert.equal(await hindrance(), undefined)
  for (const protocol of ['ipse-capture/1', 'ipse-capture/9999']) {
    assert.equal(await say(session, { protocol }), 'unsupported_version')
    assert.equal(await hindrance(), 'unsupported_version')
  }
  assert.match(ERRORS.unsupported_version.advice, /Update the Ipse SDK/)
  const hello = { type: 'hello', protocol: 'ipse-capture/1', token: 't', proof: 'p', sdk: 'ipse-web/0.1.0' }
  const reads = (change: object) => {
    try {
      return parseHello(JSON.stringify({ ...hello, ...change })).protocol
    } catch (error) {
      return (error as IpseError).code
    }
  }
  assert.equal(reads({}), 'ipse-capture/1')
  for (const change of [{ more: 1 }, { proof: undefined }, { type: 'greeting' }, { sdk: 3 }])
    assert.equal(reads(change), 'unsupported_version', JSON.stringify(change))
  for (const change of [{ more: 1 }, { proof: undefined }])
    assert.equal(reads({ ...change, protocol: CAPTURE_PROTOCOL }), 'session_token_invalid')
  for (const protocol of ['ipse-capture/', 'ipse-capture/x', 'http/1', 3, undefined])
    assert.equal(reads({ protocol }), 'unsupported_version', String(protocol))
  const { state, attempts } = await fixture.readSession(session.id)
  assert.deepEqual([state, attempts], ['created', []])
})

test('nothing is written by anybody but who holds token, origin and proof', async () => {
  const session = await fixture.createSession({ purpose: 'liveness' })
  const other = await fixture.createSession({ purpose: 'liveness' })
  const unable = 'camera_denied'
  const refused: Readonly<Record<string, () => Promise<string>>> = {
    'another origin': () => say(session, { unable }, { origin: 'https://evil.test' }),
    'no token': () => say(session, { unable }, { captureToken: '' }),
    'a proof over another nonce': () => say(session, { unable, nonce: 'A'.repeat(22) }),
    'a proof from the past': () => say(session, { unable, iat: fixture.clock.now() / 1000 - 86_401 }),
    'a word that is no hindrance': () => say(session, { unable: 'internal' }),
    'a word of another kind': () => say(session, { unable: 7 as never }),
  }
  for (const [what, run] of Object.entries(refused)) assert.equal(await run(), 'session_token_invalid', what)
  for (const { id } of [session, other]) assert.equal((await fixture.readSession(id)).hindrance, undefined)
})

test('a session that is bound takes the word of its own key only, and one that has ended of nobody', async () => {
  const session = await fixture.createSession({ purpose: 'liveness' })
  const pair = await createDeviceKey()
  const result = await fixture.capture(session, createPerson(fixture.clock), { pair })
  assert.ok('outcome' in result)
  assert.equal(await say(session, { unable: 'camera_busy' }, { pair }), 'capture_already_received')
  assert.equal(await say(session, { unable: 'camera_busy' }), 'session_token_invalid')
  assert.equal((await fixture.readSession(session.id)).hindrance, undefined)
})

test('a session takes so many words and no more', async () => {
  const session = await fixture.createSession({ purpose: 'liveness' })
  const answers = new Set<string>()
  for (let i = 0; i < 40; i++) answers.add(await say(session, { unable: 'camera_busy' }))
  assert.deepEqual([...answers], ['camera_busy', 'session_wrong_state'])
})
