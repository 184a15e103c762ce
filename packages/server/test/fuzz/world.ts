/**
 * A service with two tenants. `shop` asks; `vault` never does: whatever of it is changed or told to anybody is a break-in.
 * Every kind of credential that the service takes is there, each with what must never open a door beside it.
 */
import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { NEW_STANDING } from '../../src/domain/abuse/standing.ts'
import { createApiKey, createClient, revokeApiKey, SCOPE_NAMES, type Scope } from '../../src/index.ts'
import { CONSENT, createTestClock, type Fixture, PUBLIC_URL, startFixture, systemRandom } from '../fixture.ts'
import { newPerson } from '../person.ts'
import { scriptedImage } from '../scripted-engine.ts'
import { aReview } from '../store/records.ts'
import { compact, newSigner, signWith } from '../tokens.ts'
import type { JsonSchema, Vocabulary } from './schema-values.ts'

export const TOKEN_PATH = '/oauth/token'
const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
const REVIEW = `rev_${'V'.repeat(22)}`
const SHOP_REVIEW = `rev_${'S'.repeat(22)}`

/** Sessions that are remembered beside the first one. */
const REMEMBERED = 20

/** One operation of `/openapi.json`. */
export interface Operation {
  readonly method: string
  readonly path: string
  readonly scope: Scope
  readonly body?: JsonSchema
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly schema: JsonSchema }[]
  readonly responses: Readonly<Record<string, JsonSchema>>
}

export interface World extends AsyncDisposable {
  readonly fixture: Fixture
  readonly operations: readonly Operation[]
  readonly words: Vocabulary
  /** Sessions come and go: the newest ones are asked for. */
  remember(session: string): void
  /** Values of the Authorization header that hold every scope of `shop`. */
  readonly good: readonly string[]
  /** With all scopes but this one. */
  readonly without: Readonly<Record<Scope, string>>
  /** Sound in form, and refused every time. */
  readonly bad: readonly string[]
  /** Ids of `vault`: a request that names one in its path must be refused. */
  readonly foreign: {
    readonly session: string
    readonly review: string
    readonly person: string
    readonly kid: string
    readonly consent: string
  }
  /** Cookie of a signed-in owner of `shop`. */
  readonly owner: string
  /** Method and pattern of every route of administration. */
  readonly adminRoutes: readonly string[]
  /** What no answer and no line of the log may hold. */
  readonly secrets: readonly string[]
  /** A form for `/oauth/token` with a fresh assertion. */
  tokenForm(change?: Readonly<Record<string, string>>): string
  /** All of `vault`, and whatever a break-in would change. */
  vault(): Promise<string>
  /** Lines of the log with a level of error or above. */
  readonly errors: string[]
}

interface Documented {
  readonly paths: Readonly<
    Record<
      string,
      Readonly<
        Record<
          string,
          {
            readonly security: readonly { readonly relyingParty: readonly [Scope] }[]
            readonly parameters?: Operation['parameters']
            readonly requestBody?: { readonly content: Readonly<Record<string, { schema: JsonSchema }>> }
            readonly responses: Readonly<
              Record<string, { readonly content?: Readonly<Record<string, { schema: JsonSchema }>> }>
            >
          }
        >
      >
    >
  >
}

/** The operations as the service documents them. */
export async function documentedOperations(fixture: Fixture): Promise<Operation[]> {
  const { paths } = (await fixture.call('GET', '/openapi.json')).body as Documented
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { security, parameters = [], requestBody, responses }]) => {
      const body = requestBody?.content['application/json']?.schema
      return {
        method: method.toUpperCase(),
        path,
        scope: security[0]!.relyingParty[0],
        ...(body === undefined ? {} : { body }),
        parameters,
        responses: Object.fromEntries(
          Object.entries(responses).map(([status, { content }]) => [
            status,
            content?.['application/json']?.schema ?? {},
          ]),
        ),
      }
    }),
  )
}

