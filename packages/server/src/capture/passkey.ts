/**
 * Whether the person is asked for a passkey at the end of a capture, and with which words of WebAuthn. The question depends
 * on policy and subject alone, never on how the capture went: a device learns nothing from it.
 */
import type { DeviceAttestation, PasskeyAsk, PasskeyHindrance, ResolvedPolicy } from '@ipse/protocol'
import type { SessionRecord } from '../store/store.ts'
import type { CaptureContext } from './context.ts'

/** People find their security key and put their finger on it within that time, milliseconds. */
export const PASSKEY_MS = 60_000

type AskContext = Pick<CaptureContext, 'store' | 'attestation' | 'keys'>

/** Undefined where the policy asks for none, WebAuthn is not configured, or there is nobody to whom a key could belong. */
export async function passkeyAsk(
  { store, attestation: { webauthn }, keys }: AskContext,
  { passkey: ceremony, userVerification = false }: Pick<ResolvedPolicy, 'passkey' | 'userVerification'>,
  { tenant, subject, purpose }: Pick<SessionRecord, 'tenant' | 'subject' | 'purpose'>,
): Promise<PasskeyAsk | undefined> {
  if (ceremony === undefined || webauthn === undefined || subject === undefined) return undefined
  // Liveness alone binds no key: no face is compared.
  if (ceremony === 'register' && purpose === 'liveness') return undefined
  const keysOfSubject = await store.listDeviceKeys(tenant, subject)
  return {
    ceremony,
    rpId: webauthn.rpId,
    user: keys.mac('passkey-user', [tenant, subject]),
    known: keysOfSubject.filter(({ kind }) => kind === 'webauthn').map(({ id }) => id),
    verifyUser: userVerification,
  }
}

/**
 * Why there is no passkey although one was asked for. Devices that say nothing, such as older elements, cannot use one;
 * another attestation in its place is judged as what it is.
 */
export function passkeyHindrance(
  ask: PasskeyAsk | undefined,
  given: {
    readonly attestation?: DeviceAttestation | undefined
    readonly passkey?: PasskeyHindrance | undefined
  },
): PasskeyHindrance | undefined {
  if (ask === undefined || given.attestation !== undefined) return undefined
  return given.passkey ?? 'passkey_unsupported'
}
