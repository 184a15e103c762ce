/** Attack 22: an obedient puppet in a room without this screen: its face does not take on the colours. */
import { createActor } from '../actor.ts'
import { createActorFeed } from '../feed.ts'
import { asPuppet } from '../shape.ts'
import { chooseVariant, type Instrument } from './instrument.ts'

const VARIANTS = ['steady', 'drifting'] as const
/** Slow change of light, as a share: none that is seen, or clouds that pass. */
const DRIFT = { steady: 0.02, drifting: 0.15 } as const

export const unlitAnswer: Instrument = {
  number: 22,
  name: 'unlit-answer',
  method: 'injection',
  instrument: 'A re-posed photograph that obeys, in light of its own',
  recipe:
    'Let a re-posed photograph do what is asked while the screen shows its colours; the light on it keeps steady (steady) or changes by chance (drifting).',
  variants: VARIANTS,
  expectation: 'The face does not answer the colours that were shown.',
  expected: 'stopped',
  needs: 'colour-light',
  createFeed({ victim }, options) {
    const lightDrift = DRIFT[chooseVariant(VARIANTS, options) as keyof typeof DRIFT]
    const seed = options?.seed ?? 1
    return createActorFeed({ subject: asPuppet(victim), actor: createActor({ seed, lightDrift }), seed })
  },
}
