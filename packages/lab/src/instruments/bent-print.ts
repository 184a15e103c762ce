/** Attack 10: a photograph on paper that is bent around the vertical, as a face is round. */
import { chooseVariant, type Instrument } from './instrument.ts'
import { createPrintFeed } from './print-feed.ts'

const VARIANTS = ['bent', 'tight'] as const
/** Arc of the sheet over its width, radians; a tight one lies around a bottle. */
const BEND = { bent: 1.4, tight: 2.2 } as const

export const bentPrint: Instrument = {
  number: 10,
  name: 'bent-print',
  method: 'presentation',
  instrument: 'A portrait on paper, bent around the vertical',
  recipe:
    'Print the portrait, bend the paper to an arc of 80° (bent) or 126° (tight) over its width, and turn it the way the prompts ask.',
  variants: VARIANTS,
  expectation: 'Measures 6–13° of yaw at 40° of swing: short of the target, and flatter than a head.',
  expected: 'stopped',
  createFeed({ victim }, options) {
    const variant = chooseVariant(VARIANTS, options) as keyof typeof BEND
    return createPrintFeed(victim, { seed: options?.seed ?? 1, bendRad: BEND[variant], swung: true })
  },
}
