/** What Chromium itself makes of T: its own client data, its virtual authenticator, our verification. */
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, test } from 'node:test'
import { toBase64url } from '@ipse/protocol'
import { chromium } from 'playwright-core'
import type { AssertionResponse, RegistrationResponse } from '../src/attestation/webauthn.ts'
import { verifyAssertion, verifyRegistration } from '../src/attestation/webauthn.ts'
import { sha256 } from './apple-device.ts'

const site = createServer((_request, response) =>
  response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>page</title>'),
)
await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve))
const origin = `http://localhost:${(site.address() as AddressInfo).port}`
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--headless=new',
    '--disable-gpu',
    '--disable-background-networking',
    '--no-first-run',
  ],
})
after(async () => {
  await browser.close()
  site.close()
})

/** Runs in the page: a ceremony with that challenge, its answer in base64url. */
const CEREMONIES = `
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
  const bytes = (numbers) => Uint8Array.from(numbers)
  globalThis.register = async (challenge) => {
    const { id, response } = await navigator.credentials.create({ publicKey: {
      challenge: bytes(challenge), rp: { id: 'localhost', name: 'shop' },
      user: { id: bytes([1]), name: 'anna', displayName: 'Anna' },
      pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    } })
    return { id, clientData: text(response.clientDataJSON), attestation: text(response.attestationObject) }
  }
  globalThis.answer = async (challenge) => {
    const { id, response } = await navigator.credentials.get({ publicKey: {
      challenge: bytes(challenge), rpId: 'localhost', userVerification: 'required',
    } })
    return {
      id, clientData: text(response.clientDataJSON),
      authenticatorData: text(response.authenticatorData), signature: text(response.signature),
    }
  }`

test('an authenticator of Chromium registers over one transcript and answers over the next', async () => {
  const page = await browser.newPage()
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('WebAuthn.enable')
  await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  await page.goto(origin)
  await page.evaluate(CEREMONIES)
  const transcripts = ['first', 'second'].map((name) => new Uint8Array(sha256(name))) as [
    Uint8Array,
    Uint8Array,
  ]
  const expected = (transcript: Uint8Array) => ({
    rpId: 'localhost',
    origins: [origin],
    transcript,
    userVerification: true,
  })
  const run = (ceremony: string, transcript: Uint8Array) =>
    page.evaluate(`${ceremony}([${transcript.join()}])`) as Promise<unknown>
  const [first, second] = transcripts

  const registration = (await run('register', first)) as RegistrationResponse
  const key = await verifyRegistration(registration, expected(first))
  assert.ok(key.holds, JSON.stringify(key))
  assert.deepEqual(await verifyRegistration(registration, expected(second)), {
    holds: false,
    refusal: 'challenge',
  })

  const answer = (await run('answer', second)) as AssertionResponse
  assert.equal(answer.id, registration.id)
  const verdict = await verifyAssertion(answer, expected(second), key)
  assert.ok(verdict.holds && verdict.counter > key.counter, JSON.stringify(verdict))
  assert.deepEqual(await verifyAssertion(answer, expected(first), key), {
    holds: false,
    refusal: 'challenge',
  })
  const client = JSON.parse(Buffer.from(answer.clientData, 'base64url').toString()) as { challenge: string }
  assert.equal(client.challenge, toBase64url(second))
})
