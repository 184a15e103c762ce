/** Attack 6: a recorded capture, turns included, on a display that is filmed by the camera. */
import { COARSE_SCREEN, LAPTOP_SCREEN, PHONE_SCREEN } from '../screen.ts'
import { chooseVariant, type Instrument } from './instrument.ts'
import { recordCapture } from './recorded.ts'
import { filmedScreen } from './screen-feed.ts'

const VARIANTS = ['tablet', 'phone', 'monitor'] as const
/** What is filmed, and the motion of the hand that holds it, camera pixels; a monitor stands. */
const SCREENS = {
  tablet: { look: LAPTOP_SCREEN, handPx: 2.5 },
  phone: { look: PHONE_SCREEN, handPx: 4 },
  monitor: { look: COARSE_SCREEN, handPx: 0 },
} as const

export const screenReplay: Instrument = {
  number: 6,
  name: 'screen-replay',
  method: 'presentation',
  instrument: 'A display that plays a recorded capture of the victim, filmed by the camera',
  recipe:
    'Play a recorded capture with its turns on a tablet that fills the picture (tablet), on a phone held upright with the room beside it (phone), or on a coarse monitor near the camera (monitor).',
  variants: VARIANTS,
  expectation:
    'Only the order and time of the turns give a recording away; moiré, banding and bezel are weak signs.',
  expected: 'stopped',
  createFeed({ victim }, options) {
    const { look, handPx } = SCREENS[chooseVariant(VARIANTS, options) as keyof typeof SCREENS]
    const seed = options?.seed ?? 1
    return filmedScreen(recordCapture(victim, seed, true), { look, handPx, seed })
  },
}
