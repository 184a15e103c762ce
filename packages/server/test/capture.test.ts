/** Whole captures over a real WebSocket, with a scripted person in front of it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type CaptureFacts,
  type Decision,
  type Direction,
  IpseError,
  RECEIPT_TYPE,
  type Reason,
  type ReceiptClaims,
} from '@ipse/protocol'
import { createLocalJWKSet, jwtVerify } from 'jose'
import type { Store } from '../src/index.ts'
import { CAMERA_FACTS, type Camera } from './capture-client.ts'
import {
  CONSENT,
  createPerson,
  type Fixture,
  type PersonOptions,
  PUBLIC_URL,
  startFixture,
  turnTo,
} from './fixture.ts'
import { type Script, scriptedImage } from './scripted-engine.ts'

async function verifiedReceipt(fixture: Fixture, receipt: string | undefined): Promise<ReceiptClaims> {
  const jwks = (await fixture.call('GET', '/.well-known/jwks.json')).body
  const { payload } = await jwtVerify(receipt ?? '', createLocalJWKSet(jwks), {
    algorithms: ['ES256'],
    typ: RECEIPT_TYPE,
    issuer: PUBLIC_URL,
    audience: 'shop',
    currentDate: new Date(fixture.clock.now()),
  })
  return payload as unknown as ReceiptClaims
}

test('a person who enrols and then signs in passes twice, and the receipts verify', async () => {
  await using fixture = await startFixture()
  const enrolment = await fixture.createSession({ purpose: 'enrolment', subject: 'anna', consent: CONSENT })
  const first = await fixture.capture(enrolment, createPerson(fixture.clock))
  const enrolled = await fixture.readSession(enrolment.id)
  assert.deepEqual(enrolled.reasons, [], JSON.stringify(enrolled.evidence))
  assert.equal(first.outcome?.outcome, 'pass')
  assert.equal(first.closeCode, 1000)
  assert.equal(enrolled.state, 'passed')

  const session = await fixture.createSession({ purpose: 'verification', subject: 'anna' })
  const second = await fixture.capture(session, createPerson(fixture.clock))
  assert.equal(second.outcome?.outcome, 'pass')
  const verified = await fixture.readSession(session.id)
  const claims = await verifiedReceipt(fixture, verified.receipt)
  assert.equal(claims.sid, session.id)
  assert.equal(claims.decision, 'accept')
  assert.equal(claims.assurance, 'active-geometry')
  assert.equal(claims.sub, 'anna')
  assert.equal(claims.match?.fmr, 0.001)
  assert.equal(claims.device.virtualCamera, false)
  assert.match(claims.transcript ?? '', /^[\w-]{43}$/)
  assert.equal(verified.attempts[0]?.asked.length, 1)
})

test('each thing that speaks against a capture leads to its own decision and reason', async (t) => {
  await using fixture = await startFixture()
  const enrolment = await fixture.createSession({ purpose: 'enrolment', subject: 'anna', consent: CONSENT })
  await fixture.capture(enrolment, createPerson(fixture.clock))
  const mirrored = { left: 'right', right: 'left', up: 'down', down: 'up' } as const
  const still = scriptedImage({ noise: 1 })
  const frozen = () => {
    fixture.clock.advance(100)
    return { jpeg: still, capturedUs: fixture.clock.monotonicMs() * 1000 }
  }
  /** Poses that follow each other, ten frames each; the last one stays. */
  const inTurn = (poses: readonly (Direction | undefined)[]): Partial<Script> => {
    let asked = 0
    const now = () => {
      const pose = poses[Math.min(Math.floor(asked++ / 20), poses.length - 1)]
      return pose === undefined ? {} : turnTo(pose)
    }
    return {
      get yaw() {
        return now().yaw ?? 0
      },
      get pitch() {
        return now().pitch ?? 0
      },
    }
  }
  const without = (noise: () => number) => () => {
    fixture.clock.advance(100)
    const jpeg = scriptedImage({ faces: 0, noise: noise() })
    return { jpeg, capturedUs: fixture.clock.monotonicMs() * 1000 }
  }
  let frames = 0
  const [emptyRoom, coveredLens] = [without(() => frames++), without(() => 0)]
  const cases: [string, Camera | PersonOptions, CaptureFacts | undefined, Decision | undefined, Reason][] = [
    ['another person', { person: 2 }, undefined, 'reject', 'face_mismatch'],
    [
      'the other way',
      { answer: (asked) => turnTo(mirrored[asked]) },
      undefined,
      undefined,
      'challenge_wrong_answer',
    ],
    [
      'the other way, then the right one',
      { answer: (asked) => inTurn([mirrored[asked], asked]) },
      undefined,
      undefined,
      'challenge_wrong_answer',
    ],
    [
      'the other way, back, and the other way again',
      { answer: (asked) => inTurn([mirrored[asked], undefined, mirrored[asked]]) },
      undefined,
      'reject',
      'challenge_wrong_answer',
    ],
    ['dark glasses', { change: (s) => ({ ...s, eyes: 0.02 }) }, undefined, undefined, 'face_covered'],
    ['a mask', { change: (s) => ({ ...s, lowerFace: 0.5 }) }, undefined, undefined, 'face_covered'],
    ['an empty room', { frame: emptyRoom }, undefined, undefined, 'challenge_not_answered'],
    ['a covered lens', { frame: coveredLens }, undefined, undefined, 'challenge_not_answered'],
    ['quicker than people', { reactionMs: 0 }, undefined, 'reject', 'challenge_too_fast'],
    ['a frozen stream', { frame: frozen }, undefined, 'reject', 'frames_repeated'],
    [
      'a face that changes when the head turns',
      { change: (s) => (Math.abs(s.yaw ?? 0) + Math.abs(s.pitch ?? 0) > 9 ? { ...s, person: 3 } : s) },
      undefined,
      'reject',
      'identity_changed',
    ],
    [
      'a face that changes when the mouth opens',
      { change: (s) => ((s.mouth ?? 0) > 0.15 ? { ...s, person: 3 } : s) },
      undefined,
      'reject',
      'identity_changed',
    ],
    [
      'faces that take turns',
      { change: (s, i) => (Math.floor(i / 2) % 2 ? { ...s, person: 3 } : s) },
      undefined,
      'reject',
      'identity_changed',
    ],
    [
      // From the hold on, where at least half of the frames are searched: none of them missed is no matter of luck.
      'somebody behind, every third frame',
      { change: (s, i) => (i > 4 && i % 3 === 0 ? { ...s, faces: 2 } : s) },
      undefined,
      undefined,
      'several_faces',
    ],
    [
      'somebody who comes and stays',
      { change: (s, i) => (i > 15 ? { ...s, faces: 2 } : s) },
      undefined,
      undefined,
      'several_faces',
    ],
    [
      'too dark to compare',
      { change: (s) => ({ ...s, quality: 29.5 }) },
      undefined,
      undefined,
      'challenge_not_answered',
    ],
    ['a virtual camera', {}, { ...CAMERA_FACTS, label: 'OBS Virtual Camera' }, 'review', 'virtual_camera'],
    ['a silent camera', {}, {}, 'review', 'evidence_missing'],
  ]
  for (const [title, who, facts, decision, reason] of cases)
    await t.test(title, async () => {
      const session = await fixture.createSession({ purpose: 'verification', subject: 'anna' })
      const camera = 'frame' in who ? who : createPerson(fixture.clock, who)
      const { outcome, error } = await fixture.capture(session, camera, facts ? { facts } : {})
      const read = await fixture.readSession(session.id)
      assert.equal(error, undefined)
      assert.equal(outcome?.outcome, decision === undefined ? 'retry' : 'fail')
      if (title === 'too dark to compare') assert.equal(outcome?.hint, 'more-light')
      if (title === 'dark glasses') assert.equal(outcome?.hint, 'take-off-glasses')
      if (title === 'a mask') assert.equal(outcome?.hint, 'uncover-face')
      assert.equal(read.decision, decision, JSON.stringify(read.evidence))
      assert.ok(read.reasons.includes(reason), `${read.reasons}`)
      assert.ok(!JSON.stringify(outcome).includes(reason), 'the device hears no reason')
      assert.equal(read.receipt !== undefined, decision !== undefined)
    })
})

