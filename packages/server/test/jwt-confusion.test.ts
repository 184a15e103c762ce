/**
 * Every way in which a signed token has been mistaken for another, at every door that takes one: nothing is let in.
 * A mutation is applied to a token that its door has let in before, so that nothing else is wrong with it.
 */
import assert from 'node:assert/strict'
import { createPrivateKey, type JsonWebKeyInput } from 'node:crypto'
import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { verifyCaptureToken } from '../src/capture/token.ts'
import { createClient, createKeyring, openKeys, revokeClient } from '../src/index.ts'
import {
  createPerson,
  createTestClock,
  type Fixture,
  PUBLIC_URL,
  startFixture,
  systemRandom,
} from './fixture.ts'
import { b64, compact, newSigner, type Signer, signerOf, signHmac, signWith } from './tokens.ts'

type Members = Record<string, unknown>

/** A door, and a token that it lets in. */
interface Door {
  readonly signer: Signer
  readonly header: Members
  readonly payload: Members
  /** Whether the token was taken; anything but taken or refused is a failure of the test. */
  opens(token: string): Promise<boolean>
}

const EXTERNAL = 'https://idp.test/realm'
const FORM = 'application/x-www-form-urlencoded'

let serial = 0
const jti = () => `token-${++serial}`

/** A service with an external issuer, a client with a key of its own, and the keyring in the test's hands. */
async function startDoors() {
  const clock = createTestClock()
  const keyring = await createKeyring(systemRandom.bytes, clock.now())
  const [signing] = keyring.signing
  const privateKey = createPrivateKey({ key: signing!.privateJwk, format: 'jwk' } as JsonWebKeyInput)
  const [service, idp, program] = [signerOf(privateKey, signing!.kid), newSigner('ES256'), newSigner('ES256')]
  // Keys that do not say what they sign with: only our own list of algorithms stands between them and RS256.
  const rsa = newSigner('PS256')
  const { alg: _, ...unnamed } = rsa.jwk
  const jwks = createHttpServer((_request, reply) => {
    reply.setHeader('content-type', 'application/json')
    reply.end(JSON.stringify({ keys: [idp.jwk, unnamed] }))
  })
  await new Promise<void>((resolve) => jwks.listen(0, '127.0.0.1', resolve))
  const fixture = await startFixture({
    clock,
    more: { keys: await openKeys(keyring) },
    named: {
      'oauth.issuer': EXTERNAL,
      'oauth.audience': 'ipse-api',
      'oauth.jwksUri': `http://127.0.0.1:${(jwks.address() as AddressInfo).port}/keys`,
    },
  })
  const client = await createClient(fixture.store, systemRandom, clock, {
    tenant: 'shop',
    name: 'program',
    scopes: ['session:read'],
    jwks: { keys: [program.jwk] },
  })
  const now = clock.now() / 1000
  const common = { iat: now, exp: now + 200, scope: 'session:read' }
  const bearer = async (token: string) => {
    const { status, body } = await fixture.call('GET', '/v1/sessions', undefined, {
      authorization: `Bearer ${token}`,
    })
    if (status !== 200) assert.deepEqual([status, body.code], [401, 'unauthenticated'], JSON.stringify(body))
    return status === 200
  }
  const tokenHeader = (kid: string) => ({ alg: 'ES256', typ: 'at+jwt', kid })
  const doors = {
    'our access token': {
      signer: service,
      header: tokenHeader(service.kid),
      payload: {
        ...common,
        iss: PUBLIC_URL,
        aud: PUBLIC_URL,
        sub: client.id,
        client_id: client.id,
        jti: jti(),
      },
      opens: bearer,
    },
    'access token of the issuer': {
      signer: idp,
      header: tokenHeader(idp.kid),
      payload: {
        ...common,
        iss: EXTERNAL,
        aud: 'ipse-api',
        sub: 'svc',
        client_id: 'svc',
        tenant: 'shop',
        jti: jti(),
      },
      opens: bearer,
    },
    'client assertion': {
      signer: program,
      header: { alg: 'ES256', typ: 'JWT', kid: program.kid },
      payload: {
        iss: client.id,
        sub: client.id,
        aud: `${PUBLIC_URL}/oauth/token`,
        exp: now + 200,
        jti: 'once',
      },
      opens: (assertion: string) => exchange(fixture, assertion),
    },
  } satisfies Record<string, Door>
  const close = async () => {
    await fixture[Symbol.asyncDispose]()
    jwks.close()
  }
  return { fixture, clock, client, doors, service, idp, rsa, program, now, [Symbol.asyncDispose]: close }
}

