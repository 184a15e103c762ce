import { test } from 'node:test'
import { assertStopped, underAttack } from '../under-attack.ts'

/** Two wrong turns, one, or none: it depends on the drawing, as for every recording. */
const REASONS = [
  'challenge_wrong_answer',
  'challenge_not_answered',
  'challenge_too_fast',
  'capture_looped',
  'identity_changed',
]

test('a recorded capture that is played faster or slower is refused: its turns come when nobody asked', async () => {
  await underAttack(async ({ attack }) => {
    const play = (variant: string) => attack({ method: 'direct-client', instrument: 'speed-warped', variant })
    for (const presentation of await Promise.all(['faster', 'slower'].map(play)))
      assertStopped(presentation, REASONS)
  })
})
