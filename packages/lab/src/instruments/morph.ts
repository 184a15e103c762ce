/** Attack 20: a face that is half the attacker's and half the victim's. */
import { createActor } from '../actor.ts'
import { blendSubjects } from '../blend.ts'
import { createActorFeed } from '../feed.ts'
import { asPuppet } from '../shape.ts'
import { chooseVariant, type Instrument } from './instrument.ts'

const VARIANTS = ['half', 'mostly-victim'] as const
const SHARE = { half: 0.5, 'mostly-victim': 0.7 } as const

export const morph: Instrument = {
  number: 20,
  name: 'morph',
  method: 'injection',
  instrument: "A head between the attacker's and the victim's, moved by software",
  recipe:
    'Blend skin and shape of both faces half and half (half) or seven to three (mostly-victim), and let the result obey the prompts.',
  variants: VARIANTS,
  expectation:
    'It obeys as a re-posed photograph does; what is left is the comparison, which a morph is made to pass.',
  expected: 'residual',
  createFeed({ victim, attacker }, options) {
    const share = SHARE[chooseVariant(VARIANTS, options) as keyof typeof SHARE]
    if (attacker === undefined) throw new TypeError('A morph needs an attacker as well as a victim.')
    const seed = options?.seed ?? 1
    const subject = blendSubjects(asPuppet(attacker), victim, { texture: share, shape: share })
    return createActorFeed({ subject, actor: createActor({ seed }), seed })
  },
}