async function exchange(
  fixture: Fixture,
  assertion: string,
  more: Record<string, string> = {},
): Promise<boolean> {
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
    ...more,
  })
  const { status, body } = await fixture.call('POST', '/oauth/token', form.toString(), {
    'content-type': FORM,
    authorization: '',
  })
  if (status !== 200) assert.deepEqual([status, body.error], [401, 'invalid_client'], JSON.stringify(body))
  return status === 200
}

const good = ({ header, payload, signer }: Door) =>
  compact(header, { ...payload, jti: jti() }, signWith(signer))

/** The same token with other members, signed with the right key. */
const resigned = (door: Door, header: Members, payload: Members = {}) =>
  compact({ ...door.header, ...header }, { ...door.payload, jti: jti(), ...payload }, signWith(door.signer))

/** JSON text with one more member at its end: a name may come twice. */
const withText = (members: Members, more: string) => `${JSON.stringify(members).slice(0, -1)},${more}}`

const pem = ({ publicKey }: Signer) => publicKey.export({ type: 'spki', format: 'pem' })
const der = ({ publicKey }: Signer) => publicKey.export({ type: 'spki', format: 'der' })
const attacker = {
  es: newSigner('ES256'),
  es384: newSigner('ES384'),
  ed: newSigner('EdDSA'),
  ps: newSigner('PS256'),
}

