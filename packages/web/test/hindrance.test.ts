/** What keeps a capture from beginning: one event with a code for the page, and word to the service where that is possible. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ErrorCode } from '@ipse/protocol'
import { launch } from './chromium.ts'
import { inPage, PASS, patched } from './in-page.ts'

const here = inPage()

/** Codes of the errors that the page heard of. */
const errors = async () =>
  (await here.events()).filter(({ type }) => type === 'ipse-error').map(({ code }) => code)

/** What the service was told, once everything has been said. */
async function told(): Promise<readonly (string | undefined)[]> {
  const { conversations } = here.server.capture
  await Promise.all(conversations.map(({ ended }) => ended))
  assert.deepEqual(
    conversations.flatMap(({ faults }) => faults),
    [],
    'with a proof over token and nonce',
  )
  return conversations.map(({ hello }) => hello?.unable)
}

async function untilTold(): Promise<void> {
  while (here.server.capture.conversations[0]?.hello === undefined) await here.page.waitForTimeout(20)
}

describe('before the person has done anything', () => {
  const lacking: readonly (readonly [string, string, ErrorCode])[] = [
    ['the camera interface', 'delete MediaDevices.prototype.getUserMedia', 'unsupported_browser'],
    ['pictures from a canvas', 'delete HTMLCanvasElement.prototype.toBlob', 'unsupported_browser'],
  ]
  for (const [what, init, code] of lacking)
    it(`a browser without ${what} is said so, to page and service, once`, async () => {
      await here.open(init)
      await here.phase('error')
      await untilTold()
      assert.deepEqual(await errors(), [code])
      assert.deepEqual(await told(), [code])
      assert.equal(await here.page.locator('ipse-check >> button.primary').count(), 0, 'no way on')
    })

  it('a page whose policy forbids the camera is said so, before anybody is asked', async () => {
    here.server.headers = { 'permissions-policy': 'camera=()' }
    await here.open(patched(''))
    await here.phase('error')
    await untilTold()
    assert.equal(await here.heading(), 'This page may not use the camera')
    assert.deepEqual(await errors(), ['camera_forbidden'])
    assert.deepEqual(await told(), ['camera_forbidden'])
    assert.equal(await here.page.evaluate('streams.length'), 0)
  })

  const silent: readonly (readonly [string, string, ErrorCode])[] = [
    ['WebSocket', 'delete globalThis.WebSocket', 'unsupported_browser'],
    ['WebCrypto', 'delete Crypto.prototype.subtle', 'unsupported_browser'],
    [
      'a secure context',
      `Object.defineProperty(globalThis, 'isSecureContext', { value: false })`,
      'insecure_context',
    ],
  ]
  for (const [what, init, code] of silent)
    it(`without ${what} only the page hears: nothing is sent that could not be proved`, async () => {
      await here.open(init)
      await here.phase('error')
      assert.deepEqual(await errors(), [code])
      // The element's own work of this turn is done; a conversation would have begun by now.
      await here.page.evaluate('new Promise((resolve) => setTimeout(resolve))')
      assert.deepEqual(await told(), [])
    })
})

describe('when the camera does not open', () => {
  it('the service hears each reason once, and the capture may follow with the same key', async () => {
    await here.open(
      patched(`
        globalThis.refuse ??= ['NotAllowedError', 'NotAllowedError', 'NotReadableError']
        const name = refuse.shift()
        if (name) throw new DOMException('x', name)`),
    )
    for (const again of [1, 2, 3]) {
      await here.start()
      await here.page.waitForFunction(
        `events.filter(({ type }) => type === 'ipse-error').length === ${again}`,
      )
    }
    await here.start()
    await here.phase('outcome')
    assert.deepEqual(await errors(), ['camera_denied', 'camera_denied', 'camera_busy'])
    assert.deepEqual((await told()).toSorted(), ['camera_busy', 'camera_denied', undefined])
    assert.equal(new Set(here.server.capture.conversations.map(({ jkt }) => jkt)).size, 1)
  })

  it('a camera that stops during the capture is the service’s to notice', async () => {
    here.server.capture.script = { ...PASS, stayAt: 0 }
    await here.open(patched(''))
    await here.start()
    await here.phase('capture')
    await here.page.evaluate(`streams[0].getVideoTracks()[0].dispatchEvent(new Event('ended'))`)
    await here.phase('error')
    assert.deepEqual(await told(), [undefined])
  })
})

describe('an element that is too old', () => {
  it('says that the page is out of date, with a code for the page', async () => {
    here.server.capture.script = { ...PASS, refuse: { at: 'hello', code: 'unsupported_version' } }
    await here.open()
    await here.start()
    await here.phase('error')
    assert.equal(await here.heading(), 'This page is out of date')
    assert.match(
      (await here.page.locator('ipse-check >> .advice').textContent()) ?? '',
      /Reload the page and start again/,
    )
    assert.deepEqual(await errors(), ['unsupported_version'])
    assert.deepEqual(await told(), [undefined], 'the service has refused it by itself')
  })
})

describe('the device key', () => {
  it('is forgotten when the session is over, and not before', async () => {
    const collecting = await launch([
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
      '--js-flags=--expose-gc',
    ])
    const left = `new Promise((resolve) => setTimeout(resolve, 50)).then(() => {
      gc()
      return keys.filter((key) => key.deref() !== undefined).length
    })`
    try {
      await here.renew(() => collecting.newPage())
      here.server.capture.script = { ...PASS, outcome: 'retry', attemptsLeft: 1 }
      await here.open(`
        globalThis.keys = []
        const real = SubtleCrypto.prototype.generateKey
        SubtleCrypto.prototype.generateKey = async function generateKey(...all) {
          const made = await real.apply(this, all)
          if (all[0].name === 'ECDSA') keys.push(new WeakRef(made.privateKey))
          return made
        }`)
      await here.start()
      await here.phase('outcome')
      assert.equal(await here.page.evaluate(left), 1, 'the next attempt needs it')
      here.server.capture.script = PASS
      await here.start()
      await here.page.waitForSelector('ipse-check >> .mark.pass')
      assert.equal(await here.page.evaluate('keys.length'), 1)
      assert.equal(await here.page.evaluate(left), 0)
    } finally {
      await collecting.close()
    }
  })
})
