/** Attack 16: a head that answers, but not the challenge that was drawn. */
import { type ActorStep, createActor } from '../actor.ts'
import { ALL_DIRECTIONS } from '../directions.ts'
import { createActorFeed } from '../feed.ts'
import { createRandom, deriveSeed } from '../random.ts'
import { chooseVariant, type Instrument } from './instrument.ts'

const VARIANTS = ['other-direction', 'one-behind'] as const

export const wrongSequence: Instrument = {
  number: 16,
  name: 'wrong-sequence',
  method: 'injection',
  instrument: "The victim's live head, following another challenge",
  recipe:
    'Turn at every prompt, in another direction than the one asked for, and follow a dot on the other side (other-direction), or give each answer when the next prompt comes (one-behind).',
  variants: VARIANTS,
  expectation: 'The first turn is answered wrongly or not at all.',
  expected: 'stopped',
  createFeed({ victim }, options) {
    const behind = chooseVariant(VARIANTS, options) === 'one-behind'
    const seed = options?.seed ?? 1
    const random = createRandom(deriveSeed(seed, 160))
    const live = createActorFeed({ subject: victim, actor: createActor({ seed }), seed })
    let waiting: ActorStep = { kind: 'hold' }
    return {
      ...live,
      prompt(step, tMs) {
        if (behind) {
          live.prompt(waiting, tMs)
          waiting = step
        } else live.prompt(otherThan(step, random), tMs)
      },
    }
  },
}

/** Another direction, the dot on the other side, the mouth shut. */
function otherThan(step: ActorStep, random: () => number): ActorStep {
  if (step.kind === 'follow') return { ...step, at: { x: -step.at.x, y: -step.at.y } }
  if (step.kind === 'expression') return { kind: 'center' }
  if (step.kind !== 'head-pose' && step.kind !== 'gaze-hold') return step
  const others = ALL_DIRECTIONS.filter((direction) => direction !== step.direction)
  return { ...step, direction: others[Math.floor(random() * others.length)] }
}
