/** Attack 21: the attacker's live head with the victim's face on it. */
import { createActor } from '../actor.ts'
import { blendSubjects } from '../blend.ts'
import { createActorFeed } from '../feed.ts'
import { chooseVariant, type Instrument } from './instrument.ts'

const VARIANTS = ['skin-and-shape', 'skin'] as const

export const faceSwap: Instrument = {
  number: 21,
  name: 'face-swap',
  method: 'injection',
  instrument: "The attacker's own live video with the victim's face drawn over it",
  recipe:
    "Carry the victim's skin over to the attacker's head in every frame, with its shape (skin-and-shape) or without (skin); hair, light and background stay the attacker's.",
  variants: VARIANTS,
  expectation:
    'A live head answers the challenge: a real-time face swap is a known gap; the comparison may notice what is left of the attacker.',
  expected: 'residual',
  createFeed({ victim, attacker }, options) {
    const shape = chooseVariant(VARIANTS, options) === 'skin' ? 0 : 0.8
    if (attacker === undefined) throw new TypeError('A face swap needs an attacker as well as a victim.')
    const seed = options?.seed ?? 1
    const subject = blendSubjects(attacker, victim, { texture: 1, shape })
    return createActorFeed({ subject, actor: createActor({ seed }), seed })
  },
}
