import { test } from 'node:test'
import { assertStopped, underAttack } from '../under-attack.ts'

test('a head that follows another challenge than the one that was drawn is refused', async () => {
  await underAttack(async ({ attack }) => {
    const answer = (variant: string) =>
      attack({ method: 'direct-client', instrument: 'wrong-sequence', variant })
    for (const presentation of await Promise.all(['other-direction', 'one-behind'].map(answer)))
      assertStopped(presentation, ['challenge_wrong_answer', 'challenge_not_answered'])
  })
})
