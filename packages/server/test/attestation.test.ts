/** Device attestation in whole captures: over T it raises the level in the receipt, over anything else it does not. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  ATTESTATION_LEVELS,
  type CaptureFacts,
  DEVICE_SIGNS,
  type Decision,
  type DeviceAttestation,
  type DeviceSign,
  type Policy,
  type Purpose,
  type ReceiptClaims,
  type Session,
  toBase64url,
} from '@ipse/protocol'
import { decodeJwt } from 'jose'
import { attestDevice, keepNewKey } from '../src/capture/attest.ts'
import { parseFacts } from '../src/capture/messages.ts'
import type { AttestationObservation } from '../src/domain/capture-record.ts'
import { decide } from '../src/domain/decide.ts'
import { POLICIES, parsePolicy, resolvePolicy } from '../src/domain/policies/index.ts'
import { attestation as attestationSignal } from '../src/domain/signals/attestation.ts'
import { virtualCameraSigns } from '../src/domain/signals/index.ts'
import { openSqliteStore } from '../src/index.ts'
import { type Attestation, assertion, attest, createAuthority, sha256, trustIn } from './apple-device.ts'
import { createAuthenticator, ORIGIN, RP_ID } from './authenticator.ts'
import { CAMERA_FACTS } from './capture-client.ts'
import { CONSENT, createPerson, createTestClock, type Fixture, startFixture } from './fixture.ts'
import { createPlayKeys, playToken, trustIn as playTrustIn } from './play-device.ts'

const authority = await createAuthority()
const play = createPlayKeys()
const TRUST = {
  apple: trustIn(authority),
  play: playTrustIn(play),
  webauthn: { rpId: RP_ID, origins: [ORIGIN] },
}
const OTHER = new Uint8Array(sha256('another transcript'))

/** Asks for a strong device on the ground of `standard`. */
const BANK: Policy = parsePolicy(
  {
    name: 'bank',
    version: 1,
    extends: 'standard',
    rules: [
      {
        signal: 'attestation',
        atLeast: 2,
        otherwise: 'reject',
        reason: 'attestation_insufficient',
        missing: 'reject',
      },
    ],
  },
  POLICIES,
)

type Attest = (transcript: Uint8Array) => Promise<DeviceAttestation>

const serviceWith = (attestation: object = TRUST) =>
  startFixture({ more: { attestation, policies: { ...POLICIES, bank: BANK } } })

interface Wish {
  readonly purpose?: Purpose
  readonly subject?: string
  readonly policy?: string
  readonly facts?: CaptureFacts
  readonly person?: number
}

async function run(fixture: Fixture, shown: Attest | undefined, wish: Wish = {}) {
  const { purpose = 'liveness', subject, policy, facts, person } = wish
  const session = await fixture.createSession({
    purpose,
    ...(subject === undefined ? {} : { subject }),
    ...(policy === undefined ? {} : { policy }),
    ...(purpose === 'enrolment' ? { consent: CONSENT } : {}),
  })
  const camera = createPerson(fixture.clock, person === undefined ? {} : { person })
  const { outcome } = await fixture.capture(session, camera, {
    ...(shown ? { attest: shown } : {}),
    ...(facts ? { facts } : {}),
  })
  const ended: Session = await fixture.readSession(session.id)
  const claims = decodeJwt(ended.receipt ?? '') as unknown as ReceiptClaims
  const line = claims.evidence.find(({ signal }) => signal === 'attestation')
  return { outcome, claims, line, level: claims.device.attestation }
}

/** An iPhone: attests its key the first time, asserts from then on. */
function createPhone() {
  let device: Attestation | undefined
  let counter = 0
  return {
    attest: async (transcript: Uint8Array): Promise<DeviceAttestation> => {
      device = await attest(authority, transcript)
      const { keyId, attestation } = device
      return { format: 'app-attest', keyId: toBase64url(keyId), attestation: toBase64url(attestation) }
    },
    assert: async (transcript: Uint8Array, by = 1): Promise<DeviceAttestation> => {
      counter += by
      const { keyId } = device!
      const bytes = await assertion(device!, transcript, counter)
      return { format: 'app-attest-assertion', keyId: toBase64url(keyId), assertion: toBase64url(bytes) }
    },
  }
}

test('an app that attests the transcript comes out strong, and its next capture by assertion too', async () => {
  await using fixture = await serviceWith()
  const phone = createPhone()
  for (const shown of [phone.attest, phone.assert]) {
    const { outcome, claims, line, level } = await run(fixture, shown)
    assert.equal(outcome?.outcome, 'pass')
    assert.equal(level, 'strong')
    assert.equal(claims.assurance, 'active+attested')
    assert.deepEqual(line?.measurement, { status: 'assessed', native: 2, score: 1 })
    assert.equal(line?.verdict, 'reported')
  }
})

