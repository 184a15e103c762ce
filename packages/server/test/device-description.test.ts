/** One device a session: a further attempt by another one shows, and nothing of it outlives the session. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type CaptureFacts, createDeviceKey } from '@ipse/protocol'
import { describeDevice } from '../src/domain/device-description.ts'
import { CAMERA_FACTS } from './capture-client.ts'
import { createPerson, type Fixture, startFixture } from './fixture.ts'

const CHROME = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0'
const LAPTOP: CaptureFacts = {
  ...CAMERA_FACTS,
  userAgent: `${CHROME} Safari/537.36`,
  platform: 'Linux x86_64',
  capabilities: { deviceId: 'cafe', width: { max: 1280 }, height: { max: 720 }, frameRate: { max: 30 } },
  languages: 2,
  touchPoints: 0,
  screen: { width: 1920, height: 1080, pixelRatio: 1, outerWidth: 1200, outerHeight: 900 },
}

type Session = Awaited<ReturnType<Fixture['createSession']>>
type Pair = Awaited<ReturnType<typeof createDeviceKey>>

/** An attempt that asks for another one: nobody can be compared in the dark. */
const inTheDark = (fixture: Fixture, session: Session, pair: Pair, facts: CaptureFacts) =>
  fixture.capture(
    session,
    createPerson(fixture.clock, { change: (script) => ({ ...script, quality: 29.5 }) }),
    { pair, facts },
  )

const native = (read: Awaited<ReturnType<Fixture['readSession']>>) => {
  const { measurement } = read.evidence.find(({ signal }) => signal === 'capture-device')!
  return measurement.status === 'assessed' ? measurement.native : measurement.reason
}

test('each coarse statement is part of the description, an identifier or an exact size is not', () => {
  const { screen, ...rest } = LAPTOP
  const text = (facts: CaptureFacts) => JSON.stringify(describeDevice(facts))
  const said = text(LAPTOP)
  assert.equal(said, '["Linux x86_64","chromium 156","larger",0,2]')
  for (const other of [
    { platform: 'Win32' },
    { userAgent: LAPTOP.userAgent!.replace('156', '157') },
    { userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0' },
    { userAgent: 'Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 Version/26.1 Safari/605.1.15' },
    { touchPoints: 5 },
    { languages: 1 },
    { screen: { ...screen!, width: 844, height: 390 } },
  ])
    assert.notEqual(text({ ...LAPTOP, ...other }), said, JSON.stringify(other))
  for (const same of [
    { label: 'Another camera' },
    { settings: { deviceId: 'another', width: 1280, height: 720 } },
    { userAgent: LAPTOP.userAgent!.replace('156.0.0.0', '156.0.7801.44') },
    { screen: { ...screen!, width: 1440, height: 2560, outerWidth: 700 } },
  ])
    assert.equal(text({ ...LAPTOP, ...same }), said, JSON.stringify(same))
  assert.notEqual(text(rest), said, 'what is left out is another description')
})

test('a further attempt by a device that describes itself otherwise is a sign, one by the same device is none', async () => {
  await using fixture = await startFixture()
  for (const [facts, expected] of [
    [LAPTOP, 1],
    [{ ...LAPTOP, label: 'Another camera' }, 1],
    [{ ...LAPTOP, touchPoints: 5 }, 0],
  ] as const) {
    const pair = await createDeviceKey()
    const session = await fixture.createSession({ purpose: 'liveness' })
    assert.equal((await inTheDark(fixture, session, pair, LAPTOP)).outcome?.outcome, 'retry')
    assert.equal(
      native(await fixture.readSession(session.id)),
      1,
      'a first attempt has nothing to differ from',
    )
    const { outcome } = await fixture.capture(session, createPerson(fixture.clock), { pair, facts })
    const read = await fixture.readSession(session.id)
    assert.equal(native(read), expected)
    assert.equal(outcome?.outcome, expected === 1 ? 'pass' : 'fail')
    assert.deepEqual(
      [read.decision, read.reasons],
      expected === 1 ? ['accept', []] : ['review', ['virtual_camera']],
    )
  }
})

test('the first description stands: neither a broken capture nor a further attempt washes it off', async () => {
  await using fixture = await startFixture()
  const pair = await createDeviceKey()
  // This policy only reports the signal, so that there is a third attempt.
  const session = await fixture.createSession({ purpose: 'liveness', policy: 'demo' })
  const { engine } = fixture
  engine.before = () => Promise.reject(new Error('native crash'))
  assert.ok((await fixture.capture(session, createPerson(fixture.clock), { pair, facts: LAPTOP })).error)
  engine.before = () => {}
  const other = { ...LAPTOP, touchPoints: 5 }
  assert.equal((await inTheDark(fixture, session, pair, other)).outcome?.outcome, 'retry')
  assert.equal(native(await fixture.readSession(session.id)), 0)
  await fixture.capture(session, createPerson(fixture.clock), { pair, facts: other })
  const read = await fixture.readSession(session.id)
  assert.equal(read.attempts.length, 3)
  assert.equal(native(read), 0)
})

test('the description is a keyed hash of its own session, told to nobody and forgotten at the end', async () => {
  await using fixture = await startFixture()
  const kept: (string | undefined)[] = []
  for (let round = 0; round < 2; round++) {
    const pair = await createDeviceKey()
    const session = await fixture.createSession({ purpose: 'liveness' })
    await inTheDark(fixture, session, pair, LAPTOP)
    const mac = (await fixture.store.findSession('shop', session.id))?.descriptionMac
    assert.match(mac ?? '', /^[\w-]{43}$/)
    kept.push(mac)
    const told = JSON.stringify(await fixture.readSession(session.id)) + fixture.log()
    assert.ok(!told.includes(mac!) && !told.includes(LAPTOP.platform!))
    if (round === 0) await fixture.capture(session, createPerson(fixture.clock), { pair, facts: LAPTOP })
    else assert.equal((await fixture.call('POST', `/v1/sessions/${session.id}/cancel`)).status, 200)
    assert.equal((await fixture.store.findSession('shop', session.id))?.descriptionMac, undefined)
  }
  assert.notEqual(kept[0], kept[1], 'the same device in two sessions')
})
