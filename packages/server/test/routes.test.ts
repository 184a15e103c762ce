/** The REST door: what every route answers, to friends and to strangers, held against its own OpenAPI document. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ERRORS } from '@ipse/protocol'
import type { TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { revokeApiKey, SCOPE_NAMES } from '../src/index.ts'
import { IMAGE_BODY_BYTES } from '../src/routes/context.ts'
import { ErasureSchema, SubjectExportSchema } from '../src/routes/privacy-schemas.ts'
import * as schemas from '../src/routes/schemas.ts'
import { CONSENT, createPerson, startFixture, systemRandom } from './fixture.ts'
import { type Script, scriptedImage } from './scripted-engine.ts'

const image = (script: Script = {}) => Buffer.from(scriptedImage(script)).toString('base64')
const SESSION = 'ses_AAAAAAAAAAAAAAAAAAAAAA'

const conforms = (schema: TSchema, value: unknown): boolean => Value.Check(schema, value)

/** [title, method, path, body, status, code] */
type Case = readonly [string, string, string, unknown, number, string]

const BAD: readonly Case[] = [
  ['no body', 'POST', '/v1/sessions', undefined, 400, 'invalid_request'],
  ['an empty body', 'POST', '/v1/sessions', {}, 400, 'invalid_request'],
  ['not JSON', 'POST', '/v1/sessions', '{"purpose"', 400, 'invalid_request'],
  ['a list', 'POST', '/v1/sessions', [], 400, 'invalid_request'],
  ['an unknown purpose', 'POST', '/v1/sessions', { purpose: 'identification' }, 400, 'invalid_request'],
  ['a member too many', 'POST', '/v1/sessions', { purpose: 'liveness', admin: true }, 400, 'invalid_request'],
  [
    'a number as text',
    'POST',
    '/v1/sessions',
    { purpose: 'liveness', ttlSeconds: '60' },
    400,
    'invalid_request',
  ],
  [
    'too long a life',
    'POST',
    '/v1/sessions',
    { purpose: 'liveness', ttlSeconds: 601 },
    400,
    'invalid_request',
  ],
  [
    'too many attempts',
    'POST',
    '/v1/sessions',
    { purpose: 'liveness', maxAttempts: 4 },
    400,
    'invalid_request',
  ],
  [
    'a subject with a slash',
    'POST',
    '/v1/sessions',
    { purpose: 'liveness', subject: 'a/b' },
    400,
    'invalid_request',
  ],
  [
    'prototype pollution',
    'POST',
    '/v1/sessions',
    '{"purpose":"liveness","__proto__":{"a":1}}',
    400,
    'invalid_request',
  ],
  [
    'an origin with a path',
    'POST',
    '/v1/sessions',
    { purpose: 'liveness', allowedOrigins: ['https://a.test/x'] },
    400,
    'invalid_request',
  ],
  [
    'a wildcard origin',
    'POST',
    '/v1/sessions',
    { purpose: 'liveness', allowedOrigins: ['*'] },
    400,
    'invalid_request',
  ],
  [
    'an unknown policy',
    'POST',
    '/v1/sessions',
    { purpose: 'liveness', policy: 'lenient' },
    422,
    'policy_unknown',
  ],
  [
    'an inherited name as policy',
    'POST',
    '/v1/sessions',
    { purpose: 'liveness', policy: 'constructor' },
    422,
    'policy_unknown',
  ],
  [
    'enrolment without consent',
    'POST',
    '/v1/sessions',
    { purpose: 'enrolment', subject: 'anna' },
    422,
    'consent_missing',
  ],
  [
    'enrolment of nobody',
    'POST',
    '/v1/sessions',
    { purpose: 'enrolment', consent: CONSENT },
    400,
    'invalid_request',
  ],
  [
    'consent without a hash',
    'POST',
    '/v1/sessions',
    { purpose: 'enrolment', subject: 'a', consent: { ...CONSENT, textSha256: 'x' } },
    400,
    'invalid_request',
  ],
  [
    'consent at no time',
    'POST',
    '/v1/sessions',
    { purpose: 'enrolment', subject: 'a', consent: { ...CONSENT, givenAt: 'today' } },
    400,
    'invalid_request',
  ],
  ['verification of nobody', 'POST', '/v1/sessions', { purpose: 'verification' }, 400, 'invalid_request'],
  [
    'verification of a stranger',
    'POST',
    '/v1/sessions',
    { purpose: 'verification', subject: 'nobody' },
    404,
    'reference_not_found',
  ],
  [
    'a reference for liveness',
    'POST',
    '/v1/sessions',
    { purpose: 'liveness', referenceImage: image() },
    400,
    'invalid_request',
  ],
  [
    'a reference without a face',
    'POST',
    '/v1/sessions',
    { purpose: 'verification', referenceImage: image({ faces: 0 }) },
    422,
    'reference_unusable',
  ],
  [
    'a reference of two',
    'POST',
    '/v1/sessions',
    { purpose: 'verification', referenceImage: image({ faces: 2 }) },
    422,
    'reference_unusable',
  ],
  ['an id that is none', 'GET', '/v1/sessions/1', undefined, 400, 'invalid_request'],
  ['an id of nothing', 'GET', `/v1/sessions/${SESSION}`, undefined, 404, 'not_found'],
  ['cancelling nothing', 'POST', `/v1/sessions/${SESSION}/cancel`, undefined, 404, 'not_found'],
  ['a page of none', 'GET', '/v1/sessions?limit=0', undefined, 400, 'invalid_request'],
  ['a page of thousands', 'GET', '/v1/sessions?limit=1000', undefined, 400, 'invalid_request'],
  ['a strange cursor', 'GET', '/v1/sessions?cursor=AAAA', undefined, 400, 'invalid_request'],
  ['an unknown query', 'GET', '/v1/sessions?tenant=other', undefined, 400, 'invalid_request'],
  ['an image that is no base64', 'POST', '/v1/detections', { image: 'not base64!' }, 422, 'image_unreadable'],
  ['an image in base64url', 'POST', '/v1/detections', { image: '_9j_' }, 422, 'image_unreadable'],
  ['an image that cannot be read', 'POST', '/v1/detections', { image: '/9j/AAAA' }, 422, 'image_unreadable'],
  ['an image as a list', 'POST', '/v1/detections', { image: ['/9j/'] }, 400, 'invalid_request'],
  ['an image of 11 MB', 'POST', '/v1/detections', { image: 'A'.repeat(14_000_000) }, 400, 'invalid_request'],
  [
    'a body of 29 MB',
    'POST',
    '/v1/detections',
    `"${'A'.repeat(IMAGE_BODY_BYTES)}"`,
    413,
    'payload_too_large',
  ],
  [
    'a probe without a face',
    'POST',
    '/v1/comparisons',
    { probe: { image: image({ faces: 0 }) }, reference: { image: image() } },
    422,
    'image_unreadable',
  ],
  [
    'a reference without a face to compare',
    'POST',
    '/v1/comparisons',
    { probe: { image: image() }, reference: { image: image({ faces: 0 }) } },
    422,
    'reference_unusable',
  ],
  [
    'comparison with a stranger',
    'POST',
    '/v1/comparisons',
    { probe: { image: image() }, reference: { subject: 'nobody' } },
    404,
    'reference_not_found',
  ],
  [
    'two references in one',
    'POST',
    '/v1/comparisons',
    { probe: { image: image() }, reference: { subject: 'a', image: image() } },
    400,
    'invalid_request',
  ],
  [
    'a rate nobody measured',
    'POST',
    '/v1/comparisons',
    { probe: { image: image() }, reference: { image: image() }, fmr: 1e-8 },
    400,
    'invalid_request',
  ],
  [
    'a rate of one',
    'POST',
    '/v1/comparisons',
    { probe: { image: image() }, reference: { image: image() }, fmr: 1 },
    400,
    'invalid_request',
  ],
  [
    'enrolling without consent',
    'POST',
    '/v1/subjects/anna/references',
    { image: image() },
    422,
    'consent_missing',
  ],
  [
    'enrolling a crowd',
    'POST',
    '/v1/subjects/anna/references',
    { image: image({ faces: 3 }), consent: CONSENT },
    422,
    'reference_unusable',
  ],
  ['a subject that climbs', 'GET', '/v1/subjects/..%2F..%2Fetc', undefined, 400, 'invalid_request'],
  ['a stranger', 'GET', '/v1/subjects/nobody', undefined, 404, 'not_found'],
  ['export of a stranger', 'GET', '/v1/subjects/nobody/export', undefined, 404, 'not_found'],
  ['a path that is not there', 'GET', '/v1/nothing', undefined, 404, 'not_found'],
  ['another method', 'PUT', '/v1/sessions', {}, 404, 'not_found'],
]

