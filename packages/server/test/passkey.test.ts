/** A passkey at the end of a capture: who is asked, with which words, and what follows when there is none. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type DeviceAttestation, IpseError, type PasskeyAsk, type Policy, type Purpose } from '@ipse/protocol'
import { POLICIES, parsePolicy } from '../src/domain/policies/index.ts'
import { type Authenticator, createAuthenticator, ORIGIN, RP_ID } from './authenticator.ts'
import type { Attest } from './capture-client.ts'
import { CONSENT, createPerson, startFixture } from './fixture.ts'

const RULE = {
  signal: 'attestation',
  atLeast: 1,
  otherwise: 'reject',
  reason: 'attestation_insufficient',
  missing: 'review',
}
const policy = (name: string, members: object): Policy =>
  parsePolicy({ name, version: 1, extends: 'standard', ...members }, POLICIES)
const REGISTER = policy('register', { passkey: 'register' })
const USE = policy('use', { passkey: 'use', rules: [RULE] })

const start = (attestation: object = { webauthn: { rpId: RP_ID, origins: [ORIGIN] } }) =>
  startFixture({ more: { attestation, policies: { ...POLICIES, register: REGISTER, use: USE } } })
type Fixture = Awaited<ReturnType<typeof start>>

/** One capture; what was asked at its end, and how the session stands. */
async function capture(
  fixture: Fixture,
  wish: { readonly purpose?: Purpose; readonly subject?: string; readonly policy?: string },
  answer: Attest = async () => undefined,
) {
  const { purpose = 'verification', subject = 'anna' } = wish
  const session = await fixture.createSession({
    purpose,
    subject,
    ...(wish.policy === undefined ? {} : { policy: wish.policy }),
    ...(purpose === 'enrolment' ? { consent: CONSENT } : {}),
  })
  let asked: PasskeyAsk | undefined
  const result = await fixture.capture(session, createPerson(fixture.clock), {
    attest: async (transcript, ask) => {
      asked = ask
      return answer(transcript, ask)
    },
  })
  return { asked, result, session: await fixture.readSession(session.id) }
}

const registering =
  (key: Authenticator): Attest =>
  async (T): Promise<DeviceAttestation> => ({ format: 'webauthn-registration', ...key.register(T) })
const using =
  (key: Authenticator): Attest =>
  async (T): Promise<DeviceAttestation> => ({ format: 'webauthn', ...key.assert(T) })

test('an enrolment asks for a new passkey, and the next verification for that one', async () => {
  await using fixture = await start()
  const key = createAuthenticator()
  const first = await capture(fixture, { purpose: 'enrolment', policy: 'register' }, registering(key))
  assert.equal(first.session.decision, 'accept')
  assert.equal(first.session.hindrance, undefined)
  const { user, ...asked } = first.asked!
  assert.deepEqual(asked, { ceremony: 'register', rpId: RP_ID, known: [], verifyUser: false })
  assert.match(user, /^[A-Za-z0-9_-]{43}$/)

  const second = await capture(fixture, { policy: 'use' }, using(key))
  assert.deepEqual(second.asked, { ceremony: 'use', rpId: RP_ID, known: [key.id], verifyUser: false, user })
  assert.deepEqual([second.session.decision, second.session.assurance], ['accept', 'active+attested'])

  const other = await capture(fixture, { purpose: 'enrolment', subject: 'bert', policy: 'register' })
  assert.notEqual(other.asked?.user, user, 'the handle says nothing and is another for everybody')
  assert.deepEqual(other.asked?.known, [])
})

test('whoever uses none is named to the relying party, and the policy decides; the device hears nothing of it', async () => {
  await using fixture = await start()
  const key = createAuthenticator()
  await capture(fixture, { purpose: 'enrolment', policy: 'register' }, registering(key))
  for (const [answer, code] of [
    [async () => 'passkey_declined' as const, 'passkey_declined'],
    [async () => 'passkey_unsupported' as const, 'passkey_unsupported'],
    // An element that does not know the question.
    [async () => undefined, 'passkey_unsupported'],
  ] as const) {
    const { session, result } = await capture(fixture, { policy: 'use' }, answer)
    assert.equal(session.hindrance?.code, code)
    assert.equal(session.decision, 'review')
    assert.deepEqual(session.reasons, ['evidence_missing'])
    assert.equal(result.outcome?.outcome, 'fail')
  }
})

test('a passkey of somebody else is no passkey', async () => {
  await using fixture = await start()
  const [own, foreign] = [createAuthenticator(), createAuthenticator()]
  await capture(fixture, { purpose: 'enrolment', policy: 'register' }, registering(own))
  await capture(fixture, { purpose: 'enrolment', subject: 'bert', policy: 'register' }, registering(foreign))
  const { session } = await capture(fixture, { policy: 'use' }, using(foreign))
  assert.deepEqual([session.decision, session.reasons], ['reject', ['attestation_refused']])
})

test('nobody is asked without a policy that says so, without a subject to bind to, or without WebAuthn', async () => {
  await using fixture = await start()
  assert.equal((await capture(fixture, { purpose: 'enrolment' })).asked, undefined)
  const { asked, session } = await capture(fixture, { purpose: 'liveness', policy: 'register' })
  assert.deepEqual([asked, session.hindrance], [undefined, undefined])
  await using bare = await start({})
  assert.equal((await capture(bare, { purpose: 'enrolment', policy: 'register' })).asked, undefined)
})

test('an answer that says both, or an unknown word, is no answer', async () => {
  await using fixture = await start()
  const { result } = await capture(
    fixture,
    { purpose: 'enrolment', policy: 'register' },
    async () => 'camera_denied' as never,
  )
  assert.equal(result.error, 'challenge_mismatch')
})

test('a policy that asks for a passkey says what follows without one', () => {
  assert.throws(
    () => policy('vain', { passkey: 'use' }),
    (error) => error instanceof IpseError && error.code === 'policy_invalid' && /passkey/.test(error.message),
  )
  assert.throws(() => policy('odd', { passkey: 'maybe' }), /passkey/)
})
