/** A client library of others (openid-client) finds the token endpoint, proves itself, and asks with what it got. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as oauth from 'openid-client'
import { createClient } from '../src/index.ts'
import { type Fixture, PUBLIC_URL, startFixture, systemClock, systemRandom } from './fixture.ts'

/** The library's requests, answered by the application without a network. */
function fetchFrom({ app }: Fixture): oauth.CustomFetch {
  return async (url, { method, headers, body }) => {
    const { pathname, search } = new URL(url)
    const payload = body === undefined || body === null ? {} : { payload: String(body) }
    const reply = await app.inject({ method: method as 'GET', url: pathname + search, headers, ...payload })
    const type = String(reply.headers['content-type'])
    return new Response(reply.body, { status: reply.statusCode, headers: { 'content-type': type } })
  }
}

test('openid-client gets a token by private_key_jwt, plain and bound to a key, and reads with it', async () => {
  await using fixture = await startFixture({ clock: systemClock })
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
    [oauth.customFetch]: fetchFrom(fixture),
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
  assert.equal(await read(bound.access_token, { DPoP: stranger }), 401)
  await assert.rejects(oauth.clientCredentialsGrant(config, { scope: 'subject:delete' }), {
    error: 'invalid_scope',
  })
})