test('bad requests are answered with a problem document that says what to do', async (t) => {
  await using fixture = await startFixture()
  for (const [title, method, path, body, status, code] of BAD)
    await t.test(title, async () => {
      const reply = await fixture.call(method, path, body)
      assert.deepEqual(
        [reply.status, reply.body.code],
        [status, code],
        JSON.stringify(reply.body).slice(0, 300),
      )
      assert.match(String(reply.headers['content-type']), /^application\/problem\+json/)
      assert.ok(conforms(schemas.ProblemSchema, reply.body))
      assert.equal(reply.body.requestId, reply.headers['x-request-id'])
      assert.equal(reply.body.advice, ERRORS[code as keyof typeof ERRORS].advice)
    })
  const { body } = await fixture.call('POST', '/v1/sessions', {
    purpose: 'liveness',
    ttlSeconds: 'x',
    extra: 1,
  })
  assert.deepEqual(body.errors.map(({ at }: { at: string }) => at).sort(), ['', '/ttlSeconds'])
  const text = await fixture.call('POST', '/v1/sessions', 'x', { 'content-type': 'text/plain' })
  assert.deepEqual([text.status, text.body.code], [415, 'unsupported_media'])
})

test('without a valid key, or without the scope, nothing is answered', async (t) => {
  await using fixture = await startFixture()
  const doors: readonly [string, string, string, unknown][] = [
    ['session:create', 'POST', '/v1/sessions', { purpose: 'liveness' }],
    ['session:read', 'GET', '/v1/sessions', undefined],
    ['session:read', 'GET', `/v1/sessions/${SESSION}`, undefined],
    ['session:cancel', 'POST', `/v1/sessions/${SESSION}/cancel`, undefined],
    ['face:verify', 'POST', '/v1/comparisons', {}],
    ['face:detect', 'POST', '/v1/detections', {}],
    ['face:enrol', 'POST', '/v1/subjects/anna/references', {}],
    ['subject:read', 'GET', '/v1/subjects/anna', undefined],
    ['subject:read', 'GET', '/v1/subjects/anna/export', undefined],
    ['subject:delete', 'DELETE', '/v1/subjects/anna', undefined],
  ]
  const kid = fixture.apiKey.split('_')[2] ?? ''
  const revoked = await fixture.newKey(SCOPE_NAMES)
  await revokeApiKey(fixture.store, systemRandom, fixture.clock, revoked.split('_')[2] ?? '')
  const credentials = {
    none: '',
    'no scheme': fixture.apiKey,
    basic: `Basic ${fixture.apiKey}`,
    'another secret': `Bearer ipse_live_${kid}_${'A'.repeat(43)}`,
    'an unknown key': `Bearer ipse_live_${'0'.repeat(16)}_${'A'.repeat(43)}`,
    'a longer secret': `Bearer ${fixture.apiKey}A`,
    'a revoked key': `Bearer ${revoked}`,
  }
  for (const [scope, method, path, body] of doors)
    await t.test(`${method} ${path}`, async () => {
      for (const [title, authorization] of Object.entries(credentials)) {
        const { status, body: problem } = await fixture.call(method, path, body, { authorization })
        assert.deepEqual([status, problem.code], [401, 'unauthenticated'], title)
      }
      const others = await fixture.newKey(SCOPE_NAMES.filter((name) => name !== scope))
      const reply = await fixture.call(method, path, body, { authorization: `Bearer ${others}` })
      assert.deepEqual([reply.status, reply.body.code], [403, 'forbidden'])
      assert.match(reply.body.detail, new RegExp(scope))
      const only = await fixture.newKey([scope as (typeof SCOPE_NAMES)[number]])
      const allowed = await fixture.call(method, path, body, { authorization: `Bearer ${only}` })
      assert.ok(![401, 403].includes(allowed.status))
    })
})