export async function openWorld(): Promise<World> {
  const errors: string[] = []
  const seen: { secrets: readonly string[] } = { secrets: [] }
  const stream = new Writable({
    write(chunk, _encoding, done) {
      const line = String(chunk)
      if (/"level":[56]0/.test(line)) errors.push(line)
      for (const secret of seen.secrets)
        if (line.includes(secret)) errors.push(`a secret in the log: ${line.replace(secret, '…')}`)
      done()
    },
  })
  const clock = createTestClock()
  const fixture = await startFixture({
    clock,
    // What is limited is not looked at: limits.test.ts does that.
    named: {
      'limits.comparisonsPerMinute': '0',
      'limits.requestsPerKeyPerMinute': '0',
      'limits.requestsPerTenantPerMinute': '0',
    },
    more: { log: { level: 'info', stream } },
  })
  const { store, keys } = fixture
  const image = Buffer.from(scriptedImage({})).toString('base64')
  const vaultKey = await fixture.newKey(SCOPE_NAMES, 'vault')
  const asVault = { authorization: `Bearer ${vaultKey}` }
  const of = async (method: string, url: string, body?: unknown, headers?: Record<string, string>) => {
    const answer = await fixture.call(method, url, body, headers)
    assert.ok(answer.status < 300, `${method} ${url}: ${JSON.stringify(answer.body)}`)
    return answer.body
  }
  const wish = { purpose: 'liveness', subject: 'anna' }
  const boss = await newPerson(fixture, ['owner'], 'vault')
  const foreign = {
    session: (await of('POST', '/v1/sessions', wish, asVault)).id as string,
    review: REVIEW,
    person: boss.id,
    kid: vaultKey.split('_')[2] ?? '',
  }
  const owner = (await newPerson(fixture, ['owner'])).cookie()
  const hidden = (
    await of('POST', '/v1/sessions', { purpose: 'liveness', subject: 'hidden-of-vault' }, asVault)
  ).id
  const enrolled = await of('POST', '/v1/subjects/anna/references', { image, consent: CONSENT }, asVault)
  await of('POST', '/v1/subjects/anna/references', { image, consent: CONSENT })
  const own = (await of('POST', '/v1/sessions', wish)).id as string
  for (const [tenant, id] of [
    ['vault', REVIEW],
    ['shop', SHOP_REVIEW],
  ] as const) {
    const review = aReview({ id, tenant })
    await store.changeStandings(tenant, [], () => ({
      standings: new Map([[review.standing, { ...NEW_STANDING, blockedAt: 1, staleAt: undefined }]]),
      reviews: [review],
      result: undefined,
    }))
  }

  const consent = async (headers?: Record<string, string>) =>
    (await of('POST', '/v1/subjects/anna/consents', CONSENT, headers)).id as string
  const vaultConsent = await consent(asVault)
  // Each can be withdrawn once.
  const consents = await Promise.all(Array.from({ length: 40 }, () => consent()))

  const policies = Array.from({ length: 40 }, (_, i) =>
    JSON.stringify({ name: 'bank', version: i + 1, extends: 'standard' }),
  )
  for (const document of policies) await of('POST', '/v1/policies', { document, why: 'tried' })
  await of('POST', '/v1/policies/bank/versions/1/stage', { to: 'active', why: 'tried' })

  const signer = newSigner('ES256')
  const client = await createClient(store, systemRandom, clock, {
    tenant: 'shop',
    name: 'program',
    scopes: SCOPE_NAMES,
    jwks: { keys: [signer.jwk] },
  })
  let serial = 0
  const assertion = () =>
    compact(
      { alg: 'ES256', typ: 'JWT', kid: signer.kid },
      {
        iss: client.id,
        sub: client.id,
        aud: `${PUBLIC_URL}${TOKEN_PATH}`,
        exp: clock.now() / 1000 + 200,
        jti: `fuzz-assertion-${++serial}`,
      },
      signWith(signer),
    )
  const tokenForm: World['tokenForm'] = (change = {}) =>
    new URLSearchParams({
      grant_type: 'client_credentials',
      client_assertion_type: ASSERTION,
      client_assertion: assertion(),
      ...change,
    }).toString()
  const token = await of('POST', TOKEN_PATH, tokenForm(), {
    'content-type': 'application/x-www-form-urlencoded',
    authorization: '',
  })

  const key = async (more: object, scopes: readonly Scope[] = SCOPE_NAMES) =>
    createApiKey(store, keys, systemRandom, clock, { tenant: 'shop', name: 'fuzz', scopes, ...more })
  const revoked = await key({})
  await revokeApiKey(store, systemRandom, clock, revoked.record.kid)
  const ended = await key({ expiresAt: clock.now() + 1000 })
  clock.advance(2000)
  const elsewhere = await key({ networks: ['192.0.2.0/24'] })
  const captureToken = (await of('POST', '/v1/sessions', wish)).captureToken as string
  const without = Object.fromEntries(
    await Promise.all(
      SCOPE_NAMES.map(async (scope) => {
        const others = SCOPE_NAMES.filter((name) => name !== scope)
        return [scope, `Bearer ${(await key({}, others)).key}`] as const
      }),
    ),
  ) as Record<Scope, string>
  const secrets = [
    fixture.apiKey.slice(-43),
    vaultKey.slice(-43),
    token.access_token as string,
    hidden as string,
  ]
  seen.secrets = [...secrets, image]
  const ids = [own, SHOP_REVIEW]
  return {
    fixture,
    remember(session) {
      if (ids.push(session) > REMEMBERED) ids.splice(2, 1)
    },
    operations: await documentedOperations(fixture),
    words: {
      subject: ['anna', 'anna', 'bert', 'c.d@e'],
      id: ids,
      consentId: consents,
      validUntil: ['2099-01-01T00:00:00Z'],
      image: [image, Buffer.from(scriptedImage({ person: 2 })).toString('base64'), 'AAAA'],
      referenceImage: [image],
      policy: ['standard', 'high', 'passive', 'demo', 'lenient', 'bank'],
      document: [...policies, '{"name":"standard","version":1,"extends":"high"}', '{}', '['],
      name: ['bank'],
      version: policies.map((_, i) => String(i + 1)),
      to: ['active', 'active', 'active', 'retired', 'retired', 'canary'],
      allowedOrigins: ['https://shop.example', 'http://localhost:1'],
      allowedNetworks: ['192.0.2.0/24', '2001:db8::1', '::ffff:192.0.2.7', '192.0.2.0/33'],
      limit: ['1', '2', '100'],
    },
    // A token's signature takes the longest of all to check.
    good: [...Array.from({ length: 5 }, () => `Bearer ${fixture.apiKey}`), `Bearer ${token.access_token}`],
    without,
    bad: [revoked.key, ended.key, elsewhere.key, captureToken].map((credential) => `Bearer ${credential}`),
    foreign: { ...foreign, consent: vaultConsent },
    owner,
    adminRoutes: (await of('GET', '/.well-known/ipse.json')).surfaces.admin,
    secrets: [...secrets, enrolled.references[0].id],
    tokenForm,
    errors,
    async vault() {
      const exported = await of('GET', '/v1/subjects/anna/export', undefined, asVault)
      const { exportedAt: _, audit, ...held } = exported
      // Each look is written down itself.
      const others = audit.filter(({ event }: { event: string }) => event !== 'subject.exported')
      const reviews = await of('GET', '/v1/reviews', undefined, asVault)
      return JSON.stringify([
        held,
        others,
        reviews,
        await store.findSessionAnywhere(foreign.session),
        await store.findSessionAnywhere(hidden),
        await store.findPerson(boss.id),
        (await store.findApiKey(foreign.kid))?.revokedAt,
      ])
    },
    [Symbol.asyncDispose]: () => fixture[Symbol.asyncDispose](),
  }
}
