/** Where the threshold of an evaluation comes from: fixed before the data were seen, and its source printed. */
import type { Engine } from '@ipse/engine'
import { IpseError, type Policy } from '@ipse/protocol'
import type { ScoreSource } from './pad-scores.ts'

export interface FixedThreshold {
  readonly value: number
  readonly source: string
}

/** PAD networks give probabilities: without an operating point the middle stands in, which nobody measured. */
const MIDDLE = 0.5

/**
 * @param given from the command line; wins
 * @throws IpseError `invalid_request` when nobody has set one
 */
export function fixedThreshold(
  { name, signal, networks }: ScoreSource,
  { pads }: Pick<Engine, 'pads'>,
  policy: Policy,
  given: number | undefined,
): FixedThreshold {
  if (given !== undefined) return { value: given, source: 'the command line' }
  const [network, ...others] = networks
  const points = pads.find(({ id }) => id === network)?.operatingPoints ?? []
  const strictest = points.toSorted((a, b) => a.apcer - b.apcer)[0]
  if (strictest && others.length === 0)
    return {
      value: strictest.threshold,
      source: `manifest, ${network}: APCER ${strictest.apcer} on ${strictest.dataset}`,
    }
  const demands = policy.rules.flatMap((rule) =>
    rule.signal === signal && typeof rule.atLeast === 'number' ? [rule.atLeast] : [],
  )
  if (network !== undefined)
    return { value: MIDDLE, source: 'the middle of a probability: no operating point was measured' }
  if (demands.length > 0) return { value: Math.max(...demands), source: `policy ${policy.name}` }
  throw new IpseError(
    'invalid_request',
    `--threshold is missing: policy ${policy.name} makes no demand on ${name}`,
  )
}