test('a tenant sees nothing of another', async () => {
  await using fixture = await startFixture()
  const session = await fixture.createSession({ purpose: 'liveness', subject: 'anna' })
  await fixture.call('POST', '/v1/subjects/anna/references', { image: image(), consent: CONSENT })
  const authorization = `Bearer ${await fixture.newKey(SCOPE_NAMES, 'other')}`
  for (const [method, path] of [
    ['GET', `/v1/sessions/${session.id}`],
    ['POST', `/v1/sessions/${session.id}/cancel`],
    ['GET', '/v1/subjects/anna'],
    ['GET', '/v1/subjects/anna/export'],
  ] as const)
    assert.equal((await fixture.call(method, path, undefined, { authorization })).status, 404)
  assert.deepEqual((await fixture.call('GET', '/v1/sessions', undefined, { authorization })).body.items, [])
  const erased = await fixture.call('DELETE', '/v1/subjects/anna', undefined, { authorization })
  assert.deepEqual([erased.body.erased.references, erased.body.erased.sessions], [0, 0])
  assert.equal((await fixture.call('GET', '/v1/subjects/anna')).status, 200)
})

test('a key with origins opens sessions for these only', async () => {
  await using fixture = await startFixture()
  const authorization = `Bearer ${await fixture.newKey(SCOPE_NAMES, 'shop', ['https://shop.test'])}`
  const open = (allowedOrigins: string[]) =>
    fixture.call('POST', '/v1/sessions', { purpose: 'liveness', allowedOrigins }, { authorization })
  assert.equal((await open(['https://shop.test'])).status, 201)
  assert.equal((await open(['https://evil.test'])).body.code, 'forbidden')
})

