/**
 * Marked pixels, templates, names and secrets are sent along every path there is: the good ones, every kind of refusal, faults of
 * our own. Then logs, metrics, errors and the raw files of the store are searched for them, in every spelling.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Engine, Template } from '@ipse/engine'
import { IpseError } from '@ipse/protocol'
import { openSqliteStore, type Store } from '../src/index.ts'
import { foundIn, textCanary, vectorCanaries } from './canaries.ts'
import { CAMERA_FACTS } from './capture-client.ts'
import { CONSENT, createPerson, type Fixture, startFixture } from './fixture.ts'
import { newPerson } from './person.ts'
import { createScriptedEngine, type Script, scriptedImage } from './scripted-engine.ts'

const SUBJECT = 'ada.canary-lovelace@example.test'
const PIXELS = 'pixels-of-the-canary-0f1e2d3c'
const LABEL = 'Canary Wharf Camera (0c4a:4a71)'
const AGENT = 'CanaryBrowser/77.1'
const GUID = '7e57c0de-ca4a-4f00-8b1d-0123456789ab'
const CAMERA = 'c0ffee00canary00camera00id'
const ADDRESS = '203.0.113.77'
/** Larger than anything of a scripted template would be by chance, too small to change a score. */
const MARK = Float32Array.of(0.012345678, 0.013456789, 0.014567891, 0.015678912, 0.016789123, 0.017891234)

const image = (script: Script = {}, mark = PIXELS) =>
  Buffer.from(scriptedImage({ ...script, mark } as Script)).toString('base64')

/** The scripted engine, with marks in every template that it gives out. */
function markedEngine(): Engine & { before: (script: Script) => Promise<void> | void; seen: number } {
  const inner = createScriptedEngine()
  const marked = ({ modelId, vector }: Template): Template => {
    const copy = Float32Array.from(vector)
    copy.set(MARK, copy.length - MARK.length)
    return { modelId, vector: copy }
  }
  const engine = {
    ...inner,
    seen: 0,
    async measure(encoded: Uint8Array, options = {}) {
      if (Buffer.from(encoded).includes(PIXELS)) engine.seen++
      const { template, ...measured } = await inner.measure.call(engine, encoded, options)
      return { ...measured, ...(template ? { template: marked(template) } : {}) }
    },
    merge: (templates: readonly Template[]) => marked(inner.merge(templates)),
    openClip: () => inner.openClip.call(engine),
  }
  return engine
}

interface Heard {
  /** Bodies of everything that was refused. */
  readonly errors: string[]
  readonly secrets: string[]
}

const person = (fixture: Fixture, options: object = {}) =>
  createPerson(fixture.clock, {
    person: 3,
    change: (script: Script) => ({ ...script, mark: PIXELS }) as Script,
    ...options,
  })
const facts = {
  ...CAMERA_FACTS,
  label: LABEL,
  userAgent: AGENT,
  settings: { ...CAMERA_FACTS.settings, deviceId: CAMERA },
}
const headers = { 'x-forwarded-for': ADDRESS }

async function goodPaths(fixture: Fixture, { secrets }: Heard): Promise<void> {
  const about = { subject: SUBJECT, deviceCorrelationId: GUID }
  const capture = async (wish: object, camera = person(fixture)) => {
    const { body } = await fixture.call('POST', '/v1/sessions', wish)
    secrets.push(body.captureToken)
    return { id: body.id as string, ...(await fixture.capture(body, camera, { facts, headers })) }
  }
  const enrolled = await capture({ purpose: 'enrolment', ...about, consent: CONSENT })
  assert.equal(
    enrolled.outcome?.outcome,
    'pass',
    JSON.stringify((await fixture.readSession(enrolled.id)).reasons),
  )
  const passed = await capture({ purpose: 'verification', ...about })
  assert.equal(passed.outcome?.outcome, 'pass')
  await fixture.call('GET', `/v1/sessions/${passed.id}`)
  await fixture.call('POST', `/v1/subjects/${SUBJECT}/references`, {
    image: image({ person: 3 }),
    consent: CONSENT,
  })
  const compare = (other: number) =>
    fixture.call('POST', '/v1/comparisons', {
      probe: { image: image({ person: other }) },
      reference: { subject: SUBJECT },
    })
  assert.equal((await compare(3)).body.decision, 'match')
  assert.equal((await compare(4)).body.decision, 'non-match')
  await fixture.call('POST', '/v1/detections', { image: image({}), landmarks: true })
  const verification = { purpose: 'verification', subject: SUBJECT, referenceImage: image({ person: 3 }) }
  await capture(verification)
  await fixture.call('GET', `/v1/subjects/${SUBJECT}/export`)
  await fixture.call('GET', '/v1/privacy/report')
}

