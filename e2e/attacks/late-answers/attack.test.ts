import { test } from 'node:test'
import { assertStopped, underAttack } from '../under-attack.ts'

test('answers that are rendered after the prompt come too late', async () => {
  await underAttack(async ({ attack }) => {
    assertStopped(
      await attack({ method: 'direct-client', instrument: 'late-answers', variant: 'after-the-limit' }),
      ['challenge_not_answered'],
    )
  })
})
