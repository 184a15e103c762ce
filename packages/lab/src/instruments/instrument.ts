/** What an entry of the attack catalogue is: a number, a recipe, and a feed that carries the attack out. */
import type { ChallengeStep } from '@ipse/protocol'
import type { Feed } from '../feed.ts'
import type { Subject } from '../subject.ts'

/** Who the attack is made from. */
export interface Materials {
  /** The person that the attacker wants to be. */
  readonly victim: Subject
  /** The attacker, where the instrument shows his own face as well. */
  readonly attacker?: Subject
}

export interface InstrumentOptions {
  /** One of the entry's variants; the first by default. */
  readonly variant?: string
  readonly seed?: number
}

export interface Instrument {
  /** Stable number in the catalogue. */
  readonly number: number
  /** Stable name in kebab case. */
  readonly name: string
  /** At the sensor (ISO/IEC 30107: presentation) or after it (CEN/TS 18099: injection). */
  readonly method: 'presentation' | 'injection'
  /** What is put in front of the camera or into the stream. */
  readonly instrument: string
  /** How it is made, in a sentence or two. */
  readonly recipe: string
  readonly variants: readonly string[]
  /** What is expected to see it, or that nothing is. */
  readonly expectation: string
  /** `stopped`: the default policy must never accept it. `residual`: a known gap, reported at whatever rate it reaches. */
  readonly expected: 'stopped' | 'residual'
  /** It is about steps of this kind, and says nothing under a policy that does not ask for them. */
  readonly needs?: ChallengeStep['kind']
  /** @throws TypeError when the variant is unknown or the attacker is missing */
  createFeed(materials: Materials, options?: InstrumentOptions): Feed
}

/** The variant that was asked for, or the first. */
export function chooseVariant(variants: readonly string[], options: InstrumentOptions | undefined): string {
  const variant = options?.variant ?? variants[0]
  if (!variants.includes(variant))
    throw new TypeError(`There is no variant "${variant}": ${variants.join(', ')}.`)
  return variant
}