test('a capture without a proof is what it was before', async () => {
  await using fixture = await serviceWith()
  const { outcome, claims, line, level } = await run(fixture, undefined)
  assert.deepEqual([outcome?.outcome, level, claims.assurance], ['pass', 'none', 'active-geometry'])
  assert.deepEqual(line?.measurement, { status: 'failure-to-assess', reason: 'not-supported' })
})

test('a proof over another transcript counts for nothing, in every format, and the device hears no difference', async (t) => {
  await using fixture = await serviceWith()
  const phone = createPhone()
  const key = createAuthenticator()
  await run(fixture, phone.attest)
  const rows: [string, Attest, string][] = [
    ['attestation', () => createPhone().attest(OTHER), 'nonce_mismatch'],
    ['assertion', () => phone.assert(OTHER), 'signature'],
    ['play', async () => ({ format: 'play-integrity', token: await playToken(play, OTHER) }), 'request_hash'],
    ['webauthn', async (T) => ({ format: 'webauthn', ...key.assert(T) }), 'key_unknown'],
  ]
  for (const [what, shown, refusal] of rows)
    await t.test(what, async () => {
      const { outcome, claims, line, level } = await run(fixture, shown)
      assert.deepEqual(outcome, { type: 'outcome', outcome: 'pass', attemptsLeft: 0 })
      assert.deepEqual([level, claims.assurance], ['none', 'active-geometry'])
      assert.deepEqual(line?.measurement, { status: 'assessed', native: 0, score: 0 })
      assert.match(fixture.log(), new RegExp(`"refusal":"${refusal}"`))
    })
})

test('an Android device is valid or strong as Google says', async () => {
  await using fixture = await serviceWith()
  for (const [label, wanted] of [
    ['MEETS_DEVICE_INTEGRITY', 'valid'],
    ['MEETS_STRONG_INTEGRITY', 'strong'],
  ] as const) {
    const { level, claims } = await run(fixture, async (T) => {
      const forgery = { device: { deviceRecognitionVerdict: [label] } }
      return { format: 'play-integrity', token: await playToken(play, T, forgery, fixture.clock.now()) }
    })
    assert.deepEqual([level, claims.assurance], [wanted, 'active+attested'])
  }
})

test('what is not configured is never good evidence, and says so', async () => {
  await using fixture = await serviceWith({})
  const key = createAuthenticator()
  const shown: Attest[] = [
    createPhone().attest,
    async () => ({ format: 'app-attest-assertion', keyId: 'AA', assertion: 'AA' }),
    async (T) => ({ format: 'play-integrity', token: await playToken(play, T) }),
    async (T) => ({ format: 'webauthn', ...key.assert(T) }),
    async (T) => ({ format: 'webauthn-registration', ...key.register(T) }),
  ]
  for (const each of shown) {
    const { level, line } = await run(fixture, each)
    assert.equal(level, 'none')
    assert.deepEqual(line?.measurement, { status: 'failure-to-assess', reason: 'not-configured' })
  }
})

test('an authenticator is bound by an accepted enrolment and proves the same subject from then on', async () => {
  await using fixture = await serviceWith()
  const key = createAuthenticator()
  const register: Attest = async (T) => ({ format: 'webauthn-registration', ...key.register(T) })
  const sign: Attest = async (T) => ({ format: 'webauthn', ...key.assert(T) })
  const enrolled = await run(fixture, register, { purpose: 'enrolment', subject: 'anna' })
  assert.deepEqual([enrolled.outcome?.outcome, enrolled.level], ['pass', 'none'])
  const exported = async () => (await fixture.call('GET', '/v1/subjects/anna/export')).body.authenticators
  assert.deepEqual(
    (await exported()).map(({ id }: { id: string }) => id),
    [key.id],
  )
  const verified = await run(fixture, sign, { purpose: 'verification', subject: 'anna' })
  assert.deepEqual([verified.outcome?.outcome, verified.level], ['pass', 'valid'])
  const again = await run(fixture, sign, { purpose: 'verification', subject: 'anna' })
  assert.equal(again.level, 'none', 'the counter did not rise')
  await run(fixture, undefined, { purpose: 'enrolment', subject: 'eve' })
  const other = await run(fixture, async (T) => ({ format: 'webauthn', ...key.assert(T, { counter: 9 }) }), {
    purpose: 'verification',
    subject: 'eve',
  })
  assert.equal(other.level, 'none')
  assert.match(fixture.log(), /"refusal":"subject"/)
  await fixture.call('DELETE', '/v1/subjects/anna')
  assert.equal(await fixture.store.findDeviceKey({ tenant: 'shop', kind: 'webauthn', id: key.id }), undefined)
})

