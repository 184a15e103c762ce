/**
 * Deny by default, and tenants see nothing of each other: every operation of `/openapi.json` × every scope × ids of another
 * tenant. An operation that is not in the table below fails the test: whoever adds one says what it takes, and what a
 * stranger with its scope gets.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pictureIs } from '../src/capture/pictures.ts'
import { NEW_STANDING } from '../src/domain/abuse/standing.ts'
import { openVault, SCOPE_NAMES, type Scope } from '../src/index.ts'
import { CONSENT, type Fixture, startFixture, systemRandom } from './fixture.ts'
import { scriptedImage } from './scripted-engine.ts'
import { aReview } from './store/records.ts'

const IMAGE = Buffer.from(scriptedImage({})).toString('base64')
const POLICY = {
  document: JSON.stringify({ name: 'bank', version: 1, extends: 'standard' }),
  why: 'tried',
}
const REVIEW = `rev_${'A'.repeat(22)}`

interface Operation {
  readonly scope: Scope
  readonly body?: object
  /**
   * What a caller of another tenant gets who names what is ours: `refused` with 403 or 404; `empty` where the operation lists
   * only what is the caller's; `its own` where the name that is given (a subject) means something in the caller's own tenant;
   * `nothing named` where the request names nothing that anybody owns.
   */
  readonly stranger: 'refused' | 'empty' | 'its own' | 'nothing named'
}

const OPERATIONS: Readonly<Record<string, Operation>> = {
  'POST /v1/sessions': {
    scope: 'session:create',
    body: { purpose: 'verification', subject: 'anna' },
    stranger: 'refused',
  },
  'GET /v1/sessions': { scope: 'session:read', stranger: 'empty' },
  'GET /v1/sessions/{id}': { scope: 'session:read', stranger: 'refused' },
  'POST /v1/sessions/{id}/cancel': { scope: 'session:cancel', stranger: 'refused' },
  'GET /v1/sessions/{id}/media': { scope: 'media:read', stranger: 'refused' },
  'GET /v1/sessions/{id}/media/{n}': { scope: 'media:read', stranger: 'refused' },
  'GET /v1/sessions/{id}/abuse-report': { scope: 'abuse:report', stranger: 'refused' },
  'POST /v1/comparisons': {
    scope: 'face:verify',
    body: { probe: { image: IMAGE }, reference: { subject: 'anna' } },
    stranger: 'refused',
  },
  'POST /v1/detections': { scope: 'face:detect', body: { image: IMAGE }, stranger: 'nothing named' },
  'POST /v1/subjects/{subject}/references': {
    scope: 'face:enrol',
    body: { image: IMAGE, consent: CONSENT },
    stranger: 'its own',
  },
  'GET /v1/subjects/{subject}': { scope: 'subject:read', stranger: 'refused' },
  'GET /v1/subjects/{subject}/export': { scope: 'subject:read', stranger: 'refused' },
  'DELETE /v1/subjects/{subject}': { scope: 'subject:delete', stranger: 'its own' },
  'POST /v1/subjects/{subject}/consents': {
    scope: 'consent:manage',
    body: CONSENT,
    stranger: 'its own',
  },
  'GET /v1/subjects/{subject}/consents': { scope: 'subject:read', stranger: 'its own' },
  'POST /v1/consents/{id}/withdraw': { scope: 'consent:manage', stranger: 'refused' },
  'GET /v1/privacy/report': { scope: 'privacy:manage', stranger: 'nothing named' },
  'GET /v1/privacy/rules': { scope: 'privacy:manage', stranger: 'nothing named' },
  'PUT /v1/privacy/rules': {
    scope: 'privacy:manage',
    body: { preset: 'bipa', days: { session: 7 }, approvals: [] },
    stranger: 'nothing named',
  },
  'POST /v1/subjects/{subject}/unlock': { scope: 'device:reset', stranger: 'its own' },
  'POST /v1/devices/unlock': {
    scope: 'device:reset',
    body: { deviceCorrelationId: '3f0c1f5e-3a52-4d0e-9d1c-0a8f2f1c9b11' },
    stranger: 'its own',
  },
  'GET /v1/keys': { scope: 'key:read', stranger: 'its own' },
  'POST /v1/keys/{kid}/rotate': { scope: 'key:rotate', body: {}, stranger: 'refused' },
  'GET /v1/reviews': { scope: 'review:read', stranger: 'empty' },
  'POST /v1/reviews/{id}/decision': {
    scope: 'review:decide',
    body: { decision: 'allow', reason: 'known' },
    stranger: 'refused',
  },
  'GET /v1/policies': { scope: 'policy:read', stranger: 'nothing named' },
  'GET /v1/policies/{name}/report': { scope: 'policy:read', stranger: 'refused' },
  'POST /v1/policies/{name}/versions/{version}/stage': {
    scope: 'policy:write',
    body: { to: 'active', why: 'tried' },
    stranger: 'refused',
  },
  'POST /v1/policies/{name}/rollback': {
    scope: 'policy:write',
    body: { why: 'tried' },
    stranger: 'refused',
  },
  'GET /v1/log': { scope: 'session:read', stranger: 'its own' },
  'GET /v1/log/checkpoint': { scope: 'session:read', stranger: 'its own' },
  'GET /v1/log/checkpoints': { scope: 'session:read', stranger: 'its own' },
  'GET /v1/log/keys': { scope: 'session:read', stranger: 'its own' },
  'GET /v1/log/inclusion': { scope: 'session:read', stranger: 'its own' },
  'GET /v1/log/consistency': { scope: 'session:read', stranger: 'its own' },
  'GET /v1/log/tile/{*}': { scope: 'audit:read', stranger: 'its own' },
  // After those that name a version: this one makes it.
  'POST /v1/policies': { scope: 'policy:write', body: POLICY, stranger: 'its own' },
}