test('the same idempotency key gives the same session and token, another body a conflict', async () => {
  await using fixture = await startFixture()
  const headers = { 'idempotency-key': 'order-1' }
  const create = (body: unknown, more = headers) => fixture.call('POST', '/v1/sessions', body, more)
  const first = await create({ purpose: 'liveness', subject: 'anna' })
  const again = await create({ subject: 'anna', purpose: 'liveness' })
  assert.deepEqual(again.body, first.body)
  assert.equal((await create({ purpose: 'liveness' })).body.code, 'idempotency_conflict')
  assert.equal((await create({ purpose: 'liveness' }, { 'idempotency-key': 'x'.repeat(129) })).status, 400)
  const both = await Promise.all(
    [1, 2, 3].map(() => create({ purpose: 'liveness' }, { 'idempotency-key': 'order-2' })),
  )
  assert.equal(new Set(both.map(({ body }) => body.id)).size, 1)
  fixture.clock.advance(86_400_001)
  assert.notEqual((await create({ purpose: 'liveness', subject: 'anna' })).body.id, first.body.id)
})

test('a subject is enrolled from a photograph, compared with, exported and erased', async () => {
  await using fixture = await startFixture()
  const enrolled = await fixture.call('POST', '/v1/subjects/anna/references', {
    image: image({ person: 3 }),
    consent: CONSENT,
  })
  assert.equal(enrolled.status, 201)
  assert.ok(conforms(schemas.SubjectSchema, enrolled.body))
  assert.equal(enrolled.body.references[0].source, 'image')
  const compare = (person: number, fmr?: number) =>
    fixture.call('POST', '/v1/comparisons', {
      probe: { image: image({ person, yaw: 5 }) },
      reference: { subject: 'anna' },
      ...(fmr === undefined ? {} : { fmr }),
    })
  const same = await compare(3)
  assert.ok(conforms(schemas.ComparisonResultSchema, same.body))
  assert.deepEqual([same.body.decision, same.body.fmr, same.body.threshold], ['match', 0.001, 0.7])
  assert.equal((await compare(3, 0.01)).body.threshold, 0.5)
  const other = await compare(4)
  assert.deepEqual([other.status, other.body.decision], [200, 'non-match'])
  await fixture.createSession({ purpose: 'verification', subject: 'anna' })
  const exported = await fixture.call('GET', '/v1/subjects/anna/export')
  assert.ok(conforms(SubjectExportSchema, exported.body))
  assert.equal(exported.body.sessions.length, 1)
  const [consent] = exported.body.consents
  assert.equal(exported.body.references[0].consent, consent.id)
  assert.deepEqual([consent.version, consent.textSha256, consent.givenAt], Object.values(CONSENT))
  const erased = await fixture.call('DELETE', '/v1/subjects/anna')
  assert.ok(conforms(ErasureSchema, erased.body))
  assert.deepEqual([erased.body.erased.references, erased.body.erased.sessions], [1, 1])
  assert.equal((await fixture.call('GET', '/v1/subjects/anna')).status, 404)
  assert.equal((await compare(3)).status, 404)
  const events = (await fixture.store.listAudit('shop', 100)).map(({ event }) => event)
  for (const event of ['reference.enrolled', 'comparison.made', 'subject.exported', 'subject.erased'])
    assert.ok(events.includes(event as never), event)
})

