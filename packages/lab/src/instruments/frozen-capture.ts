/** Attack 15: a stream that stands still in the middle of the capture. */
import { createActor } from '../actor.ts'
import { createActorFeed } from '../feed.ts'
import { chooseVariant, type Instrument } from './instrument.ts'

const VARIANTS = ['at-the-turn', 'stutter'] as const
/** A stutter stands still for so long in every period, milliseconds. */
const STANDS_MS = 900
const PERIOD_MS = 1800
/** Steps that ask for no movement. */
const STILL: readonly string[] = ['hold', 'center', 'camera-constraint']

export const frozenCapture: Instrument = {
  number: 15,
  name: 'frozen-capture',
  method: 'injection',
  instrument: 'A live-looking head whose stream freezes',
  recipe:
    'Feed a head that obeys, and let the last frame stand from the first turn on (at-the-turn), or for .9 s in every 1.8 s (stutter).',
  variants: VARIANTS,
  expectation: 'Frames repeat bit by bit; from the first turn on nothing is answered.',
  expected: 'stopped',
  createFeed({ victim }, options) {
    const stutter = chooseVariant(VARIANTS, options) === 'stutter'
    const seed = options?.seed ?? 1
    const live = createActorFeed({ subject: victim, actor: createActor({ seed }), seed })
    let stopMs = Number.POSITIVE_INFINITY
    return {
      ...live,
      prompt(step, tMs) {
        if (!STILL.includes(step.kind)) stopMs = Math.min(stopMs, tMs)
        live.prompt(step, tMs)
      },
      render(tMs, out) {
        const intoStand = Math.max(0, (tMs % PERIOD_MS) - (PERIOD_MS - STANDS_MS))
        live.render(stutter ? tMs - intoStand : Math.min(tMs, stopMs), out)
      },
    }
  },
}
