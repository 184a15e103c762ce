/** Attack 3: a recorded capture, played again and again. */
import { chooseVariant, type Instrument } from './instrument.ts'
import { recordCapture } from './recorded.ts'

const VARIANTS = ['looped', 'once'] as const

export const loopedRecording: Instrument = {
  number: 3,
  name: 'looped-recording',
  method: 'injection',
  instrument: 'A video file of an earlier capture of the victim',
  recipe:
    'Record a live capture with turns to the left, to the right and up; feed the file as the camera, again from the start at its end (looped) or with its last frame standing (once).',
  variants: VARIANTS,
  expectation:
    'Turns come in the recorded order and time, so a random challenge is answered wrongly; a loop repeats bit by bit.',
  expected: 'stopped',
  createFeed({ victim }, options) {
    return recordCapture(victim, options?.seed ?? 1, chooseVariant(VARIANTS, options) === 'looped')
  },
}
