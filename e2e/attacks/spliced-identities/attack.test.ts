import { test } from 'node:test'
import { assertStopped, underAttack } from '../under-attack.ts'

const REASONS = ['identity_changed', 'face_mismatch', 'track_broken']

test('one face for the comparison and another for the challenge is refused', async () => {
  await underAttack(async ({ attack }) => {
    const splice = (variant: string) =>
      attack({ method: 'direct-client', instrument: 'spliced-identities', variant })
    for (const presentation of await Promise.all(['victim-first', 'alternating'].map(splice)))
      assertStopped(presentation, REASONS)
  })
})
