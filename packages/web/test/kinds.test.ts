/** Every kind of step in a real Chromium, on a page with the strictest policy: what is shown, and what cues change. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type ChallengeStep, LIGHT_SRGB } from '@ipse/protocol'
import fc from 'fast-check'
import { createColourPace, LEAST_COLOUR_MS } from '../src/challenge/colour-light.ts'
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

  it('asks before the screen changes its colours, and tells the service what the person said', async () => {
    for (const [reducedMotion, first, other] of [
      ['no-preference', 'agreed', 'declined'],
      ['reduce', 'declined', 'agreed'],
    ] as const) {
      for (const [button, expected] of [first, other].entries()) {
        here.server.capture.script = { ...PASS, colours: true }
        here.server.capture.conversations.length = 0
        await here.open('', { reducedMotion })
        await here.start()
        await here.phase('notice')
        const heard = () => here.server.capture.conversations[0]?.facts
        assert.equal(heard(), undefined, 'nothing is sent before the answer')
        assert.equal(await here.page.locator('ipse-check >> .frame[class*="light-"]').count(), 0)
        assert.equal(await here.focused(), 'heading')
        if (process.env.SCREENSHOTS)
          await here.page.screenshot({ path: `${process.env.SCREENSHOTS}/notice-${reducedMotion}.png` })
        await here.page.locator('ipse-check >> .capture .buttons button').nth(button).click()
        await here.phase('outcome')
        assert.equal(heard()?.colours, expected)
        assert.deepEqual(await here.violations(), [])
      }
    }
  })

  it('says nothing about colours where none are asked for', async () => {
    await here.open()
    await here.start()
    await here.phase('outcome')
    assert.equal(here.server.capture.conversations[0]?.facts?.colours, undefined)
  })

  it('lights the page around it as well', async () => {
    const steps: ChallengeStep[] = [{ kind: 'colour-light', colour: 'green' }]
    here.server.capture.script = { ...PASS, colours: true, steps, stayAt: 0 }
    await here.open()
    await here.start()
    await here.phase('notice')
    await here.page.locator('ipse-check >> .capture .buttons button.primary').click()
    await here.phase('capture')
    const look = (await here.page.evaluate(`(() => {
      const frame = document.querySelector('ipse-check').shadowRoot.querySelector('.frame')
      const { backgroundColor, boxShadow } = getComputedStyle(frame)
      return [backgroundColor, boxShadow]
    })()`)) as [string, string]
    const colour = `rgb(${LIGHT_SRGB.green.join(', ')})`
    assert.equal(look[0], colour)
    assert.ok(look[1].startsWith(`${colour} 0px 0px 0px`), look[1])
    if (process.env.SCREENSHOTS)
      await here.page.screenshot({ path: `${process.env.SCREENSHOTS}/colour-light-page.png` })
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

describe('colours', () => {
  it('follow each other at most three times a second, in order and without getting lost', () => {
    const gaps = fc.array(fc.double({ min: 0, max: 2_000, noNaN: true }), { maxLength: 40 })
    fc.assert(
      fc.property(gaps, (waits) => {
        const pace = createColourPace()
        let nowMs = 0
        let lastMs = Number.NEGATIVE_INFINITY
        for (const wait of waits) {
          nowMs += wait
          const atMs = nowMs + pace(nowMs)
          assert.ok(atMs >= nowMs)
          assert.ok(atMs - lastMs >= LEAST_COLOUR_MS - 1e-6)
          lastMs = atMs
        }
      }),
    )
    assert.ok(1000 / LEAST_COLOUR_MS < 3)
  })
})
