/** The passkey at the end of a capture, with the virtual authenticator of a real Chromium under the strictest policy. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { describe, it } from 'node:test'
import {
  type DeviceAttestation,
  fromBase64url,
  fromUtf8,
  type PasskeyAsk,
  type SubmitHeader,
} from '@ipse/protocol'
import type { CDPSession } from 'playwright-core'
import { inPage, PASS } from './in-page.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const here = inPage()

const REGISTER: PasskeyAsk = {
  ceremony: 'register',
  rpId: 'localhost',
  user: 'AAECAwQFBgcICQoLDA0ODw',
  known: [],
  verifyUser: true,
}
const USE: PasskeyAsk = { ...REGISTER, ceremony: 'use' }

/** @param verified whether the person's finger is the right one */
async function authenticator(verified = true): Promise<CDPSession> {
  const cdp = await here.page.context().newCDPSession(here.page)
  await cdp.send('WebAuthn.enable')
  await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: verified,
      automaticPresenceSimulation: true,
    },
  })
  return cdp
}

const use = () => here.page.click('ipse-check >> .buttons button.primary')
const skip = () => here.page.click('ipse-check >> .buttons button:not(.primary)')

/** From the start to the question. */
async function asked(passkey: PasskeyAsk): Promise<void> {
  here.server.capture.script = { ...PASS, passkey }
  await here.page.goto(here.server.origin)
  await here.page.waitForFunction(() => 'loaded' in globalThis)
  await here.start()
  await here.phase('passkey')
}

/** What came with the signed end; the test's service has verified T and its signature. */
async function submitted(): Promise<SubmitHeader> {
  await here.phase('outcome')
  const heard = here.server.capture.conversations.at(-1)!
  await heard.ended
  assert.deepEqual(heard.faults, [])
  assert.ok(heard.submit)
  return heard.submit
}

/** The authenticator was asked about this capture and no other. */
function assertOver({ digest, attestation }: SubmitHeader, format: DeviceAttestation['format']): string {
  assert.equal(attestation?.format, format)
  assert.ok(attestation && 'clientData' in attestation)
  const client = JSON.parse(fromUtf8(fromBase64url(attestation.clientData)))
  assert.deepEqual(
    [client.type, client.challenge, client.origin],
    [format === 'webauthn' ? 'webauthn.get' : 'webauthn.create', digest, here.server.origin],
  )
  return attestation.id
}

describe('a passkey', () => {
  it('is made over the transcript, and used over the next one; nothing breaks the policy', async () => {
    await authenticator()
    await asked(REGISTER)
    assert.equal(await here.heading(), 'Create a passkey')
    assert.equal(await here.focused(), 'heading')
    assert.equal(here.server.capture.conversations.at(-1)!.submit, undefined, 'the capture waits')
    await use()
    const id = assertOver(await submitted(), 'webauthn-registration')
    await asked({ ...USE, known: [id] })
    assert.equal(await here.heading(), 'Confirm with your passkey')
    await use()
    assert.equal(assertOver(await submitted(), 'webauthn'), id)
    assert.deepEqual(await here.violations(), [])
  })

  it('is not used without the person, who may go on; the service hears that', async () => {
    await authenticator()
    await asked(USE)
    await skip()
    const { attestation, passkey } = await submitted()
    assert.deepEqual([attestation, passkey], [undefined, 'passkey_declined'])
  })

  it('may be tried again when the authenticator gave none, and the words say so', async () => {
    const cdp = await authenticator(false)
    await asked({ ...USE, known: ['AAAA'] })
    await use()
    await here.page.getByRole('status').getByText('No passkey was used').waitFor({ state: 'attached' })
    assert.equal(
      await here.page.locator('ipse-check >> .hint').textContent(),
      'No passkey was used. Try again, or go on without one.',
    )
    assert.equal(
      here.server.capture.conversations.at(-1)!.submit,
      undefined,
      'nothing was said for the person',
    )
    await skip()
    assert.equal((await submitted()).passkey, 'passkey_declined')
    await cdp.detach()
  })

  it('is not made a second time on the same device', async () => {
    await authenticator()
    await asked(REGISTER)
    await use()
    const id = assertOver(await submitted(), 'webauthn-registration')
    await asked({ ...REGISTER, known: [id] })
    await use()
    assert.equal((await submitted()).passkey, 'passkey_exists')
  })

  it('for another site, or in a browser that has none, is called what it is', async () => {
    await authenticator()
    await asked({ ...USE, rpId: 'bank.example' })
    await use()
    assert.equal((await submitted()).passkey, 'passkey_unsupported')
    await here.page.addInitScript('delete globalThis.PublicKeyCredential')
    here.server.capture.script = { ...PASS, passkey: USE }
    await here.open()
    await here.start()
    assert.equal((await submitted()).passkey, 'passkey_unsupported')
  })

  it('is asked for in words and with keys that everybody can use', async () => {
    await authenticator()
    await asked(USE)
    await here.page.evaluate(AXE)
    const faults = await here.page.evaluate(
      `axe.run(document).then(({ violations }) => violations.map(({ id }) => id))`,
    )
    assert.deepEqual(faults, [])
    await here.page.keyboard.press('Tab')
    assert.equal(await here.focused(), 'primary')
    await here.page.keyboard.press('Tab')
    await here.page.keyboard.press('Enter')
    assert.equal((await submitted()).passkey, 'passkey_declined')
  })
})
