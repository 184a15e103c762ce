import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findChromium } from '../../../packages/cli/src/attack/methods/chromium.ts'
import { createStage } from '../../../packages/cli/src/attack/methods/stage.ts'
import { assertStopped, jobOf, underAttack } from '../under-attack.ts'

test('a canvas in the place of the camera is noticed, even when its head obeys every prompt', async () => {
  const found = await findChromium()
  assert.ok('chromium' in found, 'missing' in found ? found.missing : '')
  await underAttack(async ({ target, people }) => {
    const built = await createStage(found.chromium, target, people)
    assert.ok('perform' in built, 'missing' in built ? built.missing : '')
    await using stage = built
    const job = jobOf({ method: 'canvas-hook', instrument: 'reposed-photograph', variant: 'careful' })
    assertStopped(await stage.perform(job), ['virtual_camera'])
  })
})
