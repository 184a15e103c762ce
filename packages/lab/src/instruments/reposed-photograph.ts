/** Attack 8: one photograph warped in three dimensions, following every prompt. The laboratory's own renderer is it. */
import { createActor } from '../actor.ts'
import { createActorFeed } from '../feed.ts'
import { chooseVariant, type Instrument } from './instrument.ts'

const VARIANTS = ['careful', 'plain'] as const

export const reposedPhotograph: Instrument = {
  number: 8,
  name: 'reposed-photograph',
  method: 'injection',
  instrument: 'A face mesh textured with one portrait, moved by software',
  recipe:
    'Fit a face mesh to one portrait, turn it as the prompts ask, with blinks, gaze and motion blur (careful) or without them (plain), and feed the pictures as the camera.',
  variants: VARIANTS,
  expectation:
    'Expected to pass turns, planarity and comparison. Only capture integrity, a PAD network or a challenge by light can address it: a known gap.',
  createFeed({ victim }, options) {
    const careful = chooseVariant(VARIANTS, options) === 'careful'
    const seed = options?.seed ?? 1
    const actor = createActor({ seed, blinks: careful, fixation: careful ? 0.6 : 0 })
    return createActorFeed({ subject: victim, actor, seed, exposureMs: careful ? 25 : 0 })
  },
}
