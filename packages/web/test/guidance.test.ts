/** Hints must be readable: each stays long enough. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { GUIDANCE, type Guidance } from '@ipse/protocol'
import fc from 'fast-check'
import { HOLD_MS, hintDueMs, NO_HINT, offerHint, settleHint } from '../src/guidance.ts'

const arrivals = fc.array(
  fc.record({ hint: fc.constantFrom(...GUIDANCE), afterMs: fc.integer({ min: 0, max: 900 }) }),
  { minLength: 1, maxLength: 60 },
)

/** Plays arrivals with a caller that wakes exactly when told to. */
function shownOver(events: readonly { hint: Guidance; afterMs: number }[]) {
  const shown: { hint: Guidance; atMs: number }[] = []
  let hold = NO_HINT
  let now = 0
  const note = (atMs: number) => {
    if (hold.shown && hold.shown !== shown.at(-1)?.hint) shown.push({ hint: hold.shown, atMs })
  }
  const settleUntil = (limit: number) => {
    const due = hintDueMs(hold)
    if (due === undefined || due > limit) return
    hold = settleHint(hold, due)
    note(due)
  }
  for (const { hint, afterMs } of events) {
    settleUntil(now + afterMs)
    now += afterMs
    hold = offerHint(hold, hint, now)
    note(now)
  }
  settleUntil(Number.POSITIVE_INFINITY)
  return { shown, last: hold.shown }
}

describe('hints', () => {
  it('stay for at least the hold time, however fast they arrive', () => {
    fc.assert(
      fc.property(arrivals, (events) => {
        const { shown } = shownOver(events)
        for (const [i, { atMs }] of shown.entries())
          if (i > 0) assert.ok(atMs - shown[i - 1]!.atMs >= HOLD_MS)
      }),
    )
  })

  it('end with the latest one: none is lost for good', () => {
    fc.assert(
      fc.property(arrivals, (events) => {
        assert.equal(shownOver(events).last, events.at(-1)!.hint)
      }),
    )
  })

  it('show the first at once', () => {
    assert.equal(offerHint(NO_HINT, 'show-face', 0).shown, 'show-face')
  })

  it('do not flicker when a hint alternates with another for single frames', () => {
    const events = Array.from({ length: 30 }, (_, i) => ({
      hint: (i % 2 ? 'come-closer' : 'hold-still') as Guidance,
      afterMs: 66,
    }))
    assert.ok(shownOver(events).shown.length <= 4)
  })
})