test('the demo policy reports a simulated camera and the receipt names it; production does not know the policy', async () => {
  await using fixture = await startFixture()
  const session = await fixture.createSession({ purpose: 'liveness', policy: 'demo' })
  const facts = { ...CAMERA_FACTS, simulated: true }
  const { outcome } = await fixture.capture(session, createPerson(fixture.clock), { facts })
  assert.equal(outcome?.outcome, 'pass')
  const { receipt, evidence } = await fixture.readSession(session.id)
  const claims = await verifiedReceipt(fixture, receipt)
  assert.equal(claims.device.virtualCamera, true)
  assert.equal(claims.policy.name, 'demo')
  assert.equal(evidence.find(({ signal }) => signal === 'capture-device')?.verdict, 'reported')
  await using production = await startFixture({ named: { 'server.development': 'false' } })
  const { status, body } = await production.call('POST', '/v1/sessions', {
    purpose: 'liveness',
    policy: 'demo',
  })
  assert.deepEqual([status, body.code], [422, 'policy_unknown'])
})

test('a reference image that came with the session is compared with, and forgotten at its end', async () => {
  await using fixture = await startFixture()
  const referenceImage = Buffer.from(scriptedImage({ person: 4 })).toString('base64')
  for (const [person, outcome] of [
    [4, 'pass'],
    [5, 'fail'],
  ] as const) {
    const session = await fixture.createSession({ purpose: 'verification', referenceImage })
    assert.ok((await fixture.store.findSession('shop', session.id))?.referenceTemplate)
    const result = await fixture.capture(session, createPerson(fixture.clock, { person }))
    assert.equal(result.outcome?.outcome, outcome)
    assert.equal((await fixture.store.findSession('shop', session.id))?.referenceTemplate, undefined)
  }
})

