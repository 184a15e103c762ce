/** Attack 17: a forgery that needs too long for every answer. */
import { createActor } from '../actor.ts'
import { createActorFeed } from '../feed.ts'
import { chooseVariant, type Instrument } from './instrument.ts'

const VARIANTS = ['after-the-limit'] as const
/** The default policy gives 8 s for a step. */
const RENDERING_MS = 8600

export const lateAnswers: Instrument = {
  number: 17,
  name: 'late-answers',
  method: 'injection',
  instrument: "The victim's head, rendered offline from each prompt",
  recipe:
    'Render every answer after its prompt has come, which takes 8.6 s, while the head only looks straight; then turn rightly (after-the-limit).',
  variants: VARIANTS,
  expectation: 'The time for the step is over before the answer begins.',
  expected: 'stopped',
  createFeed({ victim }, options) {
    chooseVariant(VARIANTS, options)
    const seed = options?.seed ?? 1
    const live = createActorFeed({ subject: victim, actor: createActor({ seed }), seed })
    return {
      ...live,
      prompt: (step, tMs) => live.prompt(step, step.kind === 'hold' ? tMs : tMs + RENDERING_MS),
    }
  },
}
