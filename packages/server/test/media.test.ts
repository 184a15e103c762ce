/** Pictures of a capture: none unless asked for, sealed, within their time, for one reader, and each look written down first. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { createDeviceKey, type ExportedPicture } from '@ipse/protocol'
import fc from 'fast-check'
import { Value } from 'typebox/value'
import { MEDIA_KEEPS, type MediaOutcome, MOST_REVIEW_HOURS, mediaUntil } from '../src/domain/media.ts'
import { SubjectExportSchema } from '../src/index.ts'
import { CAMERA_FACTS } from './capture-client.ts'
import { createPerson, type Fixture, startFixture } from './fixture.ts'

const HOUR_MS = 3_600_000
type DeviceKey = Awaited<ReturnType<typeof createDeviceKey>>

test('no setting keeps a picture beyond its own bound, and one that keeps more keeps at least as long', () => {
  const outcomes: MediaOutcome[] = ['undecided', 'review', 'decided']
  fc.assert(
    fc.property(
      fc.constantFrom(...outcomes),
      fc.integer({ min: 1, max: 500 }),
      fc.integer({ min: 0, max: 1_000_000_000 }),
      fc.integer({ min: -HOUR_MS, max: 3 * HOUR_MS }),
      (outcome, hours, now, life) => {
        const expiresAt = now + life
        const untils = MEDIA_KEEPS.map((keep) => mediaUntil(keep, outcome, { now, expiresAt, hours }) ?? now)
        assert.equal(untils[0], now, 'none is none')
        for (const [i, until] of untils.entries()) {
          assert.ok(until <= now + Math.min(hours, MOST_REVIEW_HOURS) * HOUR_MS)
          if (outcome !== 'review') assert.ok(until <= Math.max(now, expiresAt))
          assert.ok(until >= (untils[i - 1] ?? now))
        }
      },
    ),
  )
})

/** A capture of a session by somebody else than it is about, so that it fails and may be tried again. */
async function failedOnce(fixture: Fixture, pair?: DeviceKey) {
  const consent = { version: '1', textSha256: 'A'.repeat(43), givenAt: '2026-11-21T10:00:00Z' }
  const enrol = await fixture.createSession({ purpose: 'enrolment', subject: 'anna', consent })
  const enrolled = await fixture.capture(enrol, createPerson(fixture.clock))
  assert.equal(enrolled.outcome?.outcome, 'pass')
  const session = await fixture.createSession({ purpose: 'liveness', subject: 'anna' })
  const turned = createPerson(fixture.clock, { answer: () => ({}) })
  const result = await fixture.capture(session, turned, pair ? { pair } : {})
  assert.equal(result.outcome?.outcome, 'retry')
  return session
}

const listed = async (fixture: Fixture, id: string) =>
  (await fixture.call('GET', `/v1/sessions/${id}/media`)).body.pictures as { n: number; claimed: boolean }[]

async function keyCount({ store }: Fixture): Promise<number> {
  return [...(await store.countDataKeys()).values()].reduce((sum, n) => sum + n, 0)
}

test('unless a setting asks for them no picture of any capture is written anywhere', async () => {
  await using fixture = await startFixture()
  const session = await failedOnce(fixture)
  assert.deepEqual(await listed(fixture, session.id), [])
  assert.equal(await keyCount(fixture), 1, 'of the enrolled template')
})

test('an undecided session has its pictures, sealed; the decision takes them and their keys away', async () => {
  await using fixture = await startFixture({ named: { 'media.keep': 'until-decision' } })
  const pair = await createDeviceKey()
  const session = await failedOnce(fixture, pair)
  const pictures = await listed(fixture, session.id)
  assert.ok(pictures.length > 0 && pictures.length <= 4)
  const stored = await fixture.store.claimMedia({ tenant: 'shop', sessionId: session.id, n: 0 }, 'test', {
    id: 'aud_x',
    time: fixture.clock.now(),
    tenant: 'shop',
    event: 'media.read',
  })
  assert.ok(stored && stored !== 'claimed')
  assert.ok(!Buffer.from(stored.sealed).includes('person'), 'what the scripted frame says is not in it')
  const passed = await fixture.capture(session, createPerson(fixture.clock), { pair })
  assert.equal(passed.outcome?.outcome, 'pass')
  assert.deepEqual(await listed(fixture, session.id), [])
})

test('what waits for a review is looked at for the hours of the setting, what is decided is not', async () => {
  await using fixture = await startFixture({ named: { 'media.keep': 'review', 'media.hours': '48' } })
  const suspected = await fixture.createSession({ purpose: 'liveness', subject: 'anna' })
  await fixture.capture(suspected, createPerson(fixture.clock), {
    facts: { ...CAMERA_FACTS, label: 'OBS Virtual Camera' },
  })
  assert.equal((await fixture.readSession(suspected.id)).decision, 'review')
  assert.ok((await listed(fixture, suspected.id)).length > 0)
  const decided = await fixture.createSession({ purpose: 'liveness', subject: 'anna' })
  await fixture.capture(decided, createPerson(fixture.clock))
  assert.deepEqual(await listed(fixture, decided.id), [])
  fixture.clock.advance(47 * HOUR_MS)
  assert.equal((await fixture.call('GET', `/v1/sessions/${suspected.id}/media/0`)).status, 200)
  fixture.clock.advance(HOUR_MS)
  assert.equal((await fixture.call('GET', `/v1/sessions/${suspected.id}/media/0`)).status, 404)
})

