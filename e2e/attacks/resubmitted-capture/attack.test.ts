import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RESUBMISSIONS } from '@ipse/lab'
import { assertStopped, underAttack } from '../under-attack.ts'

const REASONS: Readonly<Record<string, readonly string[]>> = {
  'same-bytes': ['session_token_invalid'],
  'same-session': ['capture_already_received'],
  'own-hello': ['challenge_mismatch'],
  'same-frames': ['capture_replayed'],
}

test('an accepted capture that is sent again is refused, whatever is renewed around it', async () => {
  await underAttack(async ({ attack }) => {
    assert.deepEqual(
      Object.keys(REASONS),
      RESUBMISSIONS.map(({ name }) => name),
    )
    // The first one makes the capture that all of them send again.
    for (const [instrument, reasons] of Object.entries(REASONS)) {
      const presentation = await attack({ method: 'resubmission', instrument })
      assert.ok(presentation.responded, `there was nothing to resubmit: ${presentation.reasons}`)
      assertStopped(presentation, reasons)
    }
  })
})