test('a detection describes all faces and, when asked, the landmarks of the largest', async () => {
  await using fixture = await startFixture()
  const detect = (script: Script, more = {}) =>
    fixture.call('POST', '/v1/detections', { image: image(script), ...more })
  const plain = await detect({ faces: 2, yaw: 7 })
  assert.ok(conforms(schemas.DetectionResultSchema, plain.body))
  assert.deepEqual([plain.body.faces.length, plain.body.pose.yawDeg, plain.body.landmarks], [2, 7, undefined])
  assert.equal((await detect({}, { landmarks: true })).body.landmarks.length, 468)
  const none = await detect({ faces: 0 })
  assert.deepEqual([none.status, none.body.faces, none.body.pose], [200, [], undefined])
})

test('sessions are listed page by page, read and cancelled, and expire when their time is over', async () => {
  await using fixture = await startFixture()
  const created = []
  for (let i = 0; i < 5; i++) {
    fixture.clock.advance(1)
    created.push(await fixture.createSession({ purpose: 'liveness' }))
  }
  assert.ok(created.every((session) => conforms(schemas.CreatedSessionSchema, session)))
  const ids: string[] = []
  let cursor: string | undefined
  do {
    const { body } = await fixture.call('GET', `/v1/sessions?limit=2${cursor ? `&cursor=${cursor}` : ''}`)
    assert.ok(conforms(schemas.SessionPageSchema, body))
    ids.push(...body.items.map(({ id }: { id: string }) => id))
    cursor = body.nextCursor
  } while (cursor)
  assert.deepEqual(ids, created.map(({ id }) => id).reverse())
  const [first] = created
  const cancelled = await fixture.call('POST', `/v1/sessions/${first?.id}/cancel`)
  assert.deepEqual([cancelled.body.state, cancelled.body.attemptsLeft], ['cancelled', 0])
  assert.equal(
    (await fixture.call('POST', `/v1/sessions/${first?.id}/cancel`)).body.code,
    'session_wrong_state',
  )
  fixture.clock.advance(600_000)
  assert.equal((await fixture.readSession(ids[0] ?? '')).state, 'expired')
})

test('a decided session answers as its schema says', async () => {
  await using fixture = await startFixture()
  const session = await fixture.createSession({ purpose: 'liveness' })
  await fixture.capture(session, createPerson(fixture.clock))
  const read = await fixture.readSession(session.id)
  assert.ok(
    conforms(schemas.SessionSchema, read),
    JSON.stringify([...Value.Errors(schemas.SessionSchema, read)].slice(0, 3)),
  )
  assert.equal(read.state, 'passed')
})