/** What is done to a good token. */
const MUTATIONS: Readonly<Record<string, (door: Door) => string>> = {
  // Algorithms
  'no algorithm, no signature': (d) =>
    `${compact({ ...d.header, alg: 'none' }, d.payload, () => Buffer.alloc(0))}`,
  'no algorithm, the old signature': (d) =>
    compact({ ...d.header, alg: 'none' }, d.payload, signWith(d.signer)),
  'none in other letters': (d) => compact({ ...d.header, alg: 'nOnE' }, d.payload, signWith(d.signer)),
  'an empty algorithm': (d) => resigned(d, { alg: '' }),
  'no alg member': (d) => resigned(d, { alg: undefined }),
  'a list of algorithms': (d) => resigned(d, { alg: ['ES256'] }),
  'the algorithm in small letters': (d) => resigned(d, { alg: 'es256' }),
  'HMAC with the public key as PEM': (d) =>
    compact({ ...d.header, alg: 'HS256' }, d.payload, signHmac(pem(d.signer))),
  'HMAC with the public key as DER': (d) =>
    compact({ ...d.header, alg: 'HS256' }, d.payload, signHmac(der(d.signer))),
  'HMAC with the public key as JWK': (d) =>
    compact({ ...d.header, alg: 'HS256' }, d.payload, signHmac(JSON.stringify(d.signer.jwk))),
  'HMAC with x': (d) =>
    compact(
      { ...d.header, alg: 'HS256' },
      d.payload,
      signHmac(Buffer.from(String(d.signer.jwk.x), 'base64url')),
    ),
  'HMAC with nothing': (d) => compact({ ...d.header, alg: 'HS256' }, d.payload, signHmac('')),
  'RS256 with another key': (d) =>
    compact({ ...d.header, alg: 'RS256' }, d.payload, signWith(attacker.ps, 'RS256')),
  'PS256 with another key': (d) => compact({ ...d.header, alg: 'PS256' }, d.payload, signWith(attacker.ps)),
  'EdDSA with another key': (d) => compact({ ...d.header, alg: 'EdDSA' }, d.payload, signWith(attacker.ed)),
  'ES384 with another key': (d) =>
    compact({ ...d.header, alg: 'ES384' }, d.payload, signWith(attacker.es384)),
  'ES256 with another key': (d) => compact(d.header, d.payload, signWith(attacker.es)),
  'ES256K by name': (d) => resigned(d, { alg: 'ES256K' }),
  // Keys that the token brings along
  'its own key in the header': (d) =>
    compact({ ...d.header, jwk: attacker.es.jwk }, d.payload, signWith(attacker.es)),
  'the right key in the header': (d) => resigned(d, { jwk: d.signer.jwk }),
  'its own key set by address': (d) =>
    compact({ ...d.header, jku: 'https://evil.test/jwks' }, d.payload, signWith(attacker.es)),
  'its own certificate by address': (d) =>
    compact({ ...d.header, x5u: 'https://evil.test/cert' }, d.payload, signWith(attacker.es)),
  'its own certificates': (d) => compact({ ...d.header, x5c: ['MIIB'] }, d.payload, signWith(attacker.es)),
  'its own key id': (d) => compact({ ...d.header, kid: attacker.es.kid }, d.payload, signWith(attacker.es)),
  // Key ids
  'a key id that climbs': (d) =>
    compact({ ...d.header, alg: 'HS256', kid: '../../../../dev/null' }, d.payload, signHmac('')),
  'a key id that climbs, well signed': (d) => resigned(d, { kid: `../${d.signer.kid}` }),
  'a key id that is a query': (d) => resigned(d, { kid: "x' or '1'='1" }),
  'a key id with a null byte': (d) => resigned(d, { kid: `${d.signer.kid}\0` }),
  'a key id that is a number': (d) => resigned(d, { kid: 0 }),
  'a key id that is a list': (d) => resigned(d, { kid: [d.signer.kid] }),
  'a key id named like a prototype': (d) => resigned(d, { kid: '__proto__' }),
  'an empty key id': (d) => resigned(d, { kid: '' }),
  // Header
  'an unknown type': (d) => resigned(d, { typ: 'token' }),
  'the type of a receipt': (d) => resigned(d, { typ: 'ipse-receipt+jwt' }),
  'the type of a capture token': (d) => resigned(d, { typ: 'ipse-capture+jwt' }),
  'the type of a proof': (d) => resigned(d, { typ: 'dpop+jwt' }),
  'a type that is a list': (d) => resigned(d, { typ: [d.header.typ] }),
  'a type that is null': (d) => resigned(d, { typ: null }),
  'a critical member': (d) => resigned(d, { crit: ['exp'] }),
  'a payload that is not encoded': (d) => resigned(d, { b64: false, crit: ['b64'] }),
  compressed: (d) => resigned(d, { zip: 'DEF' }),
  'a token in a token': (d) => compact({ ...d.header, cty: 'JWT' }, good(d), signWith(d.signer)),
  'an algorithm twice': (d) =>
    compact(withText({ ...d.header, alg: 'none' }, '"alg":"ES256"'), d.payload, signWith(d.signer)),
  'a type twice': (d) =>
    compact(withText(d.header, `"typ":${JSON.stringify(d.header.typ)}`), d.payload, signWith(d.signer)),
  'a header that is a list': (d) => compact([d.header], d.payload, signWith(d.signer)),
  // Claims
  'an audience twice': (d) =>
    compact(
      d.header,
      withText({ ...d.payload, aud: 'evil' }, `"aud":${JSON.stringify(d.payload.aud)}`),
      signWith(d.signer),
    ),
  'an end twice': (d) =>
    compact(d.header, withText({ ...d.payload, exp: 1 }, `"exp":${d.payload.exp}`), signWith(d.signer)),
  'a subject twice, once in escapes': (d) =>
    compact(
      d.header,
      withText(d.payload, `"\\u0073ub":${JSON.stringify(d.payload.sub)}`),
      signWith(d.signer),
    ),
  'a claim twice, further in': (d) =>
    compact(d.header, withText(d.payload, '"act":{"a":1,"a":2}'), signWith(d.signer)),
  'audiences as a list': (d) => resigned(d, {}, { aud: [d.payload.aud] }),
  'one audience too many': (d) => resigned(d, {}, { aud: [d.payload.aud, 'https://evil.test'] }),
  'another audience': (d) => resigned(d, {}, { aud: 'https://evil.test' }),
  'an audience that begins like ours': (d) => resigned(d, {}, { aud: `${d.payload.aud}.evil.test` }),
  'an audience with a slash': (d) => resigned(d, {}, { aud: `${d.payload.aud}/` }),
  'no audience': (d) => resigned(d, {}, { aud: undefined }),
  'another issuer': (d) => resigned(d, {}, { iss: 'https://evil.test' }),
  'an issuer with a slash': (d) => resigned(d, {}, { iss: `${d.payload.iss}/` }),
  'issuers as a list': (d) => resigned(d, {}, { iss: [d.payload.iss] }),
  'no issuer': (d) => resigned(d, {}, { iss: undefined }),
  'no subject': (d) => resigned(d, {}, { sub: undefined }),
  'a past end': (d) => resigned(d, {}, { exp: Number(d.payload.exp) - 1000 }),
  'no end': (d) => resigned(d, {}, { exp: undefined }),
  'an end as text': (d) => resigned(d, {}, { exp: String(d.payload.exp) }),
  'an end that is null': (d) => resigned(d, {}, { exp: null }),
  'a beginning to come': (d) => resigned(d, {}, { nbf: Number(d.payload.exp) - 1 }),
  'signed in the future': (d) => resigned(d, {}, { iat: Number(d.payload.exp) - 1 }),
  'no id': (d) => resigned(d, {}, { jti: undefined }),
  'claims that are a list': (d) => compact(d.header, [d.payload], signWith(d.signer)),
  'claims that are text': (d) => compact(d.header, '"claims"', signWith(d.signer)),
  'claims that are null': (d) => compact(d.header, 'null', signWith(d.signer)),
  'claims behind a byte order mark': (d) =>
    compact(d.header, `\ufeff${JSON.stringify(d.payload)}`, signWith(d.signer)),
  'claims by prototype': (d) =>
    compact(d.header, `{"__proto__":${JSON.stringify({ ...d.payload, jti: jti() })}}`, signWith(d.signer)),
  'claims exchanged after signing': (d) => {
    const [head, , signature] = good(d).split('.')
    return `${head}.${b64(JSON.stringify({ ...d.payload, scope: 'session:read subject:delete' }))}.${signature}`
  },
  // Signatures and encoding
  'no signature': (d) => `${good(d).split('.').slice(0, 2).join('.')}.`,
  'two segments': (d) => good(d).split('.').slice(0, 2).join('.'),
  'a signature of zeros': (d) => compact(d.header, d.payload, () => Buffer.alloc(64)),
  'a signature in DER': (d) => {
    const [head, body] = good(d).split('.')
    const raw = signWith(d.signer)(`${head}.${body}`)
    const encoded = Buffer.concat([
      Buffer.from([0x30, 0x44, 2, 32]),
      raw.subarray(0, 32),
      Buffer.from([2, 32]),
      raw.subarray(32),
    ])
    return `${head}.${body}.${b64(encoded)}`
  },
  'half a signature': (d) => good(d).slice(0, -43),
  'one bit of the signature': (d) => {
    const [head, body, signature = ''] = good(d).split('.')
    const bytes = Buffer.from(signature, 'base64url')
    bytes[9] = (bytes[9] ?? 0) ^ 1
    return `${head}.${body}.${b64(bytes)}`
  },
  'stray bits at its end': (d) => {
    const token = good(d)
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    return `${token.slice(0, -1)}${letters[letters.indexOf(token.at(-1) ?? '') + 1]}`
  },
  padding: (d) => `${good(d)}==`,
  'a dot at its end': (d) => `${good(d)}.`,
  'four segments': (d) => `${good(d)}.AAAA`,
  'five segments, as if encrypted': (d) => `${good(d)}.AAAA.AAAA`,
  'a space at its end': (d) => `${good(d)} `,
  'a space in its middle': (d) => good(d).replace('.', '. '),
  'the other alphabet': (d) =>
    `${compact({ ...d.header }, { ...d.payload, x: '>>>???' }, signWith(d.signer)).replace('.', '+.')}`,
  'the JSON form': (d) => {
    const [head, payload, signature] = good(d).split('.')
    return JSON.stringify({ protected: head, payload, signature })
  },
  'a prefix of an API key': (d) => `ipse_live_${good(d)}`,
  nothing: () => '',
}