test('an engine in trouble, or a store in trouble, never leads to a pass', async (t) => {
  const troubles: Record<string, (calls: number) => void> = {
    'throws at once': () => {
      throw new Error('native crash')
    },
    'throws in the middle': (calls) => {
      if (calls > 20) throw new TypeError('boom')
    },
  }
  for (const [title, before] of Object.entries(troubles))
    await t.test(`engine ${title}`, async () => {
      await using fixture = await startFixture()
      let calls = 0
      fixture.engine.before = () => before(calls++)
      const session = await fixture.createSession({ purpose: 'liveness' })
      const { error } = await fixture.capture(session, createPerson(fixture.clock))
      assert.equal(error, 'engine_unavailable')
      const read = await fixture.readSession(session.id)
      assert.deepEqual([read.state, read.attemptsLeft], ['bound', 2])
    })
  await t.test('engine hangs', async () => {
    await using fixture = await startFixture({ named: { 'engine.deadlineMs': '50' } })
    fixture.engine.before = () => new Promise(() => {})
    const session = await fixture.createSession({ purpose: 'liveness' })
    assert.equal((await fixture.capture(session, createPerson(fixture.clock))).error, 'engine_unavailable')
  })
  await t.test('engine without operating points', async () => {
    await using fixture = await startFixture()
    Object.assign(fixture.engine, { operatingPoints: [] })
    const session = await fixture.createSession({ purpose: 'liveness' })
    assert.equal((await fixture.capture(session, createPerson(fixture.clock))).error, 'internal')
    assert.equal((await fixture.call('GET', '/readyz')).status, 503)
  })
  for (const method of ['changeSession', 'useOnce', 'findSession', 'listReferences'] as const)
    await t.test(`store fails in ${method}, at every call in turn`, async () => {
      for (let failing = 1; failing <= 5; failing++) {
        let calls = 0
        let armed = false
        const wrapStore = (store: Store): Store => ({
          ...store,
          [method]: (...given: never[]) => {
            if (armed && ++calls === failing) return Promise.reject(new IpseError('storage_unavailable'))
            return (store[method] as (...args: never[]) => Promise<unknown>)(...given)
          },
        })
        await using fixture = await startFixture({ wrapStore })
        const enrolment = await fixture.createSession({
          purpose: 'enrolment',
          subject: 'anna',
          consent: CONSENT,
        })
        await fixture.capture(enrolment, createPerson(fixture.clock))
        const session = await fixture.createSession({ purpose: 'verification', subject: 'anna' })
        armed = true
        const { outcome, error } = await fixture.capture(session, createPerson(fixture.clock))
        armed = false
        const stored = await fixture.store.findSession('shop', session.id)
        if (calls >= failing) {
          assert.equal(error, 'internal')
          assert.notEqual(stored?.state, 'passed')
          assert.equal(stored?.receipt, undefined)
        } else assert.equal(outcome?.outcome, 'pass')
      }
    })
})

test('nothing personal, secret or biometric is in the log', async () => {
  await using fixture = await startFixture()
  const secrets: string[] = [fixture.apiKey.split('_').slice(3).join('_'), 'very-secret-subject']
  const image = Buffer.from(scriptedImage({ person: 4 })).toString('base64')
  secrets.push(image)
  const wish = { purpose: 'enrolment', subject: 'very-secret-subject', consent: CONSENT } as const
  const session = await fixture.createSession(wish)
  secrets.push(session.captureToken, ...session.captureToken.split('.').slice(1))
  await fixture.capture(session, createPerson(fixture.clock))
  await fixture.capture(session, createPerson(fixture.clock))
  await fixture.call('GET', '/v1/subjects/very-secret-subject?token=abc-query')
  await fixture.call('POST', '/v1/detections', { image })
  await fixture.call('POST', '/v1/detections', `{"image": "${image}`)
  fixture.engine.before = () => {
    throw new Error('native crash')
  }
  await fixture.call('POST', '/v1/detections', { image })
  secrets.push(
    (await fixture.readSession(session.id)).receipt ?? 'no receipt',
    'abc-query',
    'authorization',
    'remoteAddress',
  )
  const log = fixture.log()
  assert.match(log, /"route":"\/v1\/sessions"/)
  assert.match(log, /capture decided/)
  assert.match(log, /native crash/)
  for (const secret of secrets)
    assert.ok(!log.toLowerCase().includes(secret.toLowerCase()), secret.slice(0, 40))
  const audit = JSON.stringify(await fixture.store.listAudit('shop', 1000))
  for (const secret of secrets) assert.ok(!audit.includes(secret), secret.slice(0, 40))
  assert.match(audit, /"subject":"subj_[\w-]{22}"/)
})
