/** Keys of the day: one a day and a process, known by every key of the ring, forgotten when the day is over. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { acceptOffer, toBase64url, utf8 } from '@ipse/protocol'
import { createKeyring, openKeys } from '../src/index.ts'
import { createDayKeys } from '../src/keys/day-keys.ts'
import { CaptureClient } from './capture-client.ts'
import { createTestClock, PUBLIC_URL, startFixture, systemRandom } from './fixture.ts'

const HOUR_MS = 3_600_000
const bytes = (length: number) => systemRandom.bytes(length)
const capture = { sessionId: 'ses_1', challengeId: 'chl_1', jkt: 'thumb' }
const scope = { ...capture, kid: 'key_1' }
const tokenFor = (svc: string) => `e30.${toBase64url(utf8(JSON.stringify({ svc })))}.AA`

test('one key signs for a day, then another does; a clock that was put back makes a new one', async () => {
  const clock = createTestClock()
  const keys = await openKeys(await createKeyring(bytes, clock.now()))
  const days = createDayKeys(keys, clock)
  const seconds = () => clock.now() / 1000
  const offered = async () => {
    const offer = await days.offer(scope, bytes(65), keys.identityAt(0))
    await acceptOffer(offer, capture, tokenFor(keys.identityAt(0)), seconds())
    return offer.day
  }
  const [first, twin] = await Promise.all([offered(), offered()])
  assert.deepEqual(first, twin)
  clock.advance(24 * HOUR_MS - 1000)
  days.retire()
  assert.deepEqual(await offered(), first)
  clock.advance(1000)
  const second = await offered()
  assert.notDeepEqual(second.key, first?.key)
  assert.equal(second.from - (first?.from ?? 0), 86_400)
  clock.advance(-3 * HOUR_MS)
  assert.notDeepEqual((await offered()).key, second.key)
})

test('after a rotation of the keyring tokens from before still find their service', async () => {
  const clock = createTestClock()
  const [older, newer] = [await createKeyring(bytes, 0), await createKeyring(bytes, 1)]
  const before = await openKeys(older)
  const after = await openKeys({ ...newer, signing: [...newer.signing, ...older.signing] })
  assert.notEqual(after.identityAt(0), before.identityAt(0))
  const days = createDayKeys(after, clock)
  for (const identity of [before.identityAt(0), after.identityAt(0)]) {
    const offer = await days.offer(scope, bytes(65), identity)
    await acceptOffer(offer, capture, tokenFor(identity), clock.now() / 1000)
  }
  const alone = createDayKeys(before, clock)
  await assert.rejects(alone.offer(scope, bytes(65), after.identityAt(0)), { code: 'session_token_invalid' })
})

test('what failed is tried again with the next capture', async () => {
  const keys = await openKeys(await createKeyring(bytes, 0))
  let failing = true
  const vouch: typeof keys.vouch = async (...given) => {
    if (failing) throw new Error('the keyring is away')
    return keys.vouch(...given)
  }
  const days = createDayKeys({ vouch }, createTestClock())
  await assert.rejects(days.offer(scope, bytes(65), keys.identityAt(0)))
  failing = false
  assert.equal((await days.offer(scope, bytes(65), keys.identityAt(0))).kid, 'key_1')
})

test('the service offers what its own tokens vouch for, and nothing to the token of another', async () => {
  await using fixture = await startFixture()
  const session = await fixture.createSession({ purpose: 'liveness' })
  const client = await CaptureClient.connect({
    ...session,
    socketUrl: fixture.socketUrl,
    origin: PUBLIC_URL,
    now: () => fixture.clock.now() / 1000,
  })
  await client.hello()
  const start = await client.expect('start')
  assert.equal(start.kem.day.identity.x, fixture.keys.jwks().keys[0]?.x)
  await assert.rejects(client.open({ ...start, kem: { ...start.kem, publicKey: toBase64url(bytes(65)) } }), {
    code: 'service_unproven',
  })
  await client.open(start)
  client.close()
})
