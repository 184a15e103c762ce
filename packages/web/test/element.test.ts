/** <ipse-check> as it ships, in a real Chromium with its fake camera, on a page with the strictest policy. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { type Script, STEPS } from './capture-server.ts'
import { launch } from './chromium.ts'
import { builtElement, type PageServer, startPageServer } from './page-server.ts'

const PASS: Script = { steps: STEPS, framesPerStep: 3, outcome: 'pass' }
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface PageEvent {
  readonly type: string
  readonly index?: number
  readonly code?: string
  readonly retry?: string
  readonly outcome?: string
  readonly attemptsLeft?: number
  readonly progress?: number
}

let browser: Browser
let server: PageServer
let page: Page
let original: string

before(async () => {
  browser = await launch()
  server = await startPageServer(PASS)
  original = server.body
})
after(async () => {
  await browser?.close()
  await server?.[Symbol.asyncDispose]()
})
beforeEach(async () => {
  server.capture.script = PASS
  server.capture.conversations.length = 0
  server.body = original
  page = await browser.newPage()
})
afterEach(() => page.context().close())

async function open(init = '', options?: BrowserContextOptions): Promise<void> {
  if (options) {
    await page.context().close()
    page = await browser.newPage(options)
  }
  if (init) await page.addInitScript(init)
  await page.goto(server.origin)
  await page.waitForFunction(() => 'loaded' in globalThis)
}

const start = () => page.click('ipse-check >> button.primary')
const phase = (name: string) => page.waitForSelector(`ipse-check >> .frame.${name}`)
const events = () => page.evaluate('JSON.parse(JSON.stringify(globalThis.events))') as Promise<PageEvent[]>
const violations = () => page.evaluate('globalThis.violations') as Promise<string[]>
const heading = () => page.locator('ipse-check >> .heading').textContent()
const focused = () =>
  page.evaluate(`(() => {
    const inside = document.querySelector('ipse-check').shadowRoot.activeElement
    return inside ? inside.className || inside.type : document.activeElement.localName
  })()`) as Promise<string>

/** Replaces getUserMedia before the page loads; the streams that were handed out stay reachable. */
const patched = (body: string) => `
  globalThis.streams = []
  const real = MediaDevices.prototype.getUserMedia
  MediaDevices.prototype.getUserMedia = async function getUserMedia(constraints) {
    ${body}
    const stream = await real.call(this, constraints)
    streams.push(stream)
    return stream
  }`

async function axe(): Promise<string[]> {
  await page.evaluate(AXE)
  return page.evaluate(`axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
    violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => id + ' ' + target + ' ' + failureSummary)))`)
}

