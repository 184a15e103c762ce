/** What people need of <ipse-check>: keyboard, screen reader, language, calm, contrast; in a real Chromium. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { describe, it } from 'node:test'
import { tokenOf } from './capture-server.ts'
import { inPage, PASS } from './in-page.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const here = inPage()

async function faults(): Promise<string[]> {
  await here.page.evaluate(AXE)
  return here.page.evaluate(`axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
    violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => id + ' ' + target + ' ' + failureSummary)))`)
}

describe('people', () => {
  const CONSENT = () =>
    `<ipse-check session-token="${tokenOf('token-1')}" capture-url="${here.server.capture.url}">
      <p slot="consent">Pictures of your face are compared and then deleted.</p></ipse-check>`

  it('can do everything with the keyboard, and the focus goes where the news is', async () => {
    here.server.body = CONSENT()
    here.server.capture.script = { ...PASS, stayAt: 0 }
    await here.open()
    assert.equal(await here.page.locator('ipse-check >> button.primary').isDisabled(), true)
    await here.page.keyboard.press('Tab')
    assert.equal(await here.focused(), 'checkbox')
    await here.page.keyboard.press('Space')
    await here.page.keyboard.press('Tab')
    assert.equal(await here.focused(), 'primary')
    await here.page.keyboard.press('Enter')
    await here.phase('capture')
    assert.equal(await here.focused(), 'heading')
    await here.page.keyboard.press('Tab')
    assert.equal(await here.focused(), 'quiet')
    await here.page.keyboard.press('Enter')
    await here.phase('intro')
    assert.equal(await here.focused(), 'heading')
    assert.equal((await here.events()).at(-1)!.type, 'ipse-cancel')
    here.server.capture.script = PASS
    await here.start()
    await here.phase('outcome')
    assert.equal(await here.focused(), 'heading')
  })

  it('must agree first where a consent text is shown; the page cannot skip it', async () => {
    here.server.body = CONSENT()
    await here.open()
    assert.equal(await here.page.evaluate(`document.querySelector('ipse-check').start()`), false)
    await here.page.click('ipse-check >> input')
    assert.equal(await here.page.evaluate(`document.querySelector('ipse-check').start()`), true)
  })

  it('hear the instruction and hints that last through a polite live region that was there before', async () => {
    here.server.capture.script = {
      ...PASS,
      stayAt: 1,
      hint: (_, { kind }) => (kind === 'hold' ? 'hold-still' : 'turn-further'),
    }
    await here.open()
    assert.equal(await here.page.locator('ipse-check >> [role=status][aria-live=polite]').count(), 1)
    await here.start()
    await here.page
      .locator('ipse-check >> [role=status]', { hasText: /^A little further$/ })
      .waitFor({ state: 'attached' })
    assert.equal(await here.heading(), 'Turn your head to the left')
  })

  it('see an arrow on the side of the screen that a mirror would show', async () => {
    for (const [direction, test] of [
      ['left', (x: number) => x < 200],
      ['right', (x: number) => x > 260],
    ] as const) {
      here.server.capture.script = {
        ...PASS,
        steps: [{ kind: 'hold' }, { kind: 'head-pose', direction, targetDeg: 18 }],
        stayAt: 1,
      }
      await here.open('', { viewport: { width: 460, height: 800 } })
      await here.start()
      const box = await here.page.locator('ipse-check >> .chevrons').boundingBox()
      assert.ok(test(box!.x + box!.width / 2), `${direction} at ${box!.x}`)
    }
  })

  it('read their own language', async () => {
    here.server.body = here.server.body.replace('<ipse-check', '<ipse-check lang="de-CH"')
    await here.open()
    assert.equal(await here.heading(), 'Gesichtsprüfung')
    await here.page.evaluate(`document.querySelector('ipse-check').lang = 'fr'`)
    assert.equal(await here.heading(), 'Contrôle du visage')
    await here.page.evaluate(`document.querySelector('ipse-check').strings = { title: 'Bonjour' }`)
    assert.equal(await here.heading(), 'Bonjour')
  })

  it('who want less motion get none', async () => {
    here.server.capture.script = { ...PASS, stayAt: 1 }
    await here.open('', { reducedMotion: 'reduce' })
    await here.start()
    await here.page.waitForSelector('ipse-check >> .chevrons')
    const running = await here.page.evaluate(
      `document.querySelector('ipse-check').shadowRoot.getAnimations().filter((a) => a.playState === 'running').length`,
    )
    assert.equal(running, 0)
  })

  for (const colorScheme of ['light', 'dark'] as const)
    it(`find no accessibility fault in any state, ${colorScheme}`, async () => {
      here.server.body = CONSENT()
      await here.open('', { colorScheme })
      assert.deepEqual(await faults(), [], 'intro')
      await here.page.click('ipse-check >> input')
      here.server.capture.script = { ...PASS, stayAt: 1 }
      await here.start()
      await here.page.waitForSelector('ipse-check >> .chevrons')
      assert.deepEqual(await faults(), [], 'capture')
      await here.page.evaluate(`document.querySelector('ipse-check').cancel()`)
      for (const outcome of ['retry', 'fail', 'pass'] as const) {
        here.server.capture.script = { ...PASS, outcome, attemptsLeft: outcome === 'retry' ? 1 : 0 }
        await here.page.evaluate(`document.querySelector('ipse-check').sessionToken = '${tokenOf(outcome)}'`)
        await here.phase('intro')
        await here.start()
        await here.page.waitForSelector(`ipse-check >> .mark.${outcome}`)
        // The mark is drawn for half a second; contrast is measured on what stays.
        await here.page.waitForFunction(() =>
          document
            .querySelector('ipse-check')!
            .shadowRoot!.getAnimations()
            .every(({ playState }) => playState === 'finished'),
        )
        assert.deepEqual(await faults(), [], outcome)
      }
      here.server.capture.script = { ...PASS, vanish: 'at-hello' }
      await here.page.evaluate(`document.querySelector('ipse-check').sessionToken = '${tokenOf('error')}'`)
      await here.phase('intro')
      await here.start()
      await here.phase('error')
      assert.deepEqual(await faults(), [], 'error')
      assert.deepEqual(await here.violations(), [])
    })
})