test('a token is let in as it is, and in none of the ways in which tokens are forged', async (t) => {
  await using doors = await startDoors()
  let cases = 0
  for (const [name, door] of Object.entries(doors.doors))
    await t.test(name, async () => {
      assert.equal(await door.opens(good(door)), true, 'the good token')
      for (const [title, mutate] of Object.entries(MUTATIONS)) {
        assert.equal(await door.opens(mutate(door)), false, title)
        cases++
      }
      assert.equal(await door.opens(good(door)), true, 'the good token, afterwards')
    })
  assert.equal(cases, 3 * Object.keys(MUTATIONS).length)
  assert.ok(Object.keys(MUTATIONS).length >= 60)
})

test('no kind of token passes for another', async (t) => {
  await using context = await startDoors()
  const { fixture, doors, service, idp, rsa, program, clock, client, now } = context
  const own = doors['our access token']
  const foreign = doors['access token of the issuer']
  const assertion = doors['client assertion']
  const session = await fixture.createSession({ purpose: 'liveness' })
  const proof = compact(
    { typ: 'dpop+jwt', alg: 'ES256', jwk: program.publicKey.export({ format: 'jwk' }) },
    assertion.payload,
    signWith(program),
  )
  await fixture.capture(session, createPerson(clock))
  const { receipt = '' } = await fixture.readSession(session.id)
  assert.match(receipt, /^ey/)
  const other = await createClient(fixture.store, systemRandom, clock, {
    tenant: 'other',
    name: 'other',
    scopes: ['session:read'],
    jwks: { keys: [newSigner('ES256').jwk] },
  })
  const at = (payload: Members, signer: Signer) =>
    compact({ alg: 'ES256', typ: 'at+jwt', kid: signer.kid }, { ...payload, jti: jti() }, signWith(signer))
  const CROSSED: readonly [string, Door, string][] = [
    ['a receipt as access token', own, receipt],
    ['a receipt as assertion', assertion, receipt],
    ['a capture token as access token', own, session.captureToken],
    ['a capture token as assertion', assertion, session.captureToken],
    ['a proof as access token', own, proof],
    ['a proof as assertion', assertion, proof],
    ['an assertion as access token', own, good(assertion)],
    ['our access token as assertion', assertion, good(own)],
    ["the issuer's token as assertion", assertion, good(foreign)],
    ['our claims signed by the issuer', own, at(own.payload, idp)],
    ["the issuer's claims signed by us", foreign, at(foreign.payload, service)],
    ['our claims signed by the client', own, at(own.payload, program)],
    ["the issuer's claims for our audience", foreign, at({ ...foreign.payload, aud: PUBLIC_URL }, idp)],
    ["our claims for the issuer's audience", own, at({ ...own.payload, aud: 'ipse-api' }, service)],
    ['the issuer naming no tenant', foreign, at({ ...foreign.payload, tenant: undefined }, idp)],
    ['the issuer naming a tenant that is none', foreign, at({ ...foreign.payload, tenant: '../shop' }, idp)],
    ['the issuer naming tenants', foreign, at({ ...foreign.payload, tenant: ['shop'] }, idp)],
    ['a scope that is a list', foreign, at({ ...foreign.payload, scope: ['session:read'] }, idp)],
    ['a client that is not registered', own, at({ ...own.payload, client_id: 'cli_unknown' }, service)],
    ['a token for no client', own, at({ ...own.payload, client_id: undefined }, service)],
    ['a binding that nobody knows', own, at({ ...own.payload, cnf: { kid: '1' } }, service)],
    ['an empty binding', own, at({ ...own.payload, cnf: {} }, service)],
    ['a binding that is null', own, at({ ...own.payload, cnf: null }, service)],
    ['a key-bound token as bearer', own, at({ ...own.payload, cnf: { jkt: 'A'.repeat(43) } }, service)],
    [
      'a certificate-bound token without one',
      own,
      at({ ...own.payload, cnf: { 'x5t#S256': 'A'.repeat(43) } }, service),
    ],
    ['an assertion that lives too long', assertion, resigned(assertion, {}, { exp: now + 400 })],
    ['an assertion for another subject', assertion, resigned(assertion, {}, { sub: other.id })],
    [
      "an assertion in another client's name",
      assertion,
      resigned(assertion, {}, { iss: other.id, sub: other.id }),
    ],
    ['an assertion of nobody', assertion, resigned(assertion, {}, { iss: 'cli_none', sub: 'cli_none' })],
    ['an assertion of the type of access tokens', assertion, resigned(assertion, { typ: 'at+jwt' })],
    ['an assertion with a short id', assertion, resigned(assertion, {}, { jti: '1' })],
  ]
  const rsaSigned = (alg: string) =>
    compact({ alg, typ: 'at+jwt', kid: rsa.kid }, { ...foreign.payload, jti: jti() }, signWith(rsa, alg))
  assert.equal(await foreign.opens(rsaSigned('PS256')), true)
  for (const alg of ['RS256', 'RS384', 'RS512', 'PS384', 'PS512'])
    await t.test(`the right key with ${alg}`, async () =>
      assert.equal(await foreign.opens(rsaSigned(alg)), false),
    )
  for (const [title, door, token] of CROSSED)
    await t.test(title, async () => assert.equal(await door.opens(token), false))

  await t.test('an access token as capture token', async () => {
    for (const token of [good(own), good(foreign), good(assertion), receipt])
      await assert.rejects(verifyCaptureToken(fixture.keys.captureTokenKey, PUBLIC_URL, token, clock.now()), {
        code: 'session_token_invalid',
      })
  })
  await t.test('an unbound token with a proof', async () => {
    const token = good(own)
    const { status } = await fixture.call('GET', '/v1/sessions', undefined, {
      authorization: `DPoP ${token}`,
      dpop: proof,
    })
    assert.equal(status, 401)
  })
  await t.test('an assertion twice', async () => {
    const once = good(assertion)
    const tries = await Promise.all([1, 2, 3, 4].map(() => assertion.opens(once)))
    assert.equal(tries.filter((opened) => opened).length, 1)
  })
  await t.test(
    "the issuer's token with the id of one of our clients has the token's rights, not the client's",
    async () => {
      const token = at({ ...foreign.payload, client_id: client.id, scope: 'openid session:cancel' }, idp)
      const { status } = await fixture.call('GET', '/v1/sessions', undefined, {
        authorization: `Bearer ${token}`,
      })
      assert.equal(status, 403)
    },
  )
  await t.test('a token of a client that was revoked', async () => {
    const token = good(own)
    assert.equal(await own.opens(token), true)
    await revokeClient(fixture.store, systemRandom, clock, client.id)
    assert.equal(await own.opens(token), false)
    assert.equal(await assertion.opens(good(assertion)), false)
  })
})
