/** Steps and cues are acknowledged one by one, in their order, as they came; what was not seen is not signed for. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type SeenHeader, sha256, toBase64url, utf8 } from '@ipse/protocol'
import { createShown } from '../src/capture/shown.ts'
import { createPerson, startFixture } from './fixture.ts'

const seen = async (text: string, step: number, cue?: number): Promise<SeenHeader> => ({
  step,
  ...(cue === undefined ? {} : { cue }),
  digest: toBase64url(await sha256(utf8(text))),
  shownUs: 1,
})

test('what was shown is acknowledged in its order and as it was, or not at all', async () => {
  const told = () => {
    const shown = createShown()
    shown.show('step', 2)
    shown.show('first', 2, 0)
    shown.show('second', 2, 1)
    return shown
  }
  const all = [await seen('step', 2), await seen('first', 2, 0), await seen('second', 2, 1)]
  const shown = told()
  for (const header of all) {
    assert.ok(!shown.isComplete())
    assert.ok(shown.saw(header))
  }
  assert.ok(shown.isComplete())
  assert.ok(!shown.saw(all[2]!), 'once more')
  for (const wrong of [
    await seen('first', 2, 0),
    await seen('step', 2, 0),
    await seen('step', 1),
    await seen('another step', 2),
  ])
    assert.ok(!told().saw(wrong), JSON.stringify(wrong))
})

test('a capture counts only when every cue of its path was seen', async (t) => {
  await using fixture = await startFixture()
  let held: SeenHeader | undefined
  const ways: Record<string, (header: SeenHeader) => readonly SeenHeader[]> = {
    'no cue is seen': () => [],
    'one cue is not seen': (header) => (header.cue === 3 ? [] : [header]),
    'the last one is not seen': (header) => {
      // Its number is drawn: each waits for the next, so the last one stays away.
      const before = held
      held = header
      return before ? [before] : []
    },
    'another cue is seen': (header) => [{ ...header, digest: 'A'.repeat(43) }],
    'a cue is seen twice': (header) => [header, header],
    'a step is seen in the place of a cue': ({ cue: _, ...header }) => [header],
  }
  for (const [title, seeCue] of Object.entries(ways))
    await t.test(title, async () => {
      const session = await fixture.createSession({ purpose: 'liveness' })
      const ended = await fixture.capture(session, createPerson(fixture.clock), { seeCue })
      assert.equal(ended.error, 'challenge_mismatch')
      assert.equal((await fixture.readSession(session.id)).decision, undefined)
    })
  await t.test('all are seen', async () => {
    const session = await fixture.createSession({ purpose: 'liveness' })
    const { outcome } = await fixture.capture(session, createPerson(fixture.clock))
    assert.equal(outcome?.outcome, 'pass')
  })
})
