import assert from 'node:assert/strict'
import { test } from 'node:test'
import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify } from 'jose'
import {
  createDeviceKey,
  createProof,
  publicJwk,
  signBytes,
  thumbprint,
  utf8,
  verifyBytes,
} from '../src/index.ts'

test('a proof verifies with an independent library and carries what RFC 9449 asks for', async () => {
  const pair = await createDeviceKey()
  const proof = await createProof(pair, {
    htm: 'GET',
    htu: 'https://ipse.example/c/v1/capture',
    nonce: 'n',
    token: 't',
    iat: 1_800_000_000,
  })
  const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, {
    typ: 'dpop+jwt',
    algorithms: ['ES256'],
    currentDate: new Date(1_800_000_000_000),
  })
  assert.equal(payload.htm, 'GET')
  assert.equal(payload.nonce, 'n')
  assert.equal(
    payload.ath,
    Buffer.from(await crypto.subtle.digest('SHA-256', utf8('t'))).toString('base64url'),
  )
  assert.ok(!('d' in (protectedHeader.jwk ?? {})))
})

test('the thumbprint is that of RFC 7638', async () => {
  const jwk = await publicJwk((await createDeviceKey()).publicKey)
  assert.equal(await thumbprint(jwk), await calculateJwkThumbprint({ ...jwk }))
})

test('the device key cannot be exported', async () => {
  const { privateKey } = await createDeviceKey()
  await assert.rejects(crypto.subtle.exportKey('jwk', privateKey))
})

test('a signature verifies for the signed bytes only', async () => {
  const { privateKey, publicKey } = await createDeviceKey()
  const signature = await signBytes(privateKey, utf8('T'))
  const jwk = await publicJwk(publicKey)
  assert.equal(await verifyBytes(jwk, signature, utf8('T')), true)
  assert.equal(await verifyBytes(jwk, signature, utf8('t')), false)
  assert.equal(await verifyBytes(jwk, signature.subarray(1), utf8('T')), false)
})
