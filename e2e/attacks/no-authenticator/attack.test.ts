import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { subjectOf } from '@ipse/cli/attack'
import { createActor, createActorFeed, createSubject } from '@ipse/lab'
import {
  type CaptureOptions,
  createAuthenticator,
  PLAUSIBLE_FACTS,
  runCapture,
} from '@ipse/lab/capture-client'
import { filmFeed } from '@ipse/lab/node'
import type { Bytes, DeviceAttestation, Reason } from '@ipse/protocol'
import { assertStopped, underAttack } from '../under-attack.ts'

const BIND = { name: 'bind', version: 1, extends: 'standard', passkey: 'register' }
const BOUND = {
  name: 'bound',
  version: 1,
  extends: 'standard',
  passkey: 'use',
  rules: [
    {
      signal: 'attestation',
      atLeast: 1,
      otherwise: 'reject',
      reason: 'attestation_insufficient',
      missing: 'reject',
    },
  ],
}
/** Simulated people are asked to try again now and then; each attempt has a seed of its own. */
const ATTEMPTS = 3

type Attest = NonNullable<CaptureOptions['attest']>

test('the perfect picture is not enough where a policy demands a passkey, and is enough with it', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ipse-policies-'))
  for (const policy of [BIND, BOUND])
    writeFileSync(join(folder, `${policy.name}.json`), JSON.stringify(policy))
  t.after(() => rmSync(folder, { recursive: true }))
  const settings = ['--set', `policies.path=${folder}`, '--set', 'attestation.webauthnRpId=localhost']
  await underAttack(
    async ({ service, people, target, attack }) => {
      const [victim] = people
      assert.ok(victim)
      const subject = createSubject(victim.photo, victim.landmarks, { response: victim.response })
      const origin = new URL(service.url).origin
      const [own, foreign] = [
        await createAuthenticator('localhost', origin),
        await createAuthenticator('localhost', origin),
      ]

      /** The picture of the victim as it is, and what is shown over T. */
      async function perform(policy: string, attest: Attest) {
        const session = await service.client.createSession({
          purpose: 'verification',
          subject: subjectOf(target, 0),
          policy,
          maxAttempts: ATTEMPTS,
        })
        const device = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, [
          'sign',
          'verify',
        ])
        for (let seed = 5; ; seed++) {
          const { outcome, attemptsLeft } = await runCapture({
            captureToken: session.captureToken,
            captureUrl: session.captureUrl,
            origin,
            facts: PLAUSIBLE_FACTS,
            camera: filmFeed(createActorFeed({ subject, actor: createActor({ seed }), seed })),
            device,
            attest,
          })
          if (outcome !== 'retry' || attemptsLeft === 0) return service.client.getSession(session.id)
        }
      }
      const refused = async (title: string, attest: Attest, reason: Reason) => {
        await t.test(title, async () => {
          const { decision, reasons } = await perform('bound', attest)
          assert.equal(decision, 'reject')
          assert.ok(reasons.includes(reason), reasons.join())
        })
      }

      let earlier: DeviceAttestation | undefined
      const remember = async (answer: Promise<DeviceAttestation>) => {
        earlier = await answer
        return earlier
      }
      const bound = await perform('bind', async (T: Bytes) => own.register(T))
      assert.equal(bound.decision, 'accept', `${bound.reasons}`)

      await t.test(
        'with the authenticator of the victim it is accepted, and says what was proved',
        async () => {
          const { decision, assurance, reasons } = await perform('bound', async (T, ask) => {
            assert.deepEqual(ask?.known, [own.id])
            return remember(own.use(T))
          })
          assert.deepEqual([decision, assurance], ['accept', 'active+attested'], `${reasons}`)
        },
      )
      await refused('without one', async () => 'passkey_declined', 'evidence_missing')
      await refused('with one of the attacker’s own', async (T) => foreign.use(T), 'attestation_refused')
      await refused('with an answer of before', async () => earlier, 'attestation_refused')
      await refused('with a new registration', async (T) => foreign.register(T), 'evidence_missing')
      await t.test('nor does any other scripted client get in', async () => {
        const shown = await attack({
          method: 'direct-client',
          instrument: 'reposed-photograph',
          variant: 'careful',
        })
        assertStopped(shown, ['evidence_missing'])
      })
    },
    { policy: 'bound', settings },
  )
})
