/** A session’s time is looked at again when its capture is decided: measuring takes time too. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CaptureFacts, CreateSession } from '@ipse/protocol'
import { CAMERA_FACTS } from './capture-client.ts'
import { CONSENT, createPerson, type Fixture, type PersonOptions, startFixture } from './fixture.ts'

const TTL_S = 120

/** A capture in whose judging so much time passes that `leftMs` of its session are left. */
async function captureWith(
  leftMs: number,
  wish: Partial<CreateSession> = {},
  who: PersonOptions & { readonly facts?: CaptureFacts } = {},
) {
  const fixture: Fixture = await startFixture({
    wrapStore: (store) => ({
      ...store,
      async changeSession(session, change, also) {
        const changed = await store.changeSession(session, change, also)
        if (changed?.state === 'deciding')
          fixture.clock.advance(changed.expiresAt - leftMs - fixture.clock.now())
        return changed
      },
    }),
  })
  const asked: CreateSession = { purpose: 'liveness', subject: 'anna', ttlSeconds: TTL_S, ...wish }
  const session = await fixture.createSession(asked)
  const told = await fixture.capture(session, createPerson(fixture.clock, who), {
    facts: who.facts ?? CAMERA_FACTS,
  })
  const read = await fixture.readSession(session.id)
  const trail = await fixture.store.listAudit('shop', 99)
  return { fixture, told, read, decided: trail.some(({ event }) => event === 'capture.decided') }
}

test('what is decided before the end of the session stands, to the last millisecond', async () => {
  const { fixture, told, read } = await captureWith(1)
  await using _ = fixture
  assert.equal(told.outcome?.outcome, 'pass')
  assert.equal(read.decision, 'accept')
  assert.ok(read.receipt)
})

for (const leftMs of [0, -60_000])
  test(`a capture that is judged ${-leftMs / 1000} s after its session has ended is not accepted`, async () => {
    const wish = { purpose: 'enrolment', consent: CONSENT } as const
    const { fixture, told, read, decided } = await captureWith(leftMs, wish)
    await using _ = fixture
    assert.deepEqual([told.outcome, told.error], [undefined, 'session_expired'])
    assert.deepEqual(
      [read.state, read.decision, read.receipt, decided],
      ['expired', undefined, undefined, false],
    )
    assert.deepEqual(await fixture.store.listReferences('shop', 'anna'), [])
  })

test('nor does it go to a person for a review; a rejection stands, late or not', async () => {
  const virtual = { ...CAMERA_FACTS, label: 'OBS Virtual Camera' }
  const late = await captureWith(0, {}, { facts: virtual })
  await using _ = late.fixture
  assert.deepEqual([late.told.error, late.read.state], ['session_expired', 'expired'])
  assert.equal((await late.fixture.call('GET', '/v1/reviews')).body.items.length, 0)
  const quick = await captureWith(0, {}, { reactionMs: 0 })
  await using __ = quick.fixture
  assert.deepEqual([quick.told.outcome?.outcome, quick.read.decision], ['fail', 'reject'])
})
