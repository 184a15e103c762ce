/** The page that runs the element, and the scripts that replace its camera. Everything in here runs in the browser. */
import type { CreatedSession } from '@ipse/protocol'

/** Starts the capture by itself, tells the process about steps and the end. */
export const PAGE = ({ id, session }: { id: string; session: CreatedSession }): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Attack laboratory</title></head><body>
<ipse-check></ipse-check>
<script type="module">
  const tell = (what, detail) => fetch('/' + what + '/${id}', { method: 'POST', body: JSON.stringify(detail) })
  const check = document.querySelector('ipse-check')
  for (const name of ['ipse-step', 'ipse-cue']) check.addEventListener(name, ({ step }) => tell('step', step))
  check.addEventListener('ipse-outcome', () => tell('end', {}))
  check.addEventListener('ipse-error', ({ code }) => tell('end', { code }))
  try {
    await import(${JSON.stringify(session.element.url)})
    await customElements.whenDefined('ipse-check')
    check.captureUrl = ${JSON.stringify(session.captureUrl)}
    check.sessionToken = ${JSON.stringify(session.captureToken)}
    await check.updateComplete
    if (!check.start()) throw new Error('the element did not start')
  } catch (error) {
    tell('end', { code: 'internal', message: String(error) })
  }
</script></body></html>`

/** A canvas that shows the pictures of this act, as fast as they come and at most thirty a second. */
const CANVAS = `
  const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 480 })
  const context = canvas.getContext('2d', { alpha: false })
  const stream = canvas.captureStream(30)
  const pump = async () => {
    for (;;) {
      try {
        const picture = await createImageBitmap(await (await fetch(globalThis.__pictures)).blob())
        context.drawImage(picture, 0, 0, canvas.width, canvas.height)
        picture.close()
      } catch { return }
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }`

/** What a first attempt does: another getUserMedia on the page's own object. */
export const CANVAS_HOOK: string = `if (globalThis === top) {${CANVAS}
  navigator.mediaDevices.getUserMedia = async () => { pump(); return stream }
}`

/**
 * What a second attempt does: getUserMedia stays the browser's own and opens the fake device, whose track answers every
 * question; the picture comes from the canvas, put in where a video takes its stream. Label and capabilities are a webcam's.
 */
export const PATCHED_MEDIA: string = `if (globalThis === top) {${CANVAS}
  const source = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, 'srcObject')
  Object.defineProperty(HTMLMediaElement.prototype, 'srcObject', {
    ...source,
    set(given) {
      if (given === null || given === undefined) return source.set.call(this, given)
      pump()
      source.set.call(this, stream)
    },
  })
  const track = MediaStreamTrack.prototype
  const label = Object.getOwnPropertyDescriptor(track, 'label')
  Object.defineProperty(track, 'label', { ...label, get() { return 'Integrated Camera (04f2:b6d9)' } })
  const { getCapabilities, getSettings, applyConstraints } = track
  track.getCapabilities = function getCapabilities_() {
    return {
      ...getCapabilities.call(this),
      width: { min: 1, max: 1280 }, height: { min: 1, max: 720 }, frameRate: { min: 1, max: 30 },
      facingMode: [], resizeMode: ['none', 'crop-and-scale'],
    }
  }
  track.getSettings = function getSettings_() {
    return { ...getSettings.call(this), width: canvas.width, height: canvas.height, frameRate: 30 }
  }
  track.applyConstraints = async function applyConstraints_(asked = {}) {
    const wanted = (value) => typeof value === 'number' ? value : value?.exact ?? value?.ideal
    const [width, height] = [wanted(asked.width), wanted(asked.height)]
    if (width && height) Object.assign(canvas, { width, height })
  }
}`
