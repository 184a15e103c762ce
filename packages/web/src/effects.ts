/**
 * Runs what the flow asks for: camera, connection, watch, hints in time. The only file with timers. Everything of a run
 * ends with its abort signal; nothing is kept in the browser's storage.
 */
import {
  type Bytes,
  createDeviceKey,
  ERRORS,
  type Hindrance,
  IpseError,
  type PasskeyAsk,
} from '@ipse/protocol'
import { type CameraSource, constrainCamera, isLargeEnough, openCamera, stopStream } from './camera.ts'
import { createColourPace } from './challenge/colour-light.ts'
import { converse, tellUnable } from './connection.ts'
import { collectFacts } from './facts.ts'
import type { Effect, Emitted, FlowEvent } from './flow.ts'
import { hasPasskeys, usePasskey } from './passkey.ts'
import type { Shown } from './record-channel.ts'
import { createRecorder } from './recorder.ts'

/** A camera that was allowed delivers its first picture within that time, milliseconds; virtual ones may take seconds. */
const FIRST_PICTURE_MS = 10_000
/** Hidden pages are not painted; the step counts as shown after that many milliseconds at the latest. */
const PAINT_MS = 100

/** Cameras change their format in less; the step does not wait longer, milliseconds. */
const CONSTRAIN_MS = 700

/** So long the service may take to note why no capture begins, milliseconds. */
const TELL_MS = 10_000

/** What the effects need from the element. */
export interface EffectsHost {
  readonly document: Document
  dispatch(event: FlowEvent): void
  emit(event: Emitted): void
  focusHeading(): void
  /** Capture address and token. */
  session(): { readonly url: string; readonly token: string }
  camera(): { readonly source: CameraSource; readonly simulated: boolean }
  /** What the check is called, in the person's language. */
  title(): string
  /** The video element, once what was dispatched has been rendered. */
  video(): Promise<HTMLVideoElement>
}