async function refusedPaths(fixture: Fixture, { errors, secrets }: Heard): Promise<void> {
  const refused = async (method: string, url: string, body?: unknown, more?: Record<string, string>) => {
    const { status, body: answer } = await fixture.call(method, url, body, { ...headers, ...more })
    assert.ok(status >= 400, `${method} ${url.slice(0, 40)}: ${status}`)
    errors.push(JSON.stringify(answer))
  }
  const broken = Buffer.from(`\xff\xd8\xff{"mark":"${PIXELS}"`, 'latin1').toString('base64')
  await refused('POST', '/v1/detections', { image: broken })
  await refused('POST', '/v1/detections', { image: `${image({})}!` })
  await refused('POST', '/v1/detections', `{"image":"${image({})}`)
  await refused('POST', '/v1/detections', `{"image":"${PIXELS}"} ${PIXELS}`)
  await refused('POST', `/v1/subjects/${SUBJECT}/references`, {
    image: image({ faces: 0 }),
    consent: CONSENT,
  })
  await refused('POST', `/v1/subjects/${SUBJECT}/references`, { image: image({}) })
  await refused('POST', '/v1/sessions', { purpose: 'verification', subject: `${SUBJECT}.nobody` })
  await refused('POST', '/v1/sessions', {
    purpose: 'enrolment',
    subject: `${SUBJECT} ${PIXELS}`,
    consent: CONSENT,
  })
  await refused('GET', `/v1/subjects/${SUBJECT}.nobody/export`)
  await refused('GET', `/v1/nothing/${SUBJECT}?name=${SUBJECT}&token=${PIXELS}`)
  await refused('GET', `/v1/sessions?cursor=${encodeURIComponent(PIXELS)}`)
  await refused('GET', '/v1/sessions', undefined, { authorization: `Bearer ${PIXELS}` })
  await refused('GET', '/v1/sessions', undefined, {
    authorization: `Bearer ${fixture.apiKey}A`,
    'user-agent': AGENT,
  })
  const capture = async (change: object, camera: ReturnType<typeof person>, device = true) => {
    const { body } = await fixture.call('POST', '/v1/sessions', {
      purpose: 'verification',
      subject: SUBJECT,
      ...(device ? { deviceCorrelationId: GUID } : {}),
    })
    if (!body.id) return void errors.push(JSON.stringify(body))
    secrets.push(body.captureToken)
    const end = await fixture.capture(body, camera, { facts, headers, ...change }).catch((error) => error)
    errors.push(JSON.stringify(end.error ?? ''))
  }
  const other = (number: number) => person(fixture, { person: number })
  let frames = 0
  const crooked = person(fixture)
  await capture(
    {},
    {
      ...crooked,
      frame: () => {
        if (frames++ < 9) return crooked.frame()
        return {
          jpeg: Buffer.from(`not a picture ${PIXELS}`),
          capturedUs: fixture.clock.monotonicMs() * 1000,
        }
      },
    },
  )
  await capture({}, other(9))
  await capture({ facts: { ...facts, label: 7 } }, person(fixture))
  await capture({ captureToken: PIXELS }, person(fixture))
  // Until the device is blocked, the subject locked out, and a review waits.
  for (let i = 0; i < 10; i++) await capture({}, other(5 + i), i % 2 === 0)
  const officer = await newPerson(fixture, ['owner'])
  const { items } = (await officer.ask('GET', '/v1/reviews')).body
  for (const { id, sessions } of items as { id: string; sessions: string[] }[]) {
    await officer.ask('GET', `/v1/sessions/${sessions[0]}/abuse-report`)
    await officer.ask('POST', `/v1/reviews/${id}/decision`, { decision: 'block', reason: 'seen before' })
  }
  secrets.push(officer.cookie().split('=')[1] ?? '')
}

async function ourFaults(
  fixture: Fixture,
  engine: ReturnType<typeof markedEngine>,
  failing: { now: boolean },
  { errors }: Heard,
) {
  const ask = async (method: string, url: string, body?: unknown) => {
    const { status, body: answer } = await fixture.call(method, url, body, headers)
    assert.ok(status >= 500, `${method} ${url}: ${status}`)
    errors.push(JSON.stringify(answer))
  }
  engine.before = () => {
    throw new TypeError('tensor of the wrong shape')
  }
  await ask('POST', '/v1/detections', { image: image({}) })
  await ask('POST', `/v1/subjects/${SUBJECT}/references`, { image: image({}), consent: CONSENT })
  engine.before = () => {}
  failing.now = true
  await ask('GET', `/v1/subjects/${SUBJECT}/export`)
  await ask('DELETE', `/v1/subjects/${SUBJECT}`)
  failing.now = false
}

/** A database whose errors say everything that went through it. */
function talkative(store: Store, failing: { readonly now: boolean }): Store {
  return new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name)
      if (!failing.now || typeof member !== 'function' || name === 'findApiKey') return member
      return async () => {
        const cause = Object.assign(
          new Error('duplicate key value violates unique constraint "references_pkey"'),
          {
            detail: `Key (subject)=(${SUBJECT}) already exists.`,
            parameters: [SUBJECT, PIXELS, MARK],
          },
        )
        throw new IpseError('storage_unavailable', undefined, { cause })
      }
    },
  })
}

