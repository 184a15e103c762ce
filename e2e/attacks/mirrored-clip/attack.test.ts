import { test } from 'node:test'
import { assertStopped, underAttack } from '../under-attack.ts'

test('a mirrored video is refused, recorded or live: left and right are answered the other way round', async () => {
  await underAttack(async ({ attack }) => {
    const mirror = (variant: string) =>
      attack({ method: 'direct-client', instrument: 'mirrored-clip', variant })
    for (const presentation of await Promise.all(['following', 'recorded'].map(mirror)))
      assertStopped(presentation, ['challenge_wrong_answer', 'challenge_not_answered'])
  })
})
