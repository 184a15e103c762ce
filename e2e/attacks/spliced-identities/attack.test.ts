import { test } from 'node:test'
import { assertStopped, underAttack } from '../under-attack.ts'

/** The attacker's own angles are measured from the victim's neutral, so the turn may also fail to be an answer. */
const REASONS = ['challenge_not_answered', 'identity_changed', 'face_mismatch', 'track_broken']

test('one face for the comparison and another for the challenge is refused', async () => {
  await underAttack(async ({ attack }) => {
    const splice = (variant: string) =>
      attack({ method: 'direct-client', instrument: 'spliced-identities', variant })
    for (const presentation of await Promise.all(['victim-first', 'alternating'].map(splice)))
      assertStopped(presentation, REASONS)
  })
})