test('nothing that was marked is in a log, a metric, an error or a file, whatever happened', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ipse-canary-'))
  const engine = markedEngine()
  const failing = { now: false }
  const open = () => openSqliteStore(join(folder, 'ipse.sqlite'))
  try {
    const named = {
      'server.trustedProxies': '127.0.0.1',
      'lockout.enabled': 'true',
      'lockout.failures': '3',
      'abuse.blockScore': '2',
      'limits.comparisonsPerMinute': '0',
    }
    const options = { open, named, wrapStore: (store: Store) => talkative(store, failing), more: { engine } }
    await using fixture = await startFixture(options)
    const heard: Heard = { errors: [], secrets: [fixture.apiKey.split('_').slice(3).join('_')] }
    await goodPaths(fixture, heard)
    await refusedPaths(fixture, heard)
    await ourFaults(fixture, engine, failing, heard)
    const metrics = String((await fixture.call('GET', '/metrics')).body)

    const pixels = textCanary('pixels', PIXELS)
    const template = vectorCanaries('template', MARK)
    const subject = textCanary('subject', SUBJECT)
    const device = [
      textCanary('camera label', LABEL),
      textCanary('user agent', AGENT),
      textCanary('device id', GUID),
    ]
    const address = textCanary('address', ADDRESS)
    const secrets = heard.secrets.map((secret) => textCanary('secret', secret))
    const everything = [pixels, ...template, subject, ...device, address, ...secrets]

    assert.ok(engine.seen > 60, `${engine.seen} marked pictures were measured`)
    assert.ok(heard.errors.length > 20, `${heard.errors.length} refusals`)
    assert.deepEqual(
      heard.secrets.filter((secret) => !(secret?.length >= 20)),
      [],
    )
    const events = new Set((await fixture.store.listAudit('shop', 9999)).map(({ event }) => event))
    for (const event of [
      'lockout.begun',
      'device.blocked',
      'review.decided',
      'capture.abandoned',
      'abuse.reported',
    ])
      assert.ok(events.has(event as never), event)
    assert.match(fixture.log(), /capture decided/)
    assert.match(fixture.log(), /tensor of the wrong shape/, 'our own faults are logged')
    assert.match(metrics, /ipse_captures_decided_total/)

    assert.deepEqual(foundIn(fixture.log(), everything), [], 'log')
    assert.deepEqual(foundIn(metrics, everything), [], 'metrics')
    assert.deepEqual(foundIn(heard.errors.join('\n'), everything), [], 'errors')
    const audit = JSON.stringify(await fixture.store.listAudit('shop', 9999))
    assert.deepEqual(foundIn(audit, everything), [], 'audit log')
    const files = readdirSync(folder).map((file) => readFileSync(join(folder, file)))
    const raw = Buffer.concat(files)
    assert.ok(files.length >= 4 && raw.length > 200_000, 'data, keys and their logs')
    assert.deepEqual(
      foundIn(raw, everything),
      ['subject'],
      'the subject is what a session is found by, and nothing else is there',
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('the search finds a mark in every spelling, so that its silence means something', () => {
  const canaries = [textCanary('text', PIXELS), ...vectorCanaries('vector', MARK)]
  const bytes = Buffer.from(PIXELS)
  const vector = Buffer.from(MARK.buffer)
  const noise = Buffer.alloc(1000, 'x')
  const planted: Readonly<Record<string, readonly [string, string | Buffer]>> = {
    plain: ['text', bytes],
    'base64, each alignment (0)': ['text', bytes.toString('base64')],
    'base64, each alignment (1)': [
      'text',
      Buffer.concat([Buffer.from('a'), bytes, Buffer.from('b')]).toString('base64'),
    ],
    'base64, each alignment (2)': [
      'text',
      Buffer.concat([Buffer.from('ab'), bytes, Buffer.from('c')]).toString('base64'),
    ],
    base64url: ['vector', vector.toString('base64url')],
    hex: ['text', bytes.toString('hex')],
    'upper hex': ['vector', vector.toString('hex').toUpperCase()],
    'a printed array of bytes': ['text', JSON.stringify([...bytes])],
    'a typed array as JSON': ['vector', JSON.stringify(new Uint8Array(vector))],
    'percent-encoded': ['text', encodeURIComponent(PIXELS)],
    'sixteen bits a letter': ['text', Buffer.from(PIXELS, 'utf16le')],
    'the vector itself': ['vector', vector],
    'numbers of the vector': ['vector, printed', JSON.stringify([...MARK])],
    'one number of the vector': ['vector, printed', String(MARK[3])],
  }
  assert.deepEqual(foundIn(noise, canaries), [])
  for (const [name, [canary, what]] of Object.entries(planted))
    assert.ok(foundIn(Buffer.concat([noise, Buffer.from(what), noise]), canaries).includes(canary), name)
})
