/** Attack 1: one photograph, held still. */
import { createActor } from '../actor.ts'
import { frameGrain } from '../feed.ts'
import { NEUTRAL, renderSubject } from '../subject.ts'
import { chooseVariant, type Instrument } from './instrument.ts'

const VARIANTS = ['frozen', 'shaken'] as const

export const stillPhotograph: Instrument = {
  number: 1,
  name: 'still-photograph',
  method: 'injection',
  instrument: 'One portrait, fed to the capture as a video',
  recipe:
    'Repeat one photograph as every frame (frozen), or move the crop as a hand would and add fresh sensor noise to each frame (shaken).',
  variants: VARIANTS,
  expectation: 'Fails the first turn of the challenge; frozen frames repeat bit by bit.',
  expected: 'stopped',
  createFeed({ victim }, options) {
    const variant = chooseVariant(VARIANTS, options)
    const seed = options?.seed ?? 1
    const hand = createActor({ seed, idle: 0, handHeld: 1, blinks: false, fixation: 0 })
    return {
      width: victim.width,
      height: victim.height,
      prompt: () => {},
      render(tMs, out) {
        const moment = variant === 'frozen' ? 0 : tMs
        const { shift, gain } = hand.stateAt(moment)
        renderSubject(victim, { ...NEUTRAL, shift, gain }, out, frameGrain(seed, moment))
      },
    }
  },
}
