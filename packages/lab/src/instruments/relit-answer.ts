/** Attack 23: an obedient puppet that software relights in the colour that the screen shows. */
import { createActor } from '../actor.ts'
import { createActorFeed } from '../feed.ts'
import { asPuppet } from '../shape.ts'
import { chooseVariant, type Instrument } from './instrument.ts'

const VARIANTS = ['faint', 'strong'] as const
/** Light of the colour white that the software adds, as a share of the room's. */
const SHARE = { faint: 0.15, strong: 0.4 } as const
/** One frame of ten a second, milliseconds: the software has to see the colour first. */
const ONE_FRAME_MS = 100

export const relitAnswer: Instrument = {
  number: 23,
  name: 'relit-answer',
  method: 'injection',
  instrument: 'A re-posed photograph, coloured by software as the screen is',
  recipe:
    'Let a re-posed photograph do what is asked and multiply each picture, face and surround alike, with the colour that the screen shows, one frame late: a little (faint) or much (strong).',
  variants: VARIANTS,
  expectation:
    'The colours are answered, but the surround answers as much as the face. Software that knows the shape of the head relights it without that sign.',
  expected: 'stopped',
  needs: 'colour-light',
  createFeed({ victim }, options) {
    const share = SHARE[chooseVariant(VARIANTS, options) as keyof typeof SHARE]
    const seed = options?.seed ?? 1
    const screen = { lit: 'picture', share, delayMs: ONE_FRAME_MS } as const
    return createActorFeed({ subject: asPuppet(victim), actor: createActor({ seed }), seed, screen })
  },
}
