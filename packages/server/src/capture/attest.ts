/**
 * From the proof that came with a capture's signed end to a level. The verifiers are pure; here are the registered keys
 * with their counters, by compare-and-set. Nothing of this is told to the capture device.
 */
import { type DeviceAttestation, fromBase64url } from '@ipse/protocol'
import { verifyAppAssertion, verifyAppAttestation } from '../attestation/app-attest.ts'
import { verifyPlayIntegrity } from '../attestation/play-integrity.ts'
import type { Refusal, Verdict } from '../attestation/refusals.ts'
import { verifyAssertion, verifyRegistration, type WebAuthnExpectation } from '../attestation/webauthn.ts'
import type { AttestationObservation } from '../domain/capture-record.ts'
import type { DeviceKeyRecord, SessionRecord } from '../store/store.ts'
import type { CaptureContext } from './context.ts'

export interface Attested {
  readonly observation: AttestationObservation
  readonly refusal?: Refusal
  /** A key that belongs to the subject from now on, if the capture is accepted. */
  readonly newKey?: DeviceKeyRecord
}

type Attest<F extends DeviceAttestation['format']> = (
  context: AttestContext,
  given: Extract<DeviceAttestation, { format: F }>,
  capture: AttestedCapture,
) => Promise<Attested>

export type AttestContext = Pick<CaptureContext, 'store' | 'clock' | 'attestation'>

export interface AttestedCapture {
  readonly session: Pick<SessionRecord, 'tenant' | 'subject' | 'purpose'>
  /** T, base64url; its signature by the device key has been verified, and no capture had it before. */
  readonly transcript: string
  readonly userVerification: boolean
}

const NOTHING: Attested = { observation: { missing: 'not-supported' } }
const NOT_CONFIGURED: Attested = { observation: { missing: 'not-configured' } }

/** @throws IpseError `storage_unavailable` */
export async function attestDevice(
  context: AttestContext,
  given: DeviceAttestation | undefined,
  capture: AttestedCapture,
): Promise<Attested> {
  if (given === undefined) return NOTHING
  return (FORMATS[given.format] as Attest<typeof given.format>)(context, given, capture)
}

const FORMATS: { readonly [F in DeviceAttestation['format']]: Attest<F> } = {
  async 'app-attest'({ store, clock, attestation: { apple } }, given, { session, transcript }) {
    if (!apple) return NOT_CONFIGURED
    const [keyId, attestation, T] = bytes(given.keyId, given.attestation, transcript)
    if (!keyId || !attestation || !T) return refused('malformed')
    const now = clock.now()
    const found = await verifyAppAttestation({ keyId, attestation }, apple, T, now)
    if (!found.holds) return refused(found.refusal)
    const level = found.environment === 'production' ? 'strong' : 'valid'
    const { publicKey } = found
    const key: DeviceKeyRecord = {
      ...keyOf(session, 'app-attest', given.keyId),
      level,
      publicKey,
      counter: 0,
      createdAt: now,
    }
    return (await store.insertDeviceKey(key)) ? attested(level) : refused('key_registered')
  },

  async 'app-attest-assertion'({ store, attestation: { apple } }, given, { session, transcript }) {
    if (!apple) return NOT_CONFIGURED
    const [assertion, T] = bytes(given.assertion, transcript)
    if (!assertion || !T) return refused('malformed')
    const known = await store.findDeviceKey(keyOf(session, 'app-attest', given.keyId))
    if (!known) return refused('key_unknown')
    if (known.level !== 'strong' && !apple.development) return refused('environment')
    return advanced(store, known, await verifyAppAssertion(assertion, apple, T, known))
  },

  async 'play-integrity'({ clock, attestation: { play } }, { token }, { transcript }) {
    if (!play) return NOT_CONFIGURED
    const found = await verifyPlayIntegrity(token, play, fromBase64url(transcript), clock.now())
    return found.holds ? attested(found.level) : refused(found.refusal)
  },

  async 'webauthn-registration'({ clock, attestation: { webauthn } }, given, capture) {
    if (!webauthn) return NOT_CONFIGURED
    const { session } = capture
    // Liveness alone compares no face: whoever is there could bind a key to anybody's name.
    if (session.subject === undefined || session.purpose === 'liveness') return refused('subject')
    const found = await verifyRegistration(given, expectation(webauthn, capture))
    if (!found.holds) return refused(found.refusal)
    const { publicKey, counter } = found
    const { subject } = session
    const key = keyOf(session, 'webauthn', given.id)
    return {
      ...NOTHING,
      newKey: { ...key, subject, level: 'valid', publicKey, counter, createdAt: clock.now() },
    }
  },

  async webauthn({ store, attestation: { webauthn } }, given, capture) {
    if (!webauthn) return NOT_CONFIGURED
    const { session } = capture
    const known = await store.findDeviceKey(keyOf(session, 'webauthn', given.id))
    if (!known) return refused('key_unknown')
    if (known.subject === undefined || known.subject !== session.subject) return refused('subject')
    return advanced(store, known, await verifyAssertion(given, expectation(webauthn, capture), known))
  },
}

/** Keeps the key that was registered with an accepted capture. */
export async function keepNewKey({ store }: AttestContext, { newKey }: Attested): Promise<void> {
  if (newKey) await store.insertDeviceKey(newKey)
}

/** The counter is stored before the level counts: of two answers with one counter, one is refused. */
async function advanced(
  store: AttestContext['store'],
  known: DeviceKeyRecord,
  verdict: Verdict<{ readonly counter: number }>,
): Promise<Attested> {
  if (!verdict.holds) return refused(verdict.refusal)
  const first = await store.advanceDeviceKey(known, verdict.counter)
  return first ? attested(known.level) : refused('counter_not_increased')
}

function attested(level: DeviceKeyRecord['level']): Attested {
  return { observation: { level } }
}

function refused(refusal: Refusal): Attested {
  return { observation: { level: 'none' }, refusal }
}

function keyOf({ tenant }: AttestedCapture['session'], kind: DeviceKeyRecord['kind'], id: string) {
  return { tenant, kind, id }
}

function expectation(
  trust: Pick<WebAuthnExpectation, 'rpId' | 'origins'>,
  { transcript, userVerification }: AttestedCapture,
): WebAuthnExpectation {
  return { ...trust, transcript: fromBase64url(transcript), userVerification }
}

/** Each text as bytes; undefined where it is not canonical base64url. */
function bytes(...texts: readonly string[]): (Uint8Array | undefined)[] {
  return texts.map((text) => {
    try {
      return fromBase64url(text)
    } catch {
      return undefined
    }
  })
}
