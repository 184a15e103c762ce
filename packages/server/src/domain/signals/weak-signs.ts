/**
 * weak-signs: what no sign says alone, several may say together. The logarithm of the odds for a person against a
 * photograph that is warped in three dimensions, from how the turns fit the mesh; a wall that turns along, lines of a display
 * and a silent sensor take away from it and never add. Rises with every piece of evidence and counts what is missing as
 * its worst, so it is monotone. Weights and their limits: docs/decisions/0010-fusion.md.
 */
import { assessed, failed, type Signal } from '@ipse/protocol'
import type { CaptureRecord } from '../capture-record.ts'
import { coMotion } from './co-motion.ts'
import { moire } from './picture.ts'
import { puppetTraits } from './puppet.ts'
import { sensorNoise } from './sensor-noise.ts'

/**
 * Logistic regression with coefficients of at least 0 on simulated people and puppets, both calibrated to real footage
 * (bench/evidence/fusion.ts): mean over the turns of ln(structure / .018), of ln((gaze + .005) / .02), of the explained share.
 */
const ODDS = { base: -1.1, structure: 3.9, gaze: 0.4, unexplained: 2.2 }

/** A sign takes nothing away at `fine`, which everybody on the real footage reaches, and `weight` from `bad` on. */
interface Sign {
  readonly of: (record: CaptureRecord) => Signal
  readonly fine: number
  readonly bad: number
  readonly weight: number
}
const SIGNS: readonly Sign[] = [
  { of: coMotion, fine: 0.9, bad: 0.4, weight: 1 },
  { of: moire, fine: 0.7, bad: 0, weight: 1 },
  { of: sensorNoise, fine: 0.7, bad: 0.5, weight: 1 },
]

/** Native: ln(odds for a person); 0 is even. */
export function weakSigns(record: CaptureRecord): Signal {
  const traits = puppetTraits(record.turns)
  if (!traits) return { name: 'weak-signs', measurement: failed('too-few-frames'), samples: 0 }
  const odds =
    ODDS.base +
    ODDS.structure * traits.structure +
    ODDS.gaze * traits.gaze +
    ODDS.unexplained * (1 - traits.explained)
  const native = SIGNS.reduce((left, sign) => left - lossOf(sign, record), odds)
  return {
    name: 'weak-signs',
    measurement: assessed(native, 1 / (1 + Math.exp(-native))),
    samples: traits.turns,
  }
}

function lossOf({ of, fine, bad, weight }: Sign, record: CaptureRecord): number {
  const { measurement } = of(record)
  if (measurement.status !== 'assessed') return weight
  return weight * Math.max(0, Math.min(1, (fine - measurement.native) / (fine - bad)))
}
