import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertStopped, underAttack } from '../under-attack.ts'

test('a sealing key that was exchanged on the way gets nothing to open', async () => {
  await underAttack(async ({ attack }) => {
    const presentation = await attack({ method: 'mitm-edit', instrument: 'key-substituted' })
    assertStopped(presentation, ['service_unproven'])
    assert.equal(presentation.frames, 0)
  })
})