test('an authenticator is not bound by a rejected capture, nor where no face was compared', async () => {
  await using fixture = await serviceWith()
  await run(fixture, undefined, { purpose: 'enrolment', subject: 'anna' })
  for (const wish of [
    { purpose: 'verification', subject: 'anna', person: 2 },
    { purpose: 'liveness', subject: 'anna' },
  ] as const) {
    const key = createAuthenticator()
    await run(fixture, async (T) => ({ format: 'webauthn-registration', ...key.register(T) }), wish)
    const { level } = await run(fixture, async (T) => ({ format: 'webauthn', ...key.assert(T) }), {
      purpose: 'verification',
      subject: 'anna',
    })
    assert.equal(level, 'none')
    assert.equal(
      await fixture.store.findDeviceKey({ tenant: 'shop', kind: 'webauthn', id: key.id }),
      undefined,
    )
  }
})

test('a policy may ask for a strong device, and what the device says against itself undoes it', async () => {
  await using fixture = await serviceWith()
  const policy = 'bank'
  const strong = await run(fixture, createPhone().attest, { policy })
  assert.deepEqual([strong.claims.decision, strong.claims.reasons], ['accept', []])
  const valid = await run(
    fixture,
    async (T) => ({ format: 'play-integrity', token: await playToken(play, T, {}, fixture.clock.now()) }),
    { policy },
  )
  assert.deepEqual([valid.claims.decision, valid.claims.reasons], ['reject', ['attestation_insufficient']])
  const wrong = await run(fixture, () => createPhone().attest(OTHER), { policy })
  assert.deepEqual([wrong.claims.decision, wrong.claims.reasons], ['reject', ['attestation_refused']])
  const none = await run(fixture, undefined, { policy })
  assert.deepEqual([none.claims.decision, none.claims.reasons], ['reject', ['evidence_missing']])
  const facts = { ...CAMERA_FACTS, signs: ['jailbreak'] as const }
  const broken = await run(fixture, createPhone().attest, { policy, facts })
  assert.deepEqual([broken.claims.decision, broken.claims.reasons], ['reject', ['device_compromised']])
  assert.deepEqual([broken.level, broken.claims.assurance], ['none', 'active-geometry'])
})

test('nothing that a device says about itself is ever better than saying nothing', () => {
  const severity: Record<Decision, number> = { accept: 0, retry: 1, review: 2, reject: 3 }
  const shown: (AttestationObservation | undefined)[] = [
    undefined,
    { missing: 'not-supported' },
    { missing: 'not-configured' },
    ...(['none', 'valid', 'strong'] as const).map((level) => ({ level })),
  ]
  const signs = Object.keys(DEVICE_SIGNS) as DeviceSign[]
  const standard = resolvePolicy(POLICIES.standard!, [{ fmr: 0.001, threshold: 0.7 }])
  const adverse = ['reject', 'retry', 'review'] as const
  for (const attestation of shown)
    for (const said of [...signs.map((sign) => [sign]), signs])
      for (const atLeast of [0, 1, 2])
        for (const otherwise of adverse)
          for (const missing of adverse) {
            const rule = { signal: 'attestation', atLeast, otherwise, missing } as const
            const policy = { ...standard, rules: [{ ...rule, reason: 'attestation_insufficient' as const }] }
            const judge = (facts: CaptureFacts) => {
              const record = { facts, ...(attestation === undefined ? {} : { attestation }) }
              return decide(policy, [attestationSignal(record as never)], 'liveness').decision
            }
            assert.ok(severity[judge({ signs: said })] >= severity[judge({})])
          }
  assert.deepEqual(Object.keys(ATTESTATION_LEVELS), ['none', 'valid', 'strong'])
})

test('hooks and emulators are signs of a virtual camera too; unknown words and shapes say nothing', () => {
  assert.deepEqual(virtualCameraSigns({ signs: ['hook'] }), ['app with hooks'])
  assert.deepEqual(virtualCameraSigns({ signs: ['emulator'] }), ['emulated device'])
  assert.deepEqual(virtualCameraSigns({ signs: ['root', 'jailbreak', 'debugger'] }), [])
  assert.deepEqual(parseFacts({ signs: ['root', 'fine', 7, 'hook'] }), { signs: ['root', 'hook'] })
  for (const signs of ['root', 7, null, {}, [], ['toString'], [['root']]])
    assert.deepEqual(parseFacts({ signs }), {})
})

