import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createStage, findChromium } from '@ipse/cli/attack'
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
