/** Attack 6: a recorded capture on a display, filmed by the camera. */
import { createActor } from '../actor.ts'
import { createActorFeed, frameRandom } from '../feed.ts'
import { createWander } from '../motion.ts'
import { addSensorNoise } from '../photometry.ts'
import { createRandom, deriveSeed } from '../random.ts'
import { COARSE_SCREEN, filmScreen, LAPTOP_SCREEN } from '../screen.ts'
import { chooseVariant, type Instrument } from './instrument.ts'
import { recordCapture } from './recorded.ts'

const VARIANTS = ['recorded', 'coarse', 'following'] as const
/** Motion of the hand that holds the display, camera pixels. */
const HAND_PX = 2.5

export const screenReplay: Instrument = {
  number: 6,
  name: 'screen-replay',
  method: 'presentation',
  instrument: 'A laptop or tablet display with its bezel in the picture',
  recipe:
    'Play a recorded capture on a display in front of the camera (recorded), the same on a coarse display near the camera (coarse), or relay a live head that follows the prompts (following).',
  variants: VARIANTS,
  expectation:
    'Only the order and time of the turns give a recording away; moiré and bezel are weak signs, and a relayed live head answers the challenge.',
  createFeed({ victim }, options) {
    const variant = chooseVariant(VARIANTS, options)
    const seed = options?.seed ?? 1
    const shown =
      variant === 'following'
        ? createActorFeed({ subject: victim, actor: createActor({ seed }), seed, noise: 0.5 })
        : recordCapture(victim, seed, true)
    const look = variant === 'coarse' ? COARSE_SCREEN : LAPTOP_SCREEN
    const [x, y] = [101, 102].map((part) =>
      createWander(createRandom(deriveSeed(seed, part)), HAND_PX, [
        [0.3, 0.6, 1],
        [0.8, 1.6, 0.6],
      ]),
    )
    return {
      ...shown,
      render(tMs, out) {
        shown.render(tMs, out)
        filmScreen(out, look, tMs, { x: x(tMs), y: y(tMs) })
        addSensorNoise(out, frameRandom(seed + 1, tMs), 1)
      },
    }
  },
}
