/** <ipse-check> as it ships, in a real Chromium with its fake camera, on a page with the strictest policy. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { tokenOf } from './capture-server.ts'
import { launch } from './chromium.ts'
import { inPage, PASS, patched } from './in-page.ts'
import { builtElement } from './page-server.ts'

const here = inPage()

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
    await here.open()
    await here.start()
    await here.phase('outcome')
    const heard = here.server.capture.conversations[0]!
    await heard.ended
    assert.deepEqual(heard.faults, [])
    assert.deepEqual(await here.violations(), [])
    const seen = await here.events()
    assert.deepEqual(
      seen.filter(({ type }) => type !== 'ipse-guide').map(({ type, index }) => `${type}${index ?? ''}`),
      ['ipse-ready', 'ipse-start', 'ipse-step0', 'ipse-step1', 'ipse-step2', 'ipse-outcome'],
    )
    const guides = seen.filter(({ type }) => type === 'ipse-guide')
    assert.ok(guides.length >= 9 && guides.every(({ progress }) => progress! >= 0 && progress! <= 1))
    assert.deepEqual(seen.at(-1), { type: 'ipse-outcome', outcome: 'pass', attemptsLeft: 2 })
  })

  it('sends frames of the asked-for size, each a new picture, with rising times', async () => {
    here.server.capture.script = { ...PASS, framesPerStep: 8 }
    await here.open()
    await here.start()
    await here.phase('outcome')
    const { frames } = here.server.capture.conversations[0]!
    assert.ok(frames.every(({ header }) => header.width === 640 && header.height === 480))
    const pictures = new Set(frames.map(({ body }) => Buffer.from(body).toString('base64')))
    assert.equal(pictures.size, frames.length)
    const times = frames.map(({ header }) => header.capturedUs)
    const seconds = (times.at(-1)! - times[0]!) / 1e6
    assert.ok((frames.length - 1) / seconds <= 18, `${(frames.length - 1) / seconds} frames a second`)
  })

  it('keeps frames below the size limit by lowering the quality', async () => {
    here.server.capture.script = { ...PASS, capture: { quality: 0.95, maxFrameBytes: 12_000 } }
    await here.open()
    await here.start()
    await here.phase('outcome')
    const sizes = here.server.capture.conversations[0]!.frames.map(({ body }) => body.length)
    assert.ok(Math.max(...sizes) <= 12_000, String(Math.max(...sizes)))
  })

  it('states facts about a real track, and that the media interface is the browser’s own', async () => {
    await here.open()
    await here.start()
    await here.phase('outcome')
    const facts = here.server.capture.conversations[0]!.facts!
    assert.equal(facts.trackType, 'MediaStreamTrack')
    assert.equal(facts.mediaApiNative, true)
    assert.equal(facts.simulated, undefined)
    assert.equal(facts.settings?.width, 640)
    assert.ok(facts.label && facts.userAgent && facts.screen && facts.client && facts.languages)
    assert.equal(await here.page.locator('iframe').count(), 0)
  })

  it('tells of a replaced media interface', async () => {
    await here.open(patched(''))
    await here.start()
    await here.phase('outcome')
    assert.equal(here.server.capture.conversations[0]!.facts!.mediaApiNative, false)
  })

  for (const [what, hook] of Object.entries({
    'a dressed track': `MediaStreamTrack.prototype.getSettings = function getSettings() { return {} }`,
    'a track with a name of its own': `Object.defineProperty(MediaStreamTrack.prototype, 'label', { get: () => 'C920' })`,
    'another stream behind the picture': `{
      const own = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, 'srcObject')
      const set = new Proxy(own.set, {})
      Object.defineProperty(HTMLMediaElement.prototype, 'srcObject', { ...own, set })
    }`,
    'a painter in between': `{
      const draw = CanvasRenderingContext2D.prototype.drawImage
      CanvasRenderingContext2D.prototype.drawImage = function drawImage(...all) { return draw.apply(this, all) }
    }`,
  }))
    it(`tells of a media path that is replaced behind getUserMedia: ${what}`, async () => {
      await here.open(`if (globalThis === top) {${hook}}`)
      await here.start()
      await here.phase('outcome')
      const facts = here.server.capture.conversations[0]!.facts!
      assert.equal(facts.mediaApiNative, false)
      assert.ok(
        facts.label !== 'C920' && facts.settings?.width === 640,
        'and asks a fresh realm for its account',
      )
    })

  it('knows the track of a canvas under any name', async () => {
    await here.open()
    await here.page.evaluate(`(() => {
      const canvas = document.createElement('canvas')
      Object.assign(canvas, { width: 640, height: 480 })
      const context = canvas.getContext('2d')
      setInterval(() => context.fillRect(0, 0, 640, 480), 40)
      Object.defineProperty(CanvasCaptureMediaStreamTrack.prototype, 'constructor', { value: MediaStreamTrack })
      document.querySelector('ipse-check').camera = async () => canvas.captureStream(25)
    })()`)
    await here.start()
    await here.phase('outcome')
    assert.equal(here.server.capture.conversations[0]!.facts?.trackType, 'CanvasCaptureMediaStreamTrack')
  })

  it('calls a camera that the page brings simulated, to the service and to the person', async () => {
    await here.open()
    await here.page.evaluate(`(() => {
      const canvas = document.createElement('canvas')
      Object.assign(canvas, { width: 640, height: 480 })
      const context = canvas.getContext('2d')
      let n = 0
      setInterval(() => { context.fillStyle = 'hsl(' + (n += 7) + ' 60% 50%)'; context.fillRect(0, 0, 640, 480) }, 40)
      document.querySelector('ipse-check').camera = async () => canvas.captureStream(25)
    })()`)
    assert.equal(await here.page.locator('ipse-check >> .badge').textContent(), 'Simulated camera')
    await here.start()
    await here.phase('outcome')
    const { facts } = here.server.capture.conversations[0]!
    assert.equal(facts?.simulated, true)
    assert.equal(facts?.trackType, 'CanvasCaptureMediaStreamTrack')
  })

  it('removes the token from the document and writes nothing to the browser’s storage', async () => {
    await here.open()
    assert.equal(await here.page.locator('ipse-check').getAttribute('session-token'), null)
    await here.start()
    await here.phase('outcome')
    assert.equal(here.server.capture.conversations[0]!.hello!.token, tokenOf('token-1'))
    assert.deepEqual(
      await here.page.evaluate(`(async () => [localStorage.length, sessionStorage.length,
        (await indexedDB.databases()).length, (await caches.keys()).length, document.cookie])()`),
      [0, 0, 0, 0, ''],
    )
    assert.ok(!(await here.page.content()).includes(tokenOf('token-1')))
  })

  it('releases the camera at the end, on cancel and when the element is taken away', async () => {
    const ended = `streams.length > 0 && streams.every((s) => s.getTracks().every((t) => t.readyState === 'ended'))`
    await here.open(patched(''))
    await here.start()
    await here.phase('outcome')
    assert.equal(await here.page.evaluate(ended), true)
    for (const end of ['.cancel()', '.remove()']) {
      here.server.capture.script = { ...PASS, stayAt: 0 }
      await here.open(patched(''))
      await here.start()
      await here.phase('capture')
      await here.page.evaluate(`document.querySelector('ipse-check')${end}`)
      assert.equal(await here.page.evaluate(ended), true, end)
    }
  })

  it('is offered again after a retry, with the same key, and not after a failure', async () => {
    here.server.capture.script = { ...PASS, outcome: 'retry', attemptsLeft: 1, outcomeHint: 'more-light' }
    await here.open()
    await here.start()
    await here.phase('outcome')
    const text = await here.page.locator('ipse-check >> .settled').textContent()
    assert.match(text ?? '', /Not quite yet[\s\S]*More light, please[\s\S]*One attempt left/)
    here.server.capture.script = { ...PASS, outcome: 'fail', attemptsLeft: 0 }
    await here.start()
    await here.page.waitForSelector('ipse-check >> .mark.fail')
    const [first, second] = here.server.capture.conversations
    assert.equal(first!.jkt, second!.jkt)
    assert.equal(await here.page.locator('ipse-check >> button.primary').count(), 0)
  })

  it('begins anew with a new session, with a new key', async () => {
    here.server.capture.script = { ...PASS, refuse: { at: 'hello', code: 'session_expired' } }
    await here.open()
    await here.start()
    await here.phase('error')
    assert.deepEqual((await here.events()).at(-1), {
      type: 'ipse-error',
      code: 'session_expired',
      retry: 'new-session',
    })
    here.server.capture.script = PASS
    await here.page.evaluate(`document.querySelector('ipse-check').sessionToken = '${tokenOf('token-2')}'`)
    await here.start()
    await here.phase('outcome')
    const [first, second] = here.server.capture.conversations
    assert.equal(second!.hello!.token, tokenOf('token-2'))
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
      await here.open(patched(`if (!globalThis.works) throw new DOMException('x', '${name}')`))
      await here.start()
      await here.phase('error')
      assert.equal(await here.heading(), title)
      assert.equal((await here.events()).at(-1)!.code, code)
      assert.equal(await here.page.locator('ipse-check >> [role=alert]').textContent(), title)
      if ((await here.events()).at(-1)!.retry !== 'same') return
      await here.page.evaluate('globalThis.works = true')
      await here.start()
      await here.phase('outcome')
    })

  it('when the browser itself refuses: no prompt is granted', async () => {
    const strict = await launch(['--use-fake-device-for-media-stream', '--deny-permission-prompts'])
    try {
      await here.renew(() => strict.newPage())
      await here.open()
      await here.start()
      await here.phase('error')
      assert.equal((await here.events()).at(-1)!.code, 'camera_denied')
    } finally {
      await strict.close()
    }
  })

  it('when the machine has no camera', async () => {
    const bare = await launch(['--use-fake-ui-for-media-stream'])
    try {
      await here.renew(() => bare.newPage())
      await here.open()
      await here.start()
      await here.phase('error')
      assert.equal((await here.events()).at(-1)!.code, 'camera_not_found')
    } finally {
      await bare.close()
    }
  })

  it('when the camera stops during the capture', async () => {
    here.server.capture.script = { ...PASS, stayAt: 0 }
    await here.open(patched(''))
    await here.start()
    await here.phase('capture')
    await here.page.evaluate(`streams[0].getVideoTracks()[0].dispatchEvent(new Event('ended'))`)
    await here.phase('error')
    assert.equal((await here.events()).at(-1)!.code, 'camera_ended')
  })

  it('when the picture is too small', async () => {
    await here.open(patched('constraints = { video: { width: { exact: 320 }, height: { exact: 240 } } }'))
    await here.start()
    await here.phase('error')
    assert.equal((await here.events()).at(-1)!.code, 'camera_insufficient')
  })

  it('when the service goes away', async () => {
    here.server.capture.script = { ...PASS, vanish: 'in-step' }
    await here.open()
    await here.start()
    await here.phase('error')
    assert.equal((await here.events()).at(-1)!.code, 'connection_lost')
  })

  it('when the browser lacks WebSocket, and when the page is not secure', async () => {
    await here.open('delete globalThis.WebSocket')
    await here.phase('error')
    assert.equal((await here.events()).at(-1)!.code, 'unsupported_browser')
    await here.renew()
    await here.open(`Object.defineProperty(globalThis, 'isSecureContext', { value: false })`)
    await here.phase('error')
    assert.equal((await here.events()).at(-1)!.code, 'insecure_context')
  })
})