test('request ids go in and out, harmless ones only', async () => {
  await using fixture = await startFixture()
  const id = async (given: string) =>
    (await fixture.call('GET', '/healthz', undefined, { 'x-request-id': given })).headers['x-request-id']
  assert.equal(await id('order-17.a'), 'order-17.a')
  for (const bad of ['a b', 'x'.repeat(65), '{"a":1}', ''])
    assert.match(String(await id(bad)), /^req_[\w-]{22}$/)
})

test('what anybody may know is public, and nothing else', async () => {
  await using fixture = await startFixture()
  const open = (path: string) => fixture.call('GET', path, undefined, { authorization: '' })
  const jwks = (await open('/.well-known/jwks.json')).body
  assert.equal(jwks.keys.length, 1)
  assert.ok(!('d' in jwks.keys[0]))
  const ipse = (await open('/.well-known/ipse.json')).body
  assert.deepEqual(
    [ipse.issuer, ipse.captureProtocols, ipse.minimumSdk],
    ['https://ipse.test', ['ipse-capture/3'], '0.1.0'],
  )
  assert.equal((await open('/healthz')).body.status, 'ok')
  assert.equal((await open('/readyz')).body.status, 'ready')
  const metrics = await open('/metrics')
  assert.match(metrics.body, /ipse_http_request_seconds_count/)
  const proxied = await fixture.call('GET', '/metrics', undefined, {
    authorization: '',
    'x-forwarded-for': '127.0.0.1',
  })
  assert.equal(proxied.status, 404)
  const { headers } = await open('/healthz')
  assert.equal(headers['x-content-type-options'], 'nosniff')
  assert.match(String(headers['content-security-policy']), /default-src 'none'/)
  assert.match(String(headers['strict-transport-security']), /max-age/)
  assert.equal(headers['access-control-allow-origin'], undefined)
})

test('the OpenAPI document is 3.1 and names every /v1 route with its problem', async () => {
  await using fixture = await startFixture()
  const { body } = await fixture.call('GET', '/openapi.json')
  assert.match(body.openapi, /^3\.1/)
  assert.deepEqual(Object.keys(body.paths).sort(), [
    '/v1/comparisons',
    '/v1/consents/{id}/withdraw',
    '/v1/detections',
    '/v1/devices/unlock',
    '/v1/keys',
    '/v1/keys/{kid}/rotate',
    '/v1/log',
    '/v1/log/checkpoint',
    '/v1/log/checkpoints',
    '/v1/log/consistency',
    '/v1/log/inclusion',
    '/v1/log/keys',
    '/v1/log/tile/{*}',
    '/v1/policies',
    '/v1/policies/{name}/report',
    '/v1/policies/{name}/rollback',
    '/v1/policies/{name}/versions/{version}/stage',
    '/v1/privacy/report',
    '/v1/privacy/rules',
    '/v1/reviews',
    '/v1/reviews/{id}/decision',
    '/v1/sessions',
    '/v1/sessions/{id}',
    '/v1/sessions/{id}/abuse-report',
    '/v1/sessions/{id}/cancel',
    '/v1/sessions/{id}/media',
    '/v1/sessions/{id}/media/{n}',
    '/v1/subjects/{subject}',
    '/v1/subjects/{subject}/consents',
    '/v1/subjects/{subject}/export',
    '/v1/subjects/{subject}/references',
    '/v1/subjects/{subject}/unlock',
  ])
  for (const methods of Object.values(body.paths) as Record<string, { responses: object }>[])
    for (const { responses } of Object.values(methods)) assert.ok('4XX' in responses && '5XX' in responses)
})

test('our own faults are answered without detail', async () => {
  await using fixture = await startFixture()
  fixture.engine.before = () => {
    throw new Error('secret inner path')
  }
  const { status, body, headers } = await fixture.call('POST', '/v1/detections', { image: image() })
  assert.deepEqual([status, body.code, body.detail], [503, 'engine_unavailable', undefined])
  assert.ok(!JSON.stringify(body).includes('secret inner path'))
  assert.ok(headers)
})