test('with media.keep session a decided session is looked at within its life, and not a moment longer', async () => {
  await using fixture = await startFixture({ named: { 'media.keep': 'session' } })
  const session = await fixture.createSession({ purpose: 'liveness', subject: 'anna' })
  await fixture.capture(session, createPerson(fixture.clock))
  const [first] = await listed(fixture, session.id)
  assert.ok(first)
  const url = `/v1/sessions/${session.id}/media/${first.n}`
  const look = await fixture.call('GET', url)
  assert.deepEqual([look.status, look.headers['content-type']], [200, 'image/jpeg'])
  assert.equal(look.headers['cache-control'], 'no-store')
  fixture.clock.advance(Date.parse(session.expiresAt) - fixture.clock.now())
  assert.equal((await fixture.call('GET', url)).status, 404)
  assert.deepEqual(await listed(fixture, session.id), [])
})

test('who looks first looks again, nobody else does, and every look is in the log before its bytes', async () => {
  const order: string[] = []
  await using fixture = await startFixture({
    named: { 'media.keep': 'session' },
    wrapStore: (store) => ({
      ...store,
      claimMedia: async (...given) => {
        const found = await store.claimMedia(...given)
        order.push(
          `logged ${(await store.listAudit('shop', 999)).filter(({ event }) => event === 'media.read').length}`,
        )
        return found
      },
    }),
  })
  const session = await fixture.createSession({ purpose: 'liveness', subject: 'anna' })
  await fixture.capture(session, createPerson(fixture.clock))
  const url = `/v1/sessions/${session.id}/media/0`
  const keys = await Promise.all([1, 2, 3, 4].map(() => fixture.newKey(['media:read'])))
  const looks = await Promise.all(
    keys.map((key) => fixture.call('GET', url, undefined, { authorization: `Bearer ${key}` })),
  )
  assert.deepEqual(looks.map(({ status }) => status).toSorted(), [200, 403, 403, 403])
  const winner = keys[looks.findIndex(({ status }) => status === 200)] ?? ''
  const again = await fixture.call('GET', url, undefined, { authorization: `Bearer ${winner}` })
  assert.equal(again.status, 200)
  assert.deepEqual(order.at(-1), 'logged 2')
  const [entry] = (await fixture.store.listAudit('shop', 999)).filter(({ event }) => event === 'media.read')
  assert.deepEqual(
    [entry?.sessionId, entry?.actor, entry?.note],
    [session.id, winner.split('_')[2], 'picture 0'],
  )
  assert.deepEqual((await listed(fixture, session.id)).map(({ claimed }) => claimed).slice(0, 2), [
    true,
    false,
  ])
})

test('a look that cannot be written down shows nothing', async () => {
  await using fixture = await startFixture({
    named: { 'media.keep': 'session' },
    wrapStore: (store) => ({
      ...store,
      claimMedia: () => Promise.reject(new Error('disk full')),
    }),
  })
  const session = await fixture.createSession({ purpose: 'liveness', subject: 'anna' })
  await fixture.capture(session, createPerson(fixture.clock))
  const look = await fixture.call('GET', `/v1/sessions/${session.id}/media/0`)
  assert.ok(look.status >= 500 && look.body.code !== undefined)
})

