/**
 * A capture device without a browser: plays a camera against a running service, frame by frame in real time, as
 * protocol/capture-messages.ts draws the conversation. Runs where WebSocket and WebCrypto are (Node 24, browsers).
 */
import {
  acceptOffer,
  applyCue,
  type Bytes,
  beginTranscript,
  CAPTURE_PROTOCOL,
  type CaptureFacts,
  type ChallengeStep,
  createDeviceKey,
  createProof,
  createSealer,
  type DeviceAttestation,
  encodeRecord,
  extendTranscript,
  type Guidance,
  type Outcome,
  type PasskeyAsk,
  type PasskeyHindrance,
  publicJwk,
  type RecordHeaders,
  type RecordKind,
  type SeenHeader,
  type Start,
  type StepMessage,
  sha256,
  signBytes,
  thumbprint,
  toBase64url,
  transcriptStatement,
  utf8,
} from '@ipse/protocol'
import { type CaptureSocket, errorOf, type Line, openLine, openSocket } from './capture-line.ts'

export { type Authenticator, createAuthenticator } from './authenticator.ts'

export { type CaptureSocket, openSocket } from './capture-line.ts'

export interface CaptureCamera {
  /**
   * The picture at a moment: JPEG in the size that `start` of the conversation asks for.
   * @param step what the subject has been asked, a new object for every step and after every cue
   * @param tMs milliseconds since the capture began
   * @param framesPerSecond what the service asks for in this step
   */
  frame(step: ChallengeStep, tMs: number, framesPerSecond: number): Promise<Uint8Array>
}

export interface CaptureOptions {
  /** `ws:` or `wss:` address from the created session. */
  readonly captureUrl: string
  readonly captureToken: string
  /** Origin of the page that would run the capture. */
  readonly origin: string
  readonly camera: CaptureCamera
  /** What the device says about itself. */
  readonly facts: CaptureFacts
  readonly sdk?: string
  /** The device key; a further attempt must use the one of the first. */
  readonly device?: Awaited<ReturnType<typeof createDeviceKey>>
  /** What the device shows over T at the end, or why nothing; neither when undefined. */
  readonly attest?: (
    transcript: Bytes,
    ask: PasskeyAsk | undefined,
  ) => Promise<DeviceAttestation | PasskeyHindrance | undefined>
  /** Hears what the service asks of the camera before the first picture. */
  readonly onStart?: (start: Start) => void
  /** Opens the connection; a plain WebSocket when absent. Attacks put themselves in between here. */
  readonly connect?: (url: string, origin: string) => CaptureSocket
}

export interface CaptureResult {
  readonly outcome: Outcome
  readonly attemptsLeft: number
  readonly hint?: Guidance
  readonly frames: number
  /** What was asked, in order. */
  readonly asked: readonly ChallengeStep[]
  /** Hint after each frame, in order. */
  readonly guidance: readonly Guidance[]
}

export const LAB_SDK = 'ipse-lab/0.1.0'

/** What a laptop's built-in camera would say; for tests of everything but the signal `capture-device`. */
export const PLAUSIBLE_FACTS: CaptureFacts = {
  label: 'Integrated Camera (04f2:b6d9)',
  trackType: 'MediaStreamTrack',
  settings: { deviceId: 'c0ffee', groupId: 'f00d', width: 640, height: 480, frameRate: 30 },
  mediaApiNative: true,
  webdriver: false,
  userAgent: LAB_SDK,
}

/**
 * Runs one capture to its outcome.
 * @throws IpseError with the service's code, or `connection_lost`
 */
export async function runCapture(options: CaptureOptions): Promise<CaptureResult> {
  const line = openLine((options.connect ?? openSocket)(options.captureUrl, options.origin))
  try {
    const { device, sdk } = await greet(line, options)
    const start = await line.expect('start')
    options.onStart?.(start)
    const channel = await openChannel(line, start, options.captureToken, device, sdk)
    // Who plays a person agrees to a screen that changes its colours, unless the facts say something else.
    const facts: CaptureFacts = start.colours ? { colours: 'agreed', ...options.facts } : options.facts
    await channel.send('facts', () => facts)
    return await play(line, channel, start, options)
  } finally {
    line.close()
  }
}

type DeviceKey = NonNullable<CaptureOptions['device']>

async function greet(
  line: Line,
  { captureUrl, captureToken: token, sdk = LAB_SDK, device }: CaptureOptions,
): Promise<{ device: DeviceKey; sdk: string }> {
  const key = device ?? (await createDeviceKey())
  const { nonce } = await line.expect('welcome')
  const htu = new URL(captureUrl)
  htu.protocol = htu.protocol.replace('ws', 'http')
  const iat = Math.floor(Date.now() / 1000)
  const proof = await createProof(key, { htm: 'GET', htu: `${htu.origin}${htu.pathname}`, nonce, token, iat })
  line.send(JSON.stringify({ type: 'hello', protocol: CAPTURE_PROTOCOL, token, proof, sdk }))
  return { device: key, sdk }
}

