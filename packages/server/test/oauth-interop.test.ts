/** A client library of others (openid-client) finds the token endpoint, proves itself, and asks with what it got. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as oauth from 'openid-client'
import { createClient } from '../src/index.ts'
import { type Fixture, PUBLIC_URL, startFixture, systemClock, systemRandom } from './fixture.ts'

/** The library's requests, answered by the application without a network. @param asked told when a nonce is asked for */
function fetchFrom({ app }: Fixture, asked?: () => void): oauth.CustomFetch {
  return async (url, { method, headers, body }) => {
    const { pathname, search } = new URL(url)
    const payload = body === undefined || body === null ? {} : { payload: String(body) }
    const reply = await app.inject({ method: method as 'GET', url: pathname + search, headers, ...payload })
    const kept = ['content-type', 'dpop-nonce', 'www-authenticate'].flatMap((name) =>
      reply.headers[name] === undefined ? [] : [[name, String(reply.headers[name])] as [string, string]],
    )
    if (reply.body.includes('use_dpop_nonce') || kept.some(([, value]) => value.includes('use_dpop_nonce')))
      asked?.()
    return new Response(reply.body, { status: reply.statusCode, headers: kept })
  }
}

for (const dpopNonce of [false, true])
  test(`openid-client gets tokens and reads with them, ${dpopNonce ? 'with' : 'without'} nonces in its proofs`, async () => {
    let asked = 0
    await using fixture = await startFixture({
      clock: systemClock,
      named: { 'oauth.dpopNonce': String(dpopNonce) },
    })
    const keys = await oauth.randomDPoPKeyPair('ES256', { extractable: true })
    const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', keys.publicKey)
    const { id } = await createClient(fixture.store, systemRandom, systemClock, {
      tenant: 'shop',
      name: 'interop',
      scopes: ['session:read'],
      jwks: { keys: [{ kty, crv, x, y, kid: '1' }] },
    })
    const proof = oauth.PrivateKeyJwt({ key: keys.privateKey, kid: '1' })
    const config = await oauth.discovery(new URL(PUBLIC_URL), id, undefined, proof, {
      algorithm: 'oauth2',
      [oauth.customFetch]: fetchFrom(fixture, () => asked++),
    })
    const plain = await oauth.clientCredentialsGrant(config, { scope: 'session:read' })
    assert.deepEqual([plain.token_type, plain.expires_in, plain.scope], ['bearer', 600, 'session:read'])
    const DPoP = oauth.getDPoPHandle(config, await oauth.randomDPoPKeyPair('ES256'))
    const bound = await oauth.clientCredentialsGrant(config, {}, { DPoP })
    assert.equal(bound.token_type, 'dpop')
    const sessions = new URL(`${PUBLIC_URL}/v1/sessions?limit=5`)
    const read = async (token: string, options?: oauth.DPoPOptions) =>
      (await oauth.fetchProtectedResource(config, token, sessions, 'GET', null, undefined, options)).status
    assert.equal(await read(plain.access_token), 200)
    assert.equal(await read(bound.access_token, { DPoP }), 200)
    const stranger = oauth.getDPoPHandle(config, await oauth.randomDPoPKeyPair('ES256'))
    await assert.rejects(read(bound.access_token, { DPoP: stranger }), { status: 401 })
    await assert.rejects(oauth.clientCredentialsGrant(config, { scope: 'subject:delete' }), {
      error: 'invalid_scope',
    }) // Once for the handle that knew none: it keeps what it is told. Once more for the stranger's.
    assert.equal(asked, dpopNonce ? 2 : 0)
  })
