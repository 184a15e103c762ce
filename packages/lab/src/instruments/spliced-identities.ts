/** Attack 7: one face for the comparison, another for the challenge. */
import { createActor } from '../actor.ts'
import { createActorFeed } from '../feed.ts'
import { chooseVariant, type Instrument } from './instrument.ts'

const VARIANTS = ['victim-first', 'attacker-first', 'alternating'] as const
/** How long each face stays when they alternate, milliseconds. */
const ALTERNATION_MS = 700

export const splicedIdentities: Instrument = {
  number: 7,
  name: 'spliced-identities',
  method: 'injection',
  instrument: "The victim's portrait and the attacker's own live head in one stream",
  recipe:
    'Show the victim while the face is held still and cut to the attacker at the first turn (victim-first), the other way round (attacker-first), or change between both every .7 s (alternating).',
  variants: VARIANTS,
  expectation: 'The face changes during the capture: identity continuity.',
  expected: 'stopped',
  createFeed({ victim, attacker }, options) {
    const variant = chooseVariant(VARIANTS, options)
    if (attacker === undefined)
      throw new TypeError('Spliced identities need an attacker as well as a victim.')
    const seed = options?.seed ?? 1
    const feeds = [victim, attacker].map((subject) =>
      createActorFeed({ subject, actor: createActor({ seed }), seed }),
    )
    let cutMs = Number.POSITIVE_INFINITY
    return {
      width: victim.width,
      height: victim.height,
      prompt(step, tMs) {
        if (step.kind !== 'hold') cutMs = Math.min(cutMs, tMs)
        for (const feed of feeds) feed.prompt(step, tMs)
      },
      render(tMs, out) {
        const second =
          variant === 'alternating'
            ? Math.floor(tMs / ALTERNATION_MS) % 2 === 1
            : tMs >= cutMs !== (variant === 'attacker-first')
        feeds[second ? 1 : 0].render(tMs, out)
      },
    }
  },
}