test('an export brings the pictures to whom the scope is given, whoever has looked, each written down first', async () => {
  const order: string[] = []
  await using fixture = await startFixture({
    named: { 'media.keep': 'session' },
    wrapStore: (store) => ({
      ...store,
      copyMedia: async (...given) => {
        const found = await store.copyMedia(...given)
        const logged = (await store.listAudit('shop', 999)).filter(({ note }) =>
          note?.includes('for the subject'),
        )
        order.push(`${logged.length} ${found && typeof found}`)
        return found
      },
    }),
  })
  const session = await fixture.createSession({ purpose: 'liveness', subject: 'anna' })
  await fixture.capture(session, createPerson(fixture.clock))
  const kept = await listed(fixture, session.id)
  const reviewer = { authorization: `Bearer ${await fixture.newKey(['media:read'])}` }
  const seen = await fixture.app.inject({
    url: `/v1/sessions/${session.id}/media/0`,
    headers: reviewer,
  })
  const url = '/v1/subjects/anna/export'
  const described = await fixture.call('GET', url)
  assert.deepEqual(
    described.body.pictures.map(({ n, file }: ExportedPicture) => [n, file]),
    kept.map(({ n }) => [n, undefined]),
  )
  const reader = { authorization: `Bearer ${await fixture.newKey(['subject:read'])}` }
  assert.equal((await fixture.call('GET', url, undefined, reader)).status, 200)
  const refused = await fixture.call('GET', `${url}?media=included`, undefined, reader)
  assert.deepEqual([refused.status, refused.body.code], [403, 'forbidden'])
  assert.equal((await fixture.call('GET', `${url}?media=all`)).body.code, 'invalid_request')
  assert.deepEqual(order, [], 'no picture was read so far')

  const { body } = await fixture.call('GET', `${url}?media=included`)
  assert.ok(Value.Check(SubjectExportSchema, body))
  const pictures = body.pictures as ExportedPicture[]
  assert.deepEqual(
    pictures.map(({ n }) => n),
    kept.map(({ n }) => n),
  )
  for (const { n, sessionId, file } of pictures) {
    const bytes = Buffer.from(file?.data ?? '', 'base64')
    assert.deepEqual([file?.name, file?.bytes], [`${sessionId}-${n}.jpg`, bytes.length])
    assert.equal(file?.sha256, createHash('sha256').update(bytes).digest('hex'))
  }
  assert.deepEqual(Buffer.from(pictures[0]?.file?.data ?? '', 'base64'), seen.rawPayload)
  assert.deepEqual(
    order,
    kept.map((_, i) => `${i + 1} object`),
  )
  const told = body.audit.filter(({ event }: { event: string }) => event === 'media.read')
  assert.equal(told.length, kept.length + 1, 'the person is told of the look and of the copies')
  assert.deepEqual(
    (await listed(fixture, session.id)).map(({ claimed }) => claimed),
    kept.map(({ n }) => n === 0),
    'a copy is no look',
  )
  fixture.clock.advance(Date.parse(session.expiresAt) - fixture.clock.now())
  assert.deepEqual((await fixture.call('GET', `${url}?media=included`)).body.pictures, [])
})

test('of an export whose reading cannot be written down, or that waits for a second person, no byte leaves', async () => {
  await using fixture = await startFixture({
    named: { 'media.keep': 'session' },
    wrapStore: (store) => ({ ...store, copyMedia: () => Promise.reject(new Error('disk full')) }),
  })
  const session = await fixture.createSession({ purpose: 'liveness', subject: 'anna' })
  await fixture.capture(session, createPerson(fixture.clock))
  const ask = () => fixture.call('GET', '/v1/subjects/anna/export?media=included')
  const broken = await ask()
  assert.ok(broken.status >= 500 && broken.body.pictures === undefined)
  await fixture.call('PUT', '/v1/privacy/rules', { preset: 'gdpr', days: {}, approvals: ['export'] })
  assert.deepEqual((await ask()).body.code, 'approval_required')
})

test('a picture whose key is gone is as good as gone: the export leaves it out', async () => {
  await using fixture = await startFixture({ named: { 'media.keep': 'session' } })
  const session = await fixture.createSession({ purpose: 'liveness', subject: 'anna' })
  await fixture.capture(session, createPerson(fixture.clock))
  const { length } = await listed(fixture, session.id)
  const { store, clock } = fixture
  const audit = { id: 'aud_x', time: clock.now(), tenant: 'shop', event: 'media.read' } as const
  const found = await store.copyMedia({ tenant: 'shop', sessionId: session.id, n: 0 }, audit)
  await store.deleteDataKeys([found?.key.id ?? ''])
  const { body } = await fixture.call('GET', '/v1/subjects/anna/export?media=included')
  assert.deepEqual(
    body.pictures.map(({ n }: ExportedPicture) => n),
    Array.from({ length: length - 1 }, (_, i) => i + 1),
  )
})

test('erasing the subject takes the pictures and their keys, and the receipt counts them', async () => {
  await using fixture = await startFixture({ named: { 'media.keep': 'session' } })
  const session = await fixture.createSession({ purpose: 'liveness', subject: 'anna' })
  await fixture.capture(session, createPerson(fixture.clock))
  const { length } = await listed(fixture, session.id)
  const { body } = await fixture.call('DELETE', '/v1/subjects/anna')
  assert.deepEqual([body.erased.media, body.erased.dataKeys], [length, length])
  assert.equal(await keyCount(fixture), 0)
})

test('when the process dies before the session has changed there is no picture, and the sweep takes its keys', async () => {
  let dies = true
  await using fixture = await startFixture({
    named: { 'media.keep': 'session' },
    wrapStore: (store) => ({
      ...store,
      changeSession: (before, change, also) =>
        also?.media && dies ? Promise.reject(new Error('died')) : store.changeSession(before, change, also),
    }),
  })
  const session = await fixture.createSession({ purpose: 'liveness', subject: 'anna' })
  await fixture.capture(session, createPerson(fixture.clock)).catch(() => {})
  dies = false
  assert.deepEqual(await listed(fixture, session.id), [])
  assert.ok((await keyCount(fixture)) > 0)
  fixture.clock.advance(2 * HOUR_MS)
  const { sweepKeys } = await import('../src/vault/sweep.ts')
  await sweepKeys(fixture.store, fixture.clock.now())
  assert.equal(await keyCount(fixture), 0)
})