test('no policy claims a device by itself: the level is for each session that showed one', () => {
  for (const assurance of ['active+attested', 'active+pad-model+attested'])
    assert.throws(() => parsePolicy({ name: 'own', version: 1, extends: 'standard', assurance }, POLICIES), {
      code: 'policy_invalid',
    })
})

test('of two answers with one counter at the same moment, one counts', async () => {
  const store = await openSqliteStore(':memory:')
  const context = { store, clock: createTestClock(), attestation: TRUST }
  const session = { tenant: 'shop', purpose: 'liveness' } as const
  const capture = (T: Uint8Array) => ({ session, transcript: toBase64url(T), userVerification: false })
  const T = (name: string) => new Uint8Array(sha256(name))
  const phone = createPhone()
  const registration = await phone.attest(T('one'))
  const first = await attestDevice(context, registration, capture(T('one')))
  assert.deepEqual(first.observation, { level: 'strong' })
  const twice = await attestDevice(context, registration, capture(T('one')))
  assert.deepEqual([twice.observation, twice.refusal], [{ level: 'none' }, 'key_registered'])
  const answers = [await phone.assert(T('a')), await phone.assert(T('b'), 0), await phone.assert(T('c'), 0)]
  const found = await Promise.all(
    answers.map((answer, i) => attestDevice(context, answer, capture(T('abc'.charAt(i))))),
  )
  assert.equal(
    found.filter(({ observation }) => 'level' in observation && observation.level === 'strong').length,
    1,
  )
  assert.equal(found.filter(({ refusal }) => refusal === 'counter_not_increased').length, 2)
  const elsewhere = await attestDevice(context, await phone.assert(T('d')), {
    ...capture(T('d')),
    session: { ...session, tenant: 'bank' },
  })
  assert.equal(elsewhere.refusal, 'key_unknown')
  await store.close()
})

test('keys of the development environment stop counting when they are no longer allowed', async () => {
  const store = await openSqliteStore(':memory:')
  const clock = createTestClock()
  const session = { tenant: 'shop', purpose: 'liveness' } as const
  const transcript = toBase64url(OTHER)
  const device = await attest(authority, OTHER, { aaguid: Buffer.from('appattestdevelop') })
  const keyId = toBase64url(device.keyId)
  const given = { format: 'app-attest', keyId, attestation: toBase64url(device.attestation) } as const
  const lax = { apple: trustIn(authority, { development: true }) }
  const capture = { session, transcript, userVerification: false }
  const { observation } = await attestDevice({ store, clock, attestation: lax }, given, capture)
  assert.deepEqual(observation, { level: 'valid' })
  const bytes = toBase64url(await assertion(device, OTHER, 1))
  const answer = { format: 'app-attest-assertion', keyId, assertion: bytes } as const
  const { refusal } = await attestDevice({ store, clock, attestation: TRUST }, answer, capture)
  assert.equal(refusal, 'environment')
  await store.close()
})

test('user verification at the authenticator is the policy’s to ask for', async () => {
  const store = await openSqliteStore(':memory:')
  const context = { store, clock: createTestClock(), attestation: TRUST }
  const key = createAuthenticator()
  const session = { tenant: 'shop', purpose: 'enrolment', subject: 'anna' } as const
  const capture = { session, transcript: toBase64url(OTHER), userVerification: false }
  const lax = { verified: false }
  const registration = { format: 'webauthn-registration', ...key.register(OTHER, lax) } as const
  await keepNewKey(context, await attestDevice(context, registration, capture))
  const answer = { format: 'webauthn', ...key.assert(OTHER, lax) } as const
  const strict = await attestDevice(context, answer, { ...capture, userVerification: true })
  assert.equal(strict.refusal, 'user_unverified')
  assert.deepEqual((await attestDevice(context, answer, capture)).observation, { level: 'valid' })
  await store.close()
})

test('a malformed attestation ends the capture like every other malformed record', async (t) => {
  await using fixture = await serviceWith()
  const rows: [string, unknown][] = [
    ['a text', 'attestation'],
    ['nothing', null],
    ['no format', { token: 'x' }],
    ['an unknown format', { format: 'safety-net', token: 'x' }],
    ['a format of the prototype', { format: 'constructor' }],
    ['a member too many', { format: 'play-integrity', token: 'x', more: 1 }],
    ['a member missing', { format: 'app-attest', keyId: 'x' }],
    ['a member of another type', { format: 'play-integrity', token: 1 }],
  ]
  for (const [what, given] of rows)
    await t.test(what, async () => {
      const session = await fixture.createSession({ purpose: 'liveness' })
      const { error, outcome } = await fixture.capture(session, createPerson(fixture.clock), {
        attest: async () => given as DeviceAttestation,
      })
      assert.deepEqual([error, outcome], ['challenge_mismatch', undefined])
    })
})