/** From the first step to the outcome: frames in real time, as fast as the service has asked and answers. */
async function play(
  line: Line,
  channel: Channel,
  { capture: { inFlight } }: Start,
  { camera, attest = async () => undefined }: Pick<CaptureOptions, 'camera' | 'attest'>,
): Promise<CaptureResult> {
  const began = performance.now()
  const asked: ChallengeStep[] = []
  const guidance: Guidance[] = []
  let step: StepMessage | undefined
  let frames = 0
  let ended = false
  let failure: unknown
  let change = Promise.withResolvers<void>()
  const changed = () => {
    change.resolve()
    change = Promise.withResolvers()
  }

  const tellSeen = async (text: string, what: Pick<SeenHeader, 'step' | 'cue'>) => {
    const digest = toBase64url(await sha256(utf8(text)))
    const shownUs = Math.round((performance.now() - began) * 1000)
    await channel.send('seen', () => ({ ...what, digest, shownUs }))
  }

  async function film(): Promise<void> {
    let dueMs = performance.now()
    while (!ended) {
      const shown = step
      if (shown === undefined || frames - guidance.length >= inFlight) {
        await change.promise
        continue
      }
      const earlyMs = dueMs - performance.now()
      if (earlyMs > 0) {
        await pause(earlyMs)
        continue
      }
      // A camera that kept up takes its pictures at even times; one that did not begins again from now.
      const rate = rateOf(shown)
      dueMs = Math.max(dueMs + 1000 / rate, performance.now() - LAG_MS)
      const tMs = performance.now() - began
      const jpeg = await camera.frame(shown.step, tMs, rate)
      // A cue moves the dot while the picture is taken; another step makes the picture one of the step before.
      if (ended || step?.index !== shown.index) continue
      const header = {
        frame: frames++,
        capturedUs: Math.round(tMs * 1000),
        step: shown.index,
        ...sizeOf(jpeg),
      }
      await channel.send('frame', () => header, jpeg)
    }
  }
  const filming = film().catch((error: unknown) => {
    failure = error
    line.close()
  })
  try {
    for (;;) {
      const { text, message } = await line.receive()
      if (message.type === 'step') {
        step = undefined
        asked.push(message.step)
        await tellSeen(text, { step: message.index })
        step = message
        changed()
      } else if (message.type === 'cue') {
        if (step?.index === message.step) step = { ...step, step: applyCue(step.step, message) }
        await tellSeen(text, { step: message.step, cue: message.index })
      } else if (message.type === 'guide') {
        guidance.push(message.hint)
        changed()
      } else if (message.type === 'finish') {
        step = undefined
        await channel.submit((transcript) => attest(transcript, message.passkey))
      } else if (message.type === 'outcome') {
        const { type: _, ...outcome } = message
        return { ...outcome, frames, asked, guidance }
      } else throw errorOf(message)
    }
  } catch (error) {
    throw failure ?? error
  } finally {
    ended = true
    changed()
    await filming
  }
}

/** A camera that is behind by more than this does not catch up, milliseconds. */
const LAG_MS = 200

/** The rate of pictures: the usual one, or what the step asks of the camera. */
function rateOf({ step, framesPerSecond }: StepMessage): number {
  return step.kind === 'camera-constraint' ? step.framesPerSecond : framesPerSecond
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}

/** Width and height from the frame header (SOF0–SOF2) of a JPEG, ITU-T T.81 B.2.2. */
function sizeOf(jpeg: Uint8Array): { width: number; height: number } {
  const view = new DataView(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength)
  for (let at = 2; at + 9 < jpeg.length; at += 2 + view.getUint16(at + 2)) {
    const marker = view.getUint16(at)
    if (marker >= 0xffc0 && marker <= 0xffc2)
      return { height: view.getUint16(at + 5), width: view.getUint16(at + 7) }
  }
  throw new TypeError('the camera gave no JPEG')
}

interface Channel {
  /** Sends a record after all before it; its header is made when its turn has come. */
  send<K extends RecordKind>(kind: K, header: () => RecordHeaders[K], body?: Uint8Array): Promise<void>
  submit(attest: (transcript: Bytes) => ReturnType<NonNullable<CaptureOptions['attest']>>): Promise<void>
}

async function openChannel(
  line: Line,
  start: Start,
  token: string,
  device: DeviceKey,
  sdk: string,
): Promise<Channel> {
  const { sessionId, challengeId, kem } = start
  const jkt = await thumbprint(await publicJwk(device.publicKey))
  const scope = { sessionId, challengeId, kid: kem.kid, jkt }
  const sealer = await createSealer(await acceptOffer(kem, scope, token, Date.now() / 1000), scope)
  let transcript = await beginTranscript({ ...scope, sdk })
  let queue: Promise<void> = Promise.resolve()
  line.send(JSON.stringify({ type: 'open', enc: toBase64url(sealer.enc) }))

  async function write<K extends RecordKind>(kind: K, header: RecordHeaders[K], body?: Uint8Array) {
    const record = encodeRecord(kind, header, toBase64url(transcript.head), body)
    transcript = await extendTranscript(transcript, record)
    line.send(await sealer.seal(record))
  }
  const inTurn = (work: () => Promise<void>) => {
    queue = queue.then(work)
    return queue
  }
  return {
    send: (kind, header, body) => inTurn(() => write(kind, header(), body)),
    submit: (attest) =>
      inTurn(async () => {
        const { head } = transcript
        const shown = await attest(head)
        const signature = toBase64url(await signBytes(device.privateKey, transcriptStatement(head)))
        await write('submit', {
          digest: toBase64url(head),
          signature,
          ...(shown === undefined
            ? {}
            : typeof shown === 'string'
              ? { passkey: shown }
              : { attestation: shown }),
        })
      }),
  }
}
