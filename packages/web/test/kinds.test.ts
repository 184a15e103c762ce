/** Every kind of step in a real Chromium, on a page with the strictest policy: what is shown, and what cues change. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ChallengeStep } from '@ipse/protocol'
import { inPage, PASS } from './in-page.ts'

const here = inPage()

const STEPS: readonly ChallengeStep[] = [
  { kind: 'follow', at: { x: 0, y: 0 } },
  { kind: 'expression', expression: 'mouth-open' },
  { kind: 'expression', expression: 'blink' },
  { kind: 'gaze-hold', direction: 'left', targetDeg: 16, at: { x: 0.4, y: 0.7 } },
  { kind: 'distance', nearer: 1.3 },
  { kind: 'colour-light', colour: 'blue' },
]

describe('every kind of step', () => {
  it('is shown with its own words and breaks no rule of the strictest policy', async () => {
    for (const step of STEPS) {
      here.server.capture.script = { ...PASS, steps: [step], stayAt: 0 }
      await here.renew(() => here.page.context().browser()!.newPage())
      await here.open()
      await here.start()
      await here.phase('capture')
      assert.ok((await here.heading())?.trim(), step.kind)
      const dots = await here.page.locator('ipse-check >> .dot').count()
      assert.equal(dots, 'at' in step ? 1 : 0, step.kind)
      assert.deepEqual(await here.violations(), [], step.kind)
      if (process.env.SCREENSHOTS)
        await here.page.screenshot({
          path: `${process.env.SCREENSHOTS}/${step.kind}-${'expression' in step ? step.expression : ''}.png`,
        })
    }
  })

  it('moves the dot with each cue, and tells the page', async () => {
    const cue = () => ({ at: { x: -1, y: 1 } })
    here.server.capture.script = { ...PASS, steps: STEPS.slice(0, 1), stayAt: 0, cue }
    await here.open()
    await here.start()
    await here.page.waitForFunction(() =>
      document.querySelector('ipse-check')?.shadowRoot?.querySelector('.dot circle[cx="91.8"]'),
    )
    assert.deepEqual(await here.violations(), [])
  })

  it('changes the size of the pictures when the camera is asked to, and back again', async () => {
    const constraint = { kind: 'camera-constraint', width: 480, height: 360, framesPerSecond: 8 } as const
    here.server.capture.script = {
      ...PASS,
      steps: [{ kind: 'hold' }, constraint, { kind: 'center' }],
      framesPerStep: 6,
    }
    await here.open()
    await here.start()
    await here.phase('outcome')
    const { frames } = here.server.capture.conversations[0]!
    const widths = (step: number) =>
      frames.filter(({ header }) => header.step === step).map(({ header }) => header.width)
    assert.equal(widths(1).at(-1), 480)
    assert.equal(widths(2).at(-1), widths(0).at(-1))
    assert.notEqual(widths(0).at(-1), 480)
  })
})