/** A service in which the tenant `shop` has one of everything that can be named. */
interface Shop {
  readonly fixture: Fixture
  readonly session: string
  readonly consent: string
}

async function startShop(): Promise<Shop> {
  const fixture = await startFixture({ named: { 'limits.comparisonsPerMinute': '0' } })
  const enrolled = await fixture.call('POST', '/v1/subjects/anna/references', {
    image: IMAGE,
    consent: CONSENT,
  })
  assert.equal(enrolled.status, 201)
  assert.equal((await fixture.call('POST', '/v1/policies', POLICY)).status, 201)
  const { id } = await fixture.createSession({ purpose: 'liveness', subject: 'anna' })
  const review = aReview({ id: REVIEW })
  await fixture.store.changeStandings(review.tenant, [], () => ({
    standings: new Map([[review.standing, { ...NEW_STANDING, blockedAt: 1, staleAt: undefined }]]),
    reviews: [review],
    result: undefined,
  }))
  const [consent] = await fixture.store.listConsents('shop', 'anna')
  await keepPicture(fixture, id)
  return { fixture, session: id, consent: consent?.id ?? '' }
}

async function keepPicture({ store, keys, clock }: Fixture, sessionId: string): Promise<void> {
  const vault = openVault({ store, keys, clock, random: systemRandom })
  const [createdAt, expiresAt] = [clock.now(), clock.now() + 60_000]
  const owner = { tenant: 'shop', subject: 'anna', recordId: sessionId }
  const sealed = await vault.sealBytes(new Uint8Array(9), owner, pictureIs(0), expiresAt)
  const session = await store.findSession('shop', sessionId)
  const keep = [{ ...sealed, tenant: 'shop', sessionId, n: 0, createdAt, expiresAt }]
  assert.ok(session && (await store.changeSession(session, {}, { media: { keep } })))
}

/** @param kid the id that a path names; the caller's own when absent */
type Ask = (operation: string, key: string, kid?: string) => ReturnType<Fixture['call']>

const kidOf = (key: string) => key.split('_')[2] ?? ''

function asker({ fixture, session, consent }: Shop): Ask {
  return (operation, key, kid = kidOf(key)) => {
    const [method = '', path = ''] = operation.split(' ')
    const id = path.startsWith('/v1/reviews') ? REVIEW : path.startsWith('/v1/consents') ? consent : session
    const url = path
      .replace('{id}', id)
      .replace('{n}', '0')
      .replace('{subject}', 'anna')
      .replace('{kid}', kid)
      .replace('{name}', 'bank')
      .replace('{version}', '1')
      .replace('{*}', 'entries/000.p/1')
    return fixture.call(method, url, OPERATIONS[operation]?.body, { authorization: `Bearer ${key}` })
  }
}

