/** The whole without a browser: the real service, the real engine, a simulated subject, a receipt checked offline. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { IpseClient, verifyReceipt } from '@ipse/client'
import { createEngine } from '@ipse/engine'
import { createActor, createActorFeed, createFrame, createSubject, type Feed, FIXTURES } from '@ipse/lab'
import { type CaptureCamera, PLAUSIBLE_FACTS, runCapture } from '@ipse/lab/capture-client'
import { loadFixture, toJpeg } from '@ipse/lab/node'
import {
  type ChallengeStep,
  createDeviceKey,
  type IpseError,
  type Purpose,
  toBase64url,
} from '@ipse/protocol'
import sharp from 'sharp'
import { captureToTheEnd } from './patience.ts'
import { emptyFolder, ipseJson, serve } from './run.ts'

const ORIGIN = 'https://shop.example'
const data = join(emptyFolder(), 'data')
const service = await serve(['--data', data, '--set', 'media.keep=session'])
after(() => service.stop())
const { json } = await ipseJson(['keys', 'create', '--name', 't', '--scopes', 'all', '--data', data])
const client = new IpseClient({ baseUrl: service.ready.url, apiKey: json.key as string })

const engine = await createEngine({ threads: 1 })
const people = await Promise.all(
  FIXTURES.slice(0, 2).map(async (fixture) => {
    const locate = async (jpeg: Uint8Array) => (await engine.measure(jpeg)).mesh?.landmarks
    const { photo, landmarks } = await loadFixture(fixture, locate)
    return createSubject(photo, landmarks)
  }),
)
await engine.close()

/** Every attempt is another recording. */
const filming = (person: number, seed: number, obeys?: boolean) => (attempt: number) =>
  camera(person, seed + 100 * attempt, obeys)

function camera(person: number, seed: number, obeys = true): CaptureCamera {
  const feed: Feed = createActorFeed({ subject: people[person]!, actor: createActor({ seed }), seed })
  const picture = createFrame(feed.width, feed.height, 3)
  let shown: ChallengeStep | undefined
  return {
    frame(step, tMs) {
      if (obeys && step !== shown) feed.prompt(step, tMs)
      shown = step
      feed.render(tMs, picture)
      return toJpeg(picture)
    },
  }
}

async function check(purpose: Purpose, filmed: (attempt: number) => CaptureCamera, more: object = {}) {
  const session = await client.createSession({ purpose, allowedOrigins: [ORIGIN], ...more })
  const capture = await captureToTheEnd({ ...session, origin: ORIGIN, facts: PLAUSIBLE_FACTS }, filmed)
  return { session, capture, ended: await client.getSession(session.id) }
}

const consent = {
  version: '1',
  textSha256: toBase64url(new Uint8Array(32)),
  givenAt: new Date().toISOString(),
}

test('a person enrols, is accepted when coming back, and the receipts prove it without asking Ipse', async () => {
  const enrolment = await check('enrolment', filming(0, 1), { subject: 'alice', consent })
  assert.equal(enrolment.ended.decision, 'accept', enrolment.ended.reasons.join())
  assert.equal(enrolment.capture.outcome, 'pass')
  assert.equal((await client.getSubject('alice')).references[0]?.source, 'capture')

  const visit = await check('verification', filming(0, 2), { subject: 'alice' })
  assert.equal(visit.ended.decision, 'accept', visit.ended.reasons.join())
  const expected = { expectedSession: visit.session.id, expectedPurpose: 'verification' } as const
  const receipt = visit.ended.receipt ?? ''
  const online = await client.verifyReceipt(receipt, expected)
  assert.equal(online.accepted, true)
  assert.deepEqual([online.claims.sub, online.claims.device.virtualCamera], ['alice', false])
  assert.ok(online.claims.match && online.claims.match.score >= online.claims.match.threshold)

  const jwks = (await (await fetch(`${service.ready.url}/.well-known/jwks.json`)).json()) as { keys: [] }
  const offline = { keys: jwks, issuer: service.ready.url, audience: 'default', ...expected }
  assert.deepEqual((await verifyReceipt(receipt, offline)).claims, online.claims)
  for (const wrong of [
    { expectedSession: enrolment.session.id },
    { expectedPurpose: 'enrolment' as const },
    { audience: 'other' },
    { issuer: 'https://ipse.example' },
  ])
    await assert.rejects(verifyReceipt(receipt, { ...offline, ...wrong }), { code: 'receipt_invalid' })
})

