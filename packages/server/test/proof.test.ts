/** Proofs of possession, signed soundly over what they should not say. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createDeviceKey, publicJwk, sha256, signBytes, toBase64url, utf8 } from '@ipse/protocol'
import { verifyProof } from '../src/identity/proof.ts'

const TOKEN = 'e30.e30.AA'
const NOW = Date.UTC(2026, 10, 21)
const EXPECTED = { htm: 'GET', htu: 'https://ipse.test/c', nonce: 'n', token: TOKEN, now: NOW }

test('a proof is taken as it should be, and with anything beside it refused, soundly signed or not', async () => {
  const pair = await createDeviceKey()
  const jwk = await publicJwk(pair.publicKey)
  const head = JSON.stringify({ typ: 'dpop+jwt', alg: 'ES256', jwk })
  const { htm, htu, nonce } = EXPECTED
  const ath = toBase64url(await sha256(utf8(TOKEN)))
  const body = JSON.stringify({ htm, htu, nonce, ath, iat: NOW / 1000, jti: 'A'.repeat(22) })
  const proofOf = async (header: string, claims: string, by = pair.privateKey) => {
    const input = [header, claims].map((part) => toBase64url(utf8(part))).join('.')
    return `${input}.${toBase64url(await signBytes(by, utf8(input)))}`
  }
  const taken = (proof: string) => verifyProof(proof, EXPECTED)
  assert.deepEqual((await taken(await proofOf(head, body))).jwk, jwk)
  const add = (json: string, member: string) => `${json.slice(0, -1)},${member}}`
  const refused = [
    await proofOf(head, body, (await createDeviceKey()).privateKey),
    await proofOf(add(head, '"crit":["b64"]'), body),
    await proofOf(add(head, '"b64":false'), body),
    await proofOf(add(head, '"alg":"ES256"'), body),
    await proofOf(head.replace('ES256', 'none'), body),
    await proofOf(head, add(body, `"htm":"GET"`)),
    await proofOf(head, add(body, `"exp":${NOW / 1000 - 60}`)),
    await proofOf(head, add(body, `"nbf":${NOW / 1000 + 60}`)),
    await proofOf(head, `[${body}]`),
    await proofOf(head, 'null'),
    `${(await proofOf(head, body)).slice(0, -2)}AA`,
  ]
  for (const [i, proof] of refused.entries())
    await assert.rejects(taken(proof), { code: 'session_token_invalid' }, `${i}`)
})