test('every operation is in the table, with the scope that the document names', async () => {
  await using fixture = await startFixture()
  const { body } = await fixture.call('GET', '/openapi.json')
  const paths = Object.entries(body.paths as Record<string, Record<string, { security?: unknown }>>)
  const documented = paths.flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { security }]) => [`${method.toUpperCase()} ${path}`, security]),
  )
  const expected = Object.entries(OPERATIONS).map(([name, { scope }]) => [name, [{ relyingParty: [scope] }]])
  assert.deepEqual(Object.fromEntries(documented), Object.fromEntries(expected))
})

test('a route under /v1 without a guard cannot be registered, whatever its form', async () => {
  const { default: fastify } = await import('fastify')
  const { requireGuards } = await import('../src/http/auth.ts')
  const hook = async () => {}
  for (const url of ['/v1', '/v1/open', '/v1/sessions/:id/secret'])
    for (const more of [{}, { preValidation: hook }, { onRequest: hook }, { onRequest: [hook] }]) {
      const app = fastify()
      requireGuards(app)
      assert.throws(() => app.route({ method: 'GET', url, handler: hook, ...more }), /has no guard/)
    }
})

test('each scope opens its own operations and no other; all the others together do not open one', async (t) => {
  for (const scope of SCOPE_NAMES)
    await t.test(scope, async () => {
      const shop = await startShop()
      const { fixture } = shop
      await using _ = fixture
      const ask = asker(shop)
      const [only, others] = [
        await fixture.newKey([scope]),
        await fixture.newKey(SCOPE_NAMES.filter((name) => name !== scope)),
      ]
      for (const [operation, { scope: needed }] of Object.entries(OPERATIONS)) {
        const key = needed === scope ? others : only
        const { status, body } = await ask(operation, key)
        assert.deepEqual([status, body.code], [403, 'forbidden'], operation)
        assert.equal(body.detail, `the scope ${needed} is missing`)
      }
      // Last, because some of them end what they name.
      for (const [operation, { scope: needed }] of Object.entries(OPERATIONS))
        if (needed === scope) {
          const { status, body } = await ask(operation, only)
          assert.ok(status >= 200 && status < 300, `${operation}: ${status} ${JSON.stringify(body)}`)
        }
    })
})

test('with any scope, and with all of them, a stranger gets nothing of ours and changes nothing', async (t) => {
  const shop = await startShop()
  const { fixture, session, consent } = shop
  await using _ = fixture
  const ask = asker(shop)
  const ours = async () => {
    const {
      exportedAt: __,
      audit: ___,
      ...held
    } = (await fixture.call('GET', '/v1/subjects/anna/export')).body
    const reviews = (await fixture.call('GET', '/v1/reviews')).body
    return JSON.stringify([held, reviews, await fixture.store.findSession('shop', session)])
  }
  const before = await ours()
  assert.ok(before.includes(session) && before.includes(REVIEW) && before.includes('anna'))
  const keys: Record<string, string> = { 'all scopes': await fixture.newKey(SCOPE_NAMES, 'stranger') }
  for (const scope of SCOPE_NAMES) keys[scope] = await fixture.newKey([scope], 'stranger')
  for (const [operation, { scope: needed, stranger }] of Object.entries(OPERATIONS))
    await t.test(operation, async () => {
      for (const [scope, key] of Object.entries(keys)) {
        const { status, body } = await ask(operation, key, kidOf(fixture.apiKey))
        if (scope !== 'all scopes' && scope !== needed) assert.equal(status, 403, scope)
        else if (stranger === 'refused') assert.ok([403, 404].includes(status), `${scope}: ${status}`)
        else if (stranger === 'empty') assert.deepEqual([status, body.items], [200, []], scope)
        else assert.ok(status >= 200 && status < 300, `${scope}: ${status}`)
        for (const secret of [session, consent, REVIEW, kidOf(fixture.apiKey)])
          assert.ok(!JSON.stringify(body).includes(secret), scope)
        if (operation === 'POST /v1/subjects/{subject}/references' && status === 201)
          // What the stranger enrolled under the same name is the stranger's: away with it, for the next scope.
          await ask('DELETE /v1/subjects/{subject}', keys['subject:delete'] ?? '')
        assert.equal(await ours(), before, scope)
      }
    })
})
