import { test } from 'node:test'
import { assertStopped, underAttack } from '../under-attack.ts'

test('a record that is kept back on the way ends the capture', async () => {
  await underAttack(async ({ attack }) => {
    assertStopped(await attack({ method: 'mitm-edit', instrument: 'dropped-record' }), ['challenge_mismatch'])
  })
})
