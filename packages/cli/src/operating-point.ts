/** From a false match rate to the threshold that stands for it; thresholds belong to the model (principle 5). */
import type { Engine, OperatingPoint } from '@ipse/engine'
import { IpseError } from '@ipse/protocol'
import { InvalidArgumentError } from 'commander'

/** Parses a rate of the command line. */
export function parseRate(text: string): number {
  const rate = /^[0-9.]+(e-?\d+)?$/i.test(text) ? Number(text) : Number.NaN
  if (!(rate > 0 && rate < 1))
    throw new InvalidArgumentError('It must lie between 0 and 1, for example 1e-3.')
  return rate
}

/** Parses any finite number of the command line. */
export function parseNumber(text: string): number {
  const number = text.trim() === '' ? Number.NaN : Number(text)
  if (!Number.isFinite(number)) throw new InvalidArgumentError('It must be a number.')
  return number
}

/**
 * The point with the highest rate that does not exceed the one asked for; the model's default without one.
 * @throws IpseError `invalid_request` when the model was not measured that far
 */
export function operatingPoint(
  engine: Pick<Engine, 'operatingPoints' | 'defaultOperatingPoint'>,
  fmr?: number,
): OperatingPoint {
  if (fmr === undefined) return engine.defaultOperatingPoint
  const fitting = engine.operatingPoints.filter((point) => point.fmr <= fmr).sort((a, b) => b.fmr - a.fmr)
  if (fitting[0]) return fitting[0]
  const known = engine.operatingPoints.map((point) => point.fmr).join(', ')
  throw new IpseError('invalid_request', `--fmr ${fmr}: this model was measured at ${known} only`)
}
