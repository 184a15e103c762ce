/**
 * A camera for machines without one, in development only: a head made from one photograph, drawn by @ipse/lab into a canvas
 * whose stream `<ipse-check>` takes as its camera. It follows the prompts with human delay and speed. The element tells Ipse
 * that the camera is simulated, and the receipt says so.
 */
import { createActor, createActorFeed, createSubject, type Feed, type Subject } from '@ipse/lab'
import type { CameraSource, IpseStepEvent } from '@ipse/web'

/** Frames drawn each second: enough for turns of half a second, light enough for the page's own thread. */
const FRAMES_PER_SECOND = 15

export interface SimulatedCamera {
  readonly source: CameraSource
  prompt(step: IpseStepEvent['step']): void
}

interface Model {
  readonly landmarks: readonly number[]
  readonly response: Subject['response']
}

async function loadPerson(name: string) {
  const [photo, model] = await Promise.all([
    fetch(`/sim/${name}/photo.jpg`).then((response) => response.blob()),
    fetch(`/sim/${name}/model.json`).then((answer) => answer.json() as Promise<Model>),
  ])
  const picture = await createImageBitmap(photo)
  const canvas = new OffscreenCanvas(picture.width, picture.height)
  const context = canvas.getContext('2d')!
  context.drawImage(picture, 0, 0)
  const { width, height, data } = context.getImageData(0, 0, picture.width, picture.height)
  return createSubject({ width, height, data, channels: 4 }, Float32Array.from(model.landmarks), {
    response: model.response,
  })
}

export async function createSimulatedCamera(person: string): Promise<SimulatedCamera> {
  const subject = await loadPerson(person)
  let feed: Feed | undefined
  let startedMs = 0
  return {
    async source() {
      const seed = crypto.getRandomValues(new Uint32Array(1))[0]!
      const present = createActorFeed({ subject, actor: createActor({ seed }), seed })
      feed = present
      startedMs = performance.now()
      return draw(present, startedMs)
    },
    prompt: (step) => feed?.prompt(step, performance.now() - startedMs),
  }
}

/** Draws until the stream's track is stopped. */
function draw(feed: Feed, startedMs: number): MediaStream {
  const canvas = document.createElement('canvas')
  Object.assign(canvas, { width: feed.width, height: feed.height })
  const context = canvas.getContext('2d')!
  const frame = context.createImageData(feed.width, feed.height)
  const stream = canvas.captureStream(0)
  const track = stream.getVideoTracks()[0] as CanvasCaptureMediaStreamTrack
  const timer = setInterval(() => {
    if (track.readyState === 'ended') return clearInterval(timer)
    feed.render(performance.now() - startedMs, frame)
    context.putImageData(frame, 0, 0)
    track.requestFrame()
  }, 1000 / FRAMES_PER_SECOND)
  return stream
}
