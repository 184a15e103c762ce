/** Attack 2: a photograph on flat paper, swung to imitate turns. */
import { chooseVariant, type Instrument } from './instrument.ts'
import { createPrintFeed } from './print-feed.ts'

const VARIANTS = ['swung', 'held'] as const

export const printedPhotograph: Instrument = {
  number: 2,
  name: 'printed-photograph',
  method: 'presentation',
  instrument: 'A portrait on ordinary paper, about A5, with a white border',
  recipe:
    'Print the portrait, hold it before the camera so that the face has its natural size, and turn the paper to about 40° the way the prompt asks (swung), or only hold it (held).',
  variants: VARIANTS,
  expectation: 'Measures 2–8° of yaw at 40° of swing, so the turn is not answered.',
  expected: 'stopped',
  createFeed({ victim }, options) {
    const swung = chooseVariant(VARIANTS, options) === 'swung'
    return createPrintFeed(victim, { seed: options?.seed ?? 1, bendRad: 0, swung })
  },
}
