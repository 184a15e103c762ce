/** A policy file from a calibration: a further demand on top of a policy, with what was measured beside it. */
import {
  type Adverse,
  type Calibration,
  IpseError,
  type Reason,
  type Rule,
  type SignalName,
} from '@ipse/protocol'

/** Signals whose thresholds can be measured on recordings, and what a decision then gives as its reason. */
export const CALIBRATED_REASONS: Readonly<Partial<Record<SignalName, Reason>>> = {
  texture: 'texture_suspicious',
  planarity: 'flat_surface',
  'co-motion': 'flat_surface',
  moire: 'display_suspected',
  'sensor-noise': 'noise_implausible',
  puppet: 'puppet_suspected',
}

/** @throws IpseError `invalid_request` for a signal without a reason of its own */
export function reasonFor(signal: SignalName): Reason {
  const reason = CALIBRATED_REASONS[signal]
  if (reason !== undefined) return reason
  throw new IpseError(
    'invalid_request',
    `--score ${signal}: thresholds can be set for ${Object.keys(CALIBRATED_REASONS).join(', ')}`,
  )
}

export interface DocumentWish {
  readonly name: string
  readonly base: string
  readonly otherwise: Adverse
  readonly calibration: Calibration
}

/** The document as it is written; the service reads it with `parsePolicy`. */
export function policyDocument({ name, base, otherwise, calibration }: DocumentWish): object {
  const { signal, model, atLeast, apcer, dataset, date } = calibration
  const rule: Rule = {
    signal,
    ...(model === undefined ? {} : { model }),
    atLeast,
    otherwise,
    reason: reasonFor(signal),
    missing: 'retry',
  }
  return {
    name,
    version: 1,
    extends: base,
    description: `${base}, and ${model ?? signal} at an APCER of ${apcer} on ${dataset.name}, ${date}.`,
    rules: [rule],
    calibration: [calibration],
  }
}