test('another person is refused with a receipt that says no, and the device learns no more than that', async () => {
  const visit = await check('verification', filming(1, 3), { subject: 'alice' })
  assert.equal(visit.capture.outcome, 'fail')
  assert.equal(visit.ended.decision, 'reject')
  assert.deepEqual(visit.ended.reasons, ['face_mismatch'])
  const result = await client.verifyReceipt(visit.ended.receipt ?? '', {
    expectedSession: visit.session.id,
    expectedPurpose: 'verification',
  })
  assert.equal(result.accepted, false)
  assert.deepEqual(result.claims.reasons, ['face_mismatch'])
})

test('who does not answer the challenge is not accepted', async () => {
  const { ended, capture } = await check('liveness', filming(0, 4, false), { maxAttempts: 1 })
  assert.notEqual(capture.outcome, 'pass')
  assert.notEqual(ended.decision, 'accept')
})

test('a page that was not named, a used token and another device key are refused with one code each', async () => {
  const session = await client.createSession({ purpose: 'liveness', allowedOrigins: [ORIGIN] })
  const run = (more: object) =>
    captureToTheEnd({ ...session, origin: ORIGIN, facts: PLAUSIBLE_FACTS, ...more }, filming(0, 5)).then(
      () => 'taken',
      (error: IpseError) => error.code,
    )
  assert.equal(await run({ origin: 'https://evil.example' }), 'session_token_invalid')
  const device = await createDeviceKey()
  assert.equal(await run({ device }), 'taken')
  assert.equal(await run({}), 'session_token_invalid')
  assert.notEqual(await run({ device }), 'taken')
})

test('a camera that breaks ends the capture with its own error', async () => {
  const session = await client.createSession({ purpose: 'liveness', allowedOrigins: [ORIGIN] })
  const broken = { frame: () => Promise.reject(new TypeError('no picture')) }
  await assert.rejects(
    runCapture({ ...session, origin: ORIGIN, camera: broken, facts: PLAUSIBLE_FACTS }),
    new TypeError('no picture'),
  )
})

test('a session that ended without a capture has no receipt or one that is not a pass', async () => {
  const session = await client.createSession({ purpose: 'liveness' })
  const { receipt, state } = await client.cancelSession(session.id)
  assert.equal(state, 'cancelled')
  if (receipt !== undefined) {
    const expected = { expectedSession: session.id, expectedPurpose: 'liveness' } as const
    assert.equal((await client.verifyReceipt(receipt, expected)).accepted, false)
  }
})

test('every decision of this run is made again from what is stored, also by another policy', async () => {
  const args = ['replay-decision', '--all', '--policy', 'high', '--data', service.ready.dataDir]
  const { code, json } = await ipseJson(args)
  assert.equal(code, 0)
  assert.ok(Number(json.attempts) >= 3)
  assert.deepEqual(json.altered, [])
  assert.equal(json.otherChallenge, json.attempts, 'high asks for more')
})

test('a subject is exported, with the pictures that a reviewer may see, and erased', async () => {
  const exported = await client.exportSubject('alice', { media: 'included' })
  assert.equal(exported.format, 'ipse-subject-export/3')
  assert.equal(exported.sessions.length, 3)
  const [first] = exported.pictures
  assert.ok(first?.file?.data)
  const seen = await client.getPicture(first.sessionId, first.n)
  assert.deepEqual(Buffer.from(first.file.data, 'base64'), Buffer.from(seen))
  const { format, exif, width } = await sharp(seen).metadata()
  assert.deepEqual([format, exif], ['jpeg', undefined])
  assert.ok(width > 100)
  const media = await client.getMedia(first.sessionId)
  assert.deepEqual(
    media.pictures.map(({ claimed }) => claimed),
    media.pictures.map(({ n }) => n === first.n),
  )
  const erased = await client.deleteSubject('alice')
  assert.ok(erased.erased.references >= 1)
  await assert.rejects(client.createSession({ purpose: 'verification', subject: 'alice' }), {
    code: 'reference_not_found',
  })
})
