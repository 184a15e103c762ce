/**
 * attestation: did the device prove what it is, over this very capture? Verified against the makers' roots and keys, so
 * this is no statement of the device. What it states against itself only lowers the level; docs/attestation.md.
 */
import { type AttestationLevel, assessed, failed, type Signal } from '@ipse/protocol'
import type { CaptureRecord } from '../capture-record.ts'

export const ATTESTATION_NATIVE: Readonly<Record<AttestationLevel, number>> = { none: 0, valid: 1, strong: 2 }

/** Native: 0 refused or compromised by its own account, 1 valid, 2 strong; not assessed when nothing was shown. */
export function attestation({ attestation: shown, facts }: CaptureRecord): Signal {
  const name = 'attestation'
  const compromised = (facts?.signs ?? []).length > 0
  if (shown === undefined || 'missing' in shown) {
    const missing = failed(shown?.missing ?? 'not-supported')
    return {
      name,
      measurement: missing,
      samples: 0,
      ...(compromised ? { finding: 'device_compromised' } : {}),
    }
  }
  const native = compromised ? 0 : ATTESTATION_NATIVE[shown.level]
  return {
    name,
    measurement: assessed(native, native / ATTESTATION_NATIVE.strong),
    samples: 1,
    ...(compromised ? { finding: 'device_compromised' } : {}),
    ...(!compromised && native === 0 ? { finding: 'attestation_refused' } : {}),
  }
}

/** The level of a receipt, read from the signal: what the decision saw. */
export function attestationLevel(signals: readonly Signal[]): AttestationLevel {
  const measured = signals.find(({ name }) => name === 'attestation')?.measurement
  if (measured?.status !== 'assessed' || !Number.isFinite(measured.native)) return 'none'
  return measured.native >= ATTESTATION_NATIVE.strong
    ? 'strong'
    : measured.native >= ATTESTATION_NATIVE.valid
      ? 'valid'
      : 'none'
}
