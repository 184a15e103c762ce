/** Attack 14: a recorded capture, played faster or slower than it happened. */
import { chooseVariant, type Instrument } from './instrument.ts'
import { recordCapture } from './recorded.ts'

const VARIANTS = ['faster', 'slower'] as const
const SPEED = { faster: 1.5, slower: 0.7 } as const

export const speedWarped: Instrument = {
  number: 14,
  name: 'speed-warped',
  method: 'injection',
  instrument: 'A recording at another speed',
  recipe: 'Feed a recorded capture at 1.5 times (faster) or .7 times (slower) its speed.',
  variants: VARIANTS,
  expectation: 'Turns come in the recorded order, at no time that the challenge asked for.',
  expected: 'stopped',
  createFeed({ victim }, options) {
    const speed = SPEED[chooseVariant(VARIANTS, options) as keyof typeof SPEED]
    const feed = recordCapture(victim, options?.seed ?? 1, true)
    return { ...feed, render: (tMs, out) => feed.render(tMs * speed, out) }
  },
}
