/** Attack 13: a live head, somewhere else, relayed to a display in front of the camera. */
import { createActor } from '../actor.ts'
import { createActorFeed } from '../feed.ts'
import { LAPTOP_SCREEN, PHONE_SCREEN } from '../screen.ts'
import { chooseVariant, type Instrument } from './instrument.ts'
import { filmedScreen } from './screen-feed.ts'

const VARIANTS = ['tablet', 'phone'] as const
/** Delay of a video call, both ways, milliseconds. */
const CALL_DELAY_MS = 300

export const screenRelay: Instrument = {
  number: 13,
  name: 'screen-relay',
  method: 'presentation',
  instrument: 'A display that shows the victim, live and obeying, in a video call',
  recipe:
    'Call the victim under a pretext, pass the prompts on and hold the tablet (tablet) or the phone (phone) with the call before the camera.',
  variants: VARIANTS,
  expectation:
    'A relayed live head answers the challenge: only a PAD network, a challenge by light or device attestation can address it.',
  expected: 'residual',
  createFeed({ victim }, options) {
    const seed = options?.seed ?? 1
    const look = chooseVariant(VARIANTS, options) === 'phone' ? PHONE_SCREEN : LAPTOP_SCREEN
    const live = createActorFeed({ subject: victim, actor: createActor({ seed }), seed, noise: 0.5 })
    const delayed = {
      ...live,
      prompt: (step: Parameters<typeof live.prompt>[0], tMs: number) =>
        live.prompt(step, tMs + CALL_DELAY_MS),
    }
    return filmedScreen(delayed, { look, handPx: 2.5, seed })
  },
}
