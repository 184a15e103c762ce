import { test } from 'node:test'
import { EDITS } from '@ipse/lab'
import { assertStopped, underAttack } from '../under-attack.ts'

const FORGED_OUTCOME = 'edited-outcome'
/** Have folders of their own. */
const ELSEWHERE: readonly string[] = ['dropped-record', 'key-substituted']

test('records that are exchanged, repeated or edited on the way end the capture', async () => {
  await underAttack(async ({ attack }) => {
    const edits = EDITS.map(({ name }) => name).filter(
      (name) => name !== FORGED_OUTCOME && !ELSEWHERE.includes(name),
    )
    const all = edits.map((instrument) => attack({ method: 'mitm-edit', instrument }))
    for (const presentation of await Promise.all(all)) assertStopped(presentation, ['challenge_mismatch'])
  })
})

test('an outcome that is rewritten on its way to the page does not reach the relying party', async () => {
  await underAttack(async ({ attack }) => {
    assertStopped(await attack({ method: 'mitm-edit', instrument: FORGED_OUTCOME }), ['face_mismatch'])
  })
})
