/** Attack 9: somebody else, with nothing but the own face (a zero-effort impostor). */
import { createActor } from '../actor.ts'
import { createActorFeed } from '../feed.ts'
import { chooseVariant, type Instrument } from './instrument.ts'

const VARIANTS = ['bare'] as const

export const anotherPerson: Instrument = {
  number: 9,
  name: 'another-person',
  method: 'presentation',
  instrument: "The attacker's own face",
  recipe: "Open the check under the victim's name and do what it asks (bare).",
  variants: VARIANTS,
  expectation: 'The challenge is answered; the comparison does not match.',
  expected: 'stopped',
  createFeed({ attacker }, options) {
    chooseVariant(VARIANTS, options)
    if (attacker === undefined) throw new TypeError('Another person needs an attacker.')
    const seed = options?.seed ?? 1
    const screen = { lit: 'head' } as const
    return createActorFeed({ subject: attacker, actor: createActor({ seed }), seed, screen })
  },
}