export interface Effects {
  run(effect: Effect): void
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

function painted(): Promise<void> {
  const frame = new Promise<void>((resolve) => requestAnimationFrame(() => resolve()))
  return Promise.race([frame, pause(PAINT_MS)])
}

/** Shows the stream and waits for its first picture. @throws IpseError `camera_busy`, `camera_insufficient` */
async function play(video: HTMLVideoElement, stream: MediaStream): Promise<void> {
  video.srcObject = stream
  const picture = new Promise<true>((resolve) => {
    const look = () => video.videoWidth > 0 && resolve(true)
    for (const name of ['loadeddata', 'resize', 'playing']) video.addEventListener(name, look)
    look()
  })
  // Without a picture in time the wait below names the reason, not the refusal of play().
  video.play().catch(() => {})
  const inTime = await Promise.race([picture, pause(FIRST_PICTURE_MS)])
  if (inTime !== true) throw new IpseError('camera_busy')
  if (!isLargeEnough(video.videoWidth, video.videoHeight)) throw new IpseError('camera_insufficient')
}

export function createEffects(host: EffectsHost): Effects {
  let abort = new AbortController()
  let stream: MediaStream | undefined
  let watch: ReturnType<typeof setTimeout> | undefined
  let hint: ReturnType<typeof setTimeout> | undefined
  let answerNotice = (_agreed: boolean) => {}
  let answerPasskey = (_use: boolean) => {}
  let device:
    | { readonly token: string; readonly key: Promise<CryptoKeyPair>; readonly told: Set<Hindrance> }
    | undefined

  /** One key for one token: the service binds the first that it sees. */
  function deviceFor(token: string) {
    if (device?.token !== token) device = { token, key: createDeviceKey(), told: new Set() }
    return device
  }

  /** Each reason once. What the person reads does not wait for it, and does not change when it cannot be said. */
  async function tell(code: Hindrance): Promise<void> {
    const { url, token } = host.session()
    const { key, told } = deviceFor(token)
    if (told.has(code)) return
    told.add(code)
    const signal = AbortSignal.timeout(TELL_MS)
    await tellUnable({ url, token, device: await key, signal }, code)
  }

  function stop(): void {
    abort.abort(new IpseError('cancelled'))
    abort = new AbortController()
    stopStream(stream)
    stream = undefined
    clearTimeout(watch)
    clearTimeout(hint)
  }

  function fail(run: number, thrown: unknown): void {
    const code = thrown instanceof IpseError ? thrown.code : 'internal'
    host.dispatch({ type: 'failed', run, code, retry: ERRORS[code].retry })
  }

  async function open(run: number): Promise<void> {
    const { signal } = abort
    try {
      const opened = await openCamera(host.camera().source)
      if (signal.aborted) return stopStream(opened)
      stream = opened
      opened.getVideoTracks()[0]?.addEventListener('ended', () => fail(run, new IpseError('camera_ended')))
      const video = await host.video()
      await play(video, opened)
      if (!signal.aborted) host.dispatch({ type: 'camera', run })
    } catch (thrown) {
      if (!signal.aborted) fail(run, thrown)
    }
  }

  /** Asks, and waits for the answer; a run that ends meanwhile is over anyway. */
  function askForColours(run: number): Promise<'agreed' | 'declined'> {
    const answer = new Promise<'agreed' | 'declined'>((resolve) => {
      answerNotice = (agreed) => resolve(agreed ? 'agreed' : 'declined')
    })
    host.dispatch({ type: 'notice', run })
    return answer
  }

  /**
   * Asks until a passkey was used or the person goes on without. The authenticator is called in the person's own gesture:
   * browsers show their dialog for nothing less.
   */
  function askForPasskey(
    run: number,
    ask: PasskeyAsk,
    transcript: Bytes,
    signal: AbortSignal,
  ): Promise<Shown> {
    if (!hasPasskeys()) return Promise.resolve({ passkey: 'passkey_unsupported' })
    const answer = new Promise<Shown>((resolve) => {
      answerPasskey = (use) => {
        if (!use) return resolve({ passkey: 'passkey_declined' })
        usePasskey(ask, transcript, host.title(), signal).then((shown) =>
          shown === undefined ? host.dispatch({ type: 'passkey-missed', run }) : resolve(shown),
        )
      }
    })
    host.dispatch({ type: 'passkey', run, ceremony: ask.ceremony })
    return answer
  }

  async function connect(run: number): Promise<void> {
    const { signal } = abort
    const pace = createColourPace()
    try {
      const { url, token } = host.session()
      const track = stream?.getVideoTracks()[0]
      if (!track) throw new IpseError('camera_ended')
      const video = await host.video()
      const result = await converse({
        url,
        token,
        device: await deviceFor(token).key,
        facts: collectFacts(host.document, track, host.camera().simulated),
        frames: (format) => createRecorder(video, format, pause),
        colours: () => askForColours(run),
        async show({ index, step, limitMs }, steps) {
          if (step.kind === 'colour-light') await pause(pace(performance.now()))
          host.dispatch({ type: 'step', run, index, steps, step, limitMs })
          await Promise.race([constrainCamera(track, step), pause(CONSTRAIN_MS)])
          await host.video()
          await painted()
          return performance.now()
        },
        async cue({ type: _type, step: index, index: _index, ...cue }) {
          if ('colour' in cue) await pause(pace(performance.now()))
          host.dispatch({ type: 'cue', run, index, cue })
          return performance.now()
        },
        guide: ({ hint, progress }) =>
          host.dispatch({ type: 'guide', run, hint, progress, atMs: performance.now() }),
        passkey: (ask, transcript) => askForPasskey(run, ask, transcript, signal),
        finish: () => host.dispatch({ type: 'finish', run }),
        signal,
      })
      if (!signal.aborted) host.dispatch({ ...result, run })
    } catch (thrown) {
      if (!signal.aborted) fail(run, thrown)
    }
  }

  return {
    run(effect) {
      switch (effect.type) {
        case 'open-camera':
          open(effect.run)
          break
        case 'connect':
          connect(effect.run)
          break
        case 'answer-notice':
          answerNotice(effect.agreed)
          break
        case 'answer-passkey':
          answerPasskey(effect.use)
          break
        case 'stop':
          stop()
          break
        case 'watch':
          clearTimeout(watch)
          watch = setTimeout(() => host.dispatch({ type: 'silence', run: effect.run }), effect.ms)
          break
        case 'wake-for-hint':
          clearTimeout(hint)
          hint = setTimeout(
            () => host.dispatch({ type: 'hint-due', run: effect.run, atMs: performance.now() }),
            Math.max(0, effect.atMs - performance.now()) + 1,
          )
          break
        case 'focus':
          host.focusHeading()
          break
        case 'tell-unable':
          tell(effect.code).catch(() => {})
          break
        case 'forget':
          device = undefined
          break
        case 'emit':
          host.emit(effect.event)
          break
      }
    },
  }
}
