/** Attack 5: footage with left and right exchanged. */
import { createActor } from '../actor.ts'
import { createActorFeed } from '../feed.ts'
import { mirrorFrame } from '../frame.ts'
import { chooseVariant, type Instrument } from './instrument.ts'
import { recordCapture } from './recorded.ts'

const VARIANTS = ['recorded', 'following'] as const

export const mirroredClip: Instrument = {
  number: 5,
  name: 'mirrored-clip',
  method: 'injection',
  instrument: 'A mirrored video, as selfie previews are saved',
  recipe:
    'Mirror a recorded capture and feed it (recorded), or mirror a live head that follows the prompts (following): every turn goes the other way.',
  variants: VARIANTS,
  expectation: 'Left and right are answered the wrong way round.',
  expected: 'stopped',
  createFeed({ victim }, options) {
    const seed = options?.seed ?? 1
    const feed =
      chooseVariant(VARIANTS, options) === 'recorded'
        ? recordCapture(victim, seed, true)
        : createActorFeed({ subject: victim, actor: createActor({ seed }), seed })
    return {
      ...feed,
      render(tMs, out) {
        feed.render(tMs, out)
        mirrorFrame(out)
      },
    }
  },
}
