/** Attack 2: a photograph on paper, swung to imitate turns. */
import { type Actor, createActor } from '../actor.ts'
import { frameRandom } from '../feed.ts'
import { addSensorNoise } from '../photometry.ts'
import { createSheet, renderSheet } from '../sheet.ts'
import type { SubjectState } from '../subject.ts'
import { chooseVariant, type Instrument } from './instrument.ts'

const VARIANTS = ['swung', 'bent', 'held'] as const
/** The attacker swings the paper further than a head would turn, since a flat face turns only a little. */
const SWING = 1.8
const MAX_YAW = 42
const MAX_PITCH = 28
/** Arc of the bent sheet over its width, radians. */
const BEND = 1.4

export const printedPhotograph: Instrument = {
  number: 2,
  name: 'printed-photograph',
  method: 'presentation',
  instrument: 'A portrait on ordinary paper, about A5, with a white border',
  recipe:
    'Print the portrait, hold it before the camera so that the face has its natural size, and turn the paper to about 40° the way the prompt asks (swung), the same with the paper bent around the vertical (bent), or only hold it (held).',
  variants: VARIANTS,
  expectation: 'Measures 2–8° of yaw at 40° of swing, so the turn is not answered.',
  createFeed({ victim }, options) {
    const variant = chooseVariant(VARIANTS, options)
    const seed = options?.seed ?? 1
    const sheet = createSheet(victim)
    const actor = createActor({ seed, handHeld: 1, blinks: false, fixation: 0 })
    return {
      width: victim.width,
      height: victim.height,
      prompt: (step, tMs) => {
        if (variant !== 'held') actor.prompt(step, tMs)
      },
      render(tMs, out) {
        renderSheet(sheet, swing(actor, tMs), variant === 'bent' ? BEND : 0, out)
        addSensorNoise(out, frameRandom(seed, tMs), 1)
      },
    }
  },
}

function swing(actor: Actor, tMs: number): SubjectState {
  const state = actor.stateAt(tMs)
  const limit = (value: number, most: number) => Math.max(-most, Math.min(most, SWING * value))
  return {
    ...state,
    yawDeg: limit(state.yawDeg, MAX_YAW),
    pitchDeg: limit(state.pitchDeg, MAX_PITCH),
    rollDeg: 0,
  }
}
