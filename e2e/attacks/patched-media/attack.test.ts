import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createStage, findChromium } from '@ipse/cli/attack'
import { assertStopped, jobOf, underAttack } from '../under-attack.ts'

test('a canvas behind an untouched getUserMedia, dressed as a webcam, is noticed: other functions on the way are replaced', async () => {
  const found = await findChromium()
  assert.ok('chromium' in found, 'missing' in found ? found.missing : '')
  await underAttack(async ({ target, people }) => {
    const built = await createStage(found.chromium, target, people)
    assert.ok('perform' in built, 'missing' in built ? built.missing : '')
    await using stage = built
    const job = jobOf({ method: 'patched-media', instrument: 'reposed-photograph', variant: 'careful' })
    assertStopped(await stage.perform(job), ['virtual_camera'])
  })
})