describe('the built element', () => {
  it('is one module below 60 kB gzipped that needs no WebAssembly and no eval', async () => {
    const code = await builtElement()
    assert.ok(gzipSync(code).length < 60_000, `${gzipSync(code).length} bytes gzipped`)
    assert.doesNotMatch(code, /\bWebAssembly\b|\beval\(|\bnew Function\(|\bimport\(/)
    assert.doesNotMatch(code, /\b(localStorage|sessionStorage|indexedDB|caches)\b/)
  })
})

describe('a capture', () => {
  it('goes through under the strictest policy without one violation, and says so in order', async () => {
    await open()
    await start()
    await phase('outcome')
    const heard = server.capture.conversations[0]!
    await heard.ended
    assert.deepEqual(heard.faults, [])
    assert.deepEqual(await violations(), [])
    const seen = await events()
    assert.deepEqual(
      seen.filter(({ type }) => type !== 'ipse-guide').map(({ type, index }) => `${type}${index ?? ''}`),
      ['ipse-ready', 'ipse-start', 'ipse-step0', 'ipse-step1', 'ipse-step2', 'ipse-outcome'],
    )
    const guides = seen.filter(({ type }) => type === 'ipse-guide')
    assert.ok(guides.length >= 9 && guides.every(({ progress }) => progress! >= 0 && progress! <= 1))
    assert.deepEqual(seen.at(-1), { type: 'ipse-outcome', outcome: 'pass', attemptsLeft: 2 })
  })

  it('sends frames of the asked-for size, each a new picture, with rising times', async () => {
    server.capture.script = { ...PASS, framesPerStep: 8 }
    await open()
    await start()
    await phase('outcome')
    const { frames } = server.capture.conversations[0]!
    assert.ok(frames.every(({ header }) => header.width === 640 && header.height === 480))
    const pictures = new Set(frames.map(({ body }) => Buffer.from(body).toString('base64')))
    assert.equal(pictures.size, frames.length)
    const times = frames.map(({ header }) => header.capturedUs)
    const seconds = (times.at(-1)! - times[0]!) / 1e6
    assert.ok((frames.length - 1) / seconds <= 18, `${(frames.length - 1) / seconds} frames a second`)
  })

  it('keeps frames below the size limit by lowering the quality', async () => {
    server.capture.script = { ...PASS, capture: { quality: 0.95, maxFrameBytes: 12_000 } }
    await open()
    await start()
    await phase('outcome')
    const sizes = server.capture.conversations[0]!.frames.map(({ body }) => body.length)
    assert.ok(Math.max(...sizes) <= 12_000, String(Math.max(...sizes)))
  })

  it('states facts about a real track, and that the media interface is the browser’s own', async () => {
    await open()
    await start()
    await phase('outcome')
    const facts = server.capture.conversations[0]!.facts!
    assert.equal(facts.trackType, 'MediaStreamTrack')
    assert.equal(facts.mediaApiNative, true)
    assert.equal(facts.simulated, undefined)
    assert.equal(facts.settings?.width, 640)
    assert.ok(facts.label && facts.userAgent && facts.screen)
    assert.equal(await page.locator('iframe').count(), 0)
  })

  it('tells of a replaced media interface', async () => {
    await open(patched(''))
    await start()
    await phase('outcome')
    assert.equal(server.capture.conversations[0]!.facts!.mediaApiNative, false)
  })

  it('calls a camera that the page brings simulated, to the service and to the person', async () => {
    await open()
    await page.evaluate(`(() => {
      const canvas = document.createElement('canvas')
      Object.assign(canvas, { width: 640, height: 480 })
      const context = canvas.getContext('2d')
      let n = 0
      setInterval(() => { context.fillStyle = 'hsl(' + (n += 7) + ' 60% 50%)'; context.fillRect(0, 0, 640, 480) }, 40)
      document.querySelector('ipse-check').camera = async () => canvas.captureStream(25)
    })()`)
    assert.equal(await page.locator('ipse-check >> .badge').textContent(), 'Simulated camera')
    await start()
    await phase('outcome')
    const { facts } = server.capture.conversations[0]!
    assert.equal(facts?.simulated, true)
    assert.equal(facts?.trackType, 'CanvasCaptureMediaStreamTrack')
  })

  it('removes the token from the document and writes nothing to the browser’s storage', async () => {
    await open()
    assert.equal(await page.locator('ipse-check').getAttribute('session-token'), null)
    await start()
    await phase('outcome')
    assert.equal(server.capture.conversations[0]!.hello!.token, 'token-1')
    assert.deepEqual(
      await page.evaluate(`(async () => [localStorage.length, sessionStorage.length,
        (await indexedDB.databases()).length, (await caches.keys()).length, document.cookie])()`),
      [0, 0, 0, 0, ''],
    )
    assert.doesNotMatch(await page.content(), /token-1/)
  })

  it('releases the camera at the end, on cancel and when the element is taken away', async () => {
    const ended = `streams.length > 0 && streams.every((s) => s.getTracks().every((t) => t.readyState === 'ended'))`
    await open(patched(''))
    await start()
    await phase('outcome')
    assert.equal(await page.evaluate(ended), true)
    for (const end of ['.cancel()', '.remove()']) {
      server.capture.script = { ...PASS, stayAt: 0 }
      await open(patched(''))
      await start()
      await phase('capture')
      await page.evaluate(`document.querySelector('ipse-check')${end}`)
      assert.equal(await page.evaluate(ended), true, end)
    }
  })

  it('is offered again after a retry, with the same key, and not after a failure', async () => {
    server.capture.script = { ...PASS, outcome: 'retry', attemptsLeft: 1, outcomeHint: 'more-light' }
    await open()
    await start()
    await phase('outcome')
    const text = await page.locator('ipse-check >> .settled').textContent()
    assert.match(text ?? '', /Not quite yet[\s\S]*More light, please[\s\S]*One attempt left/)
    server.capture.script = { ...PASS, outcome: 'fail', attemptsLeft: 0 }
    await start()
    await page.waitForSelector('ipse-check >> .mark.fail')
    const [first, second] = server.capture.conversations
    assert.equal(first!.jkt, second!.jkt)
    assert.equal(await page.locator('ipse-check >> button.primary').count(), 0)
  })

  it('begins anew with a new session, with a new key', async () => {
    server.capture.script = { ...PASS, refuse: { at: 'hello', code: 'session_expired' } }
    await open()
    await start()
    await phase('error')
    assert.deepEqual((await events()).at(-1), {
      type: 'ipse-error',
      code: 'session_expired',
      retry: 'new-session',
    })
    server.capture.script = PASS
    await page.evaluate(`document.querySelector('ipse-check').sessionToken = 'token-2'`)
    await start()
    await phase('outcome')
    const [first, second] = server.capture.conversations
    assert.equal(second!.hello!.token, 'token-2')
    assert.notEqual(first!.jkt, second!.jkt)
  })
})

describe('trouble has a name', () => {
  const thrown: readonly (readonly [string, string, string])[] = [
    ['NotAllowedError', 'camera_denied', 'The camera is not allowed'],
    ['NotFoundError', 'camera_not_found', 'No camera was found'],
    ['NotReadableError', 'camera_busy', 'The camera is in use'],
    ['AbortError', 'camera_busy', 'The camera is in use'],
    ['OverconstrainedError', 'camera_insufficient', 'This camera is not good enough'],
    ['SecurityError', 'camera_denied', 'The camera is not allowed'],
  ]
  for (const [name, code, title] of thrown)
    it(`when getUserMedia throws ${name}: ${code}, and a retry works where one is offered`, async () => {
      await open(patched(`if (!globalThis.works) throw new DOMException('x', '${name}')`))
      await start()
      await phase('error')
      assert.equal(await heading(), title)
      assert.equal((await events()).at(-1)!.code, code)
      assert.equal(await page.locator('ipse-check >> [role=alert]').textContent(), title)
      if ((await events()).at(-1)!.retry !== 'same') return
      await page.evaluate('globalThis.works = true')
      await start()
      await phase('outcome')
    })

  it('when the browser itself refuses: no prompt is granted', async () => {
    const strict = await launch(['--use-fake-device-for-media-stream', '--deny-permission-prompts'])
    try {
      await page.context().close()
      page = await strict.newPage()
      await open()
      await start()
      await phase('error')
      assert.equal((await events()).at(-1)!.code, 'camera_denied')
    } finally {
      await strict.close()
    }
  })

  it('when the machine has no camera', async () => {
    const bare = await launch(['--use-fake-ui-for-media-stream'])
    try {
      await page.context().close()
      page = await bare.newPage()
      await open()
      await start()
      await phase('error')
      assert.equal((await events()).at(-1)!.code, 'camera_not_found')
    } finally {
      await bare.close()
    }
  })

  it('when the camera stops during the capture', async () => {
    server.capture.script = { ...PASS, stayAt: 0 }
    await open(patched(''))
    await start()
    await phase('capture')
    await page.evaluate(`streams[0].getVideoTracks()[0].dispatchEvent(new Event('ended'))`)
    await phase('error')
    assert.equal((await events()).at(-1)!.code, 'camera_ended')
  })

  it('when the picture is too small', async () => {
    await open(patched('constraints = { video: { width: { exact: 320 }, height: { exact: 240 } } }'))
    await start()
    await phase('error')
    assert.equal((await events()).at(-1)!.code, 'camera_insufficient')
  })

  it('when the service goes away', async () => {
    server.capture.script = { ...PASS, vanish: 'in-step' }
    await open()
    await start()
    await phase('error')
    assert.equal((await events()).at(-1)!.code, 'connection_lost')
  })

  it('when the browser lacks WebSocket, and when the page is not secure', async () => {
    await open('delete globalThis.WebSocket')
    await phase('error')
    assert.equal((await events()).at(-1)!.code, 'unsupported_browser')
    await page.close()
    page = await browser.newPage()
    await open(`Object.defineProperty(globalThis, 'isSecureContext', { value: false })`)
    await phase('error')
    assert.equal((await events()).at(-1)!.code, 'insecure_context')
  })
})

describe('people', () => {
  const CONSENT = () =>
    `<ipse-check session-token="token-1" capture-url="${server.capture.url}">
      <p slot="consent">Pictures of your face are compared and then deleted.</p></ipse-check>`

  it('can do everything with the keyboard, and the focus goes where the news is', async () => {
    server.body = CONSENT()
    server.capture.script = { ...PASS, stayAt: 0 }
    await open()
    assert.equal(await page.locator('ipse-check >> button.primary').isDisabled(), true)
    await page.keyboard.press('Tab')
    assert.equal(await focused(), 'checkbox')
    await page.keyboard.press('Space')
    await page.keyboard.press('Tab')
    assert.equal(await focused(), 'primary')
    await page.keyboard.press('Enter')
    await phase('capture')
    assert.equal(await focused(), 'heading')
    await page.keyboard.press('Tab')
    assert.equal(await focused(), 'quiet')
    await page.keyboard.press('Enter')
    await phase('intro')
    assert.equal(await focused(), 'heading')
    assert.equal((await events()).at(-1)!.type, 'ipse-cancel')
    server.capture.script = PASS
    await start()
    await phase('outcome')
    assert.equal(await focused(), 'heading')
  })

  it('must agree first where a consent text is shown; the page cannot skip it', async () => {
    server.body = CONSENT()
    await open()
    assert.equal(await page.evaluate(`document.querySelector('ipse-check').start()`), false)
    await page.click('ipse-check >> input')
    assert.equal(await page.evaluate(`document.querySelector('ipse-check').start()`), true)
  })

  it('hear the instruction and hints that last through a polite live region that was there before', async () => {
    server.capture.script = {
      ...PASS,
      stayAt: 1,
      hint: (_, { kind }) => (kind === 'hold' ? 'hold-still' : 'turn-further'),
    }
    await open()
    assert.equal(await page.locator('ipse-check >> [role=status][aria-live=polite]').count(), 1)
    await start()
    await page
      .locator('ipse-check >> [role=status]', { hasText: /^A little further$/ })
      .waitFor({ state: 'attached' })
    assert.equal(await heading(), 'Turn your head to the left')
  })

  it('see an arrow on the side of the screen that a mirror would show', async () => {
    for (const [direction, test] of [
      ['left', (x: number) => x < 200],
      ['right', (x: number) => x > 260],
    ] as const) {
      server.capture.script = {
        ...PASS,
        steps: [{ kind: 'hold' }, { kind: 'head-pose', direction, targetDeg: 18 }],
        stayAt: 1,
      }
      await open('', { viewport: { width: 460, height: 800 } })
      await start()
      const box = await page.locator('ipse-check >> .chevrons').boundingBox()
      assert.ok(test(box!.x + box!.width / 2), `${direction} at ${box!.x}`)
    }
  })

  it('read their own language', async () => {
    server.body = original.replace('<ipse-check', '<ipse-check lang="de-CH"')
    await open()
    assert.equal(await heading(), 'Gesichtsprüfung')
    await page.evaluate(`document.querySelector('ipse-check').lang = 'fr'`)
    assert.equal(await heading(), 'Contrôle du visage')
    await page.evaluate(`document.querySelector('ipse-check').strings = { title: 'Bonjour' }`)
    assert.equal(await heading(), 'Bonjour')
  })

  it('who want less motion get none', async () => {
    server.capture.script = { ...PASS, stayAt: 1 }
    await open('', { reducedMotion: 'reduce' })
    await start()
    await page.waitForSelector('ipse-check >> .chevrons')
    const running = await page.evaluate(
      `document.querySelector('ipse-check').shadowRoot.getAnimations().filter((a) => a.playState === 'running').length`,
    )
    assert.equal(running, 0)
  })

  for (const colorScheme of ['light', 'dark'] as const)
    it(`find no accessibility fault in any state, ${colorScheme}`, async () => {
      server.body = CONSENT()
      await open('', { colorScheme })
      assert.deepEqual(await axe(), [], 'intro')
      await page.click('ipse-check >> input')
      server.capture.script = { ...PASS, stayAt: 1 }
      await start()
      await page.waitForSelector('ipse-check >> .chevrons')
      assert.deepEqual(await axe(), [], 'capture')
      await page.evaluate(`document.querySelector('ipse-check').cancel()`)
      for (const outcome of ['retry', 'fail', 'pass'] as const) {
        server.capture.script = { ...PASS, outcome, attemptsLeft: outcome === 'retry' ? 1 : 0 }
        await page.evaluate(`document.querySelector('ipse-check').sessionToken = 'token-${outcome}'`)
        await phase('intro')
        await start()
        await page.waitForSelector(`ipse-check >> .mark.${outcome}`)
        // The mark is drawn for half a second; contrast is measured on what stays.
        await page.waitForFunction(() =>
          document
            .querySelector('ipse-check')!
            .shadowRoot!.getAnimations()
            .every(({ playState }) => playState === 'finished'),
        )
        assert.deepEqual(await axe(), [], outcome)
      }
      server.capture.script = { ...PASS, vanish: 'at-hello' }
      await page.evaluate(`document.querySelector('ipse-check').sessionToken = 'token-error'`)
      await phase('intro')
      await start()
      await phase('error')
      assert.deepEqual(await axe(), [], 'error')
      assert.deepEqual(await violations(), [])
    })
})
