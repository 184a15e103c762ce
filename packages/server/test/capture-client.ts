/**
 * The browser's half of the capture protocol, for tests: `runCapture` plays a whole capture, `CaptureClient` lets a test
 * send single messages, also wrong ones.
 */
import {
  acceptOffer,
  applyCue,
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
  type OutcomeMessage,
  type PasskeyAsk,
  type PasskeyHindrance,
  publicJwk,
  type RecordHeaders,
  type RecordKind,
  type Sealer,
  type SeenHeader,
  type ServerMessage,
  type Start,
  type StepMessage,
  type SubmitHeader,
  signBytes,
  type Transcript,
  thumbprint,
  toBase64url,
  transcriptStatement,
  utf8,
} from '@ipse/protocol'
import WebSocket from 'ws'
import { sha256 } from '../src/node-crypto.ts'

export const TEST_SDK = 'ipse-test/0.1.0'

/** Facts of an ordinary laptop camera. */
export const CAMERA_FACTS: CaptureFacts = {
  label: 'Integrated Camera (04f2:b6d9)',
  trackType: 'MediaStreamTrack',
  settings: { groupId: 'f00d', deviceId: 'cafe', width: 640, height: 480, frameRate: 30 },
  mediaApiNative: true,
  webdriver: false,
  userAgent: 'test',
}

type DeviceKey = Awaited<ReturnType<typeof createDeviceKey>>

export interface ClientOptions {
  /** Where to connect; the public capture URL goes into the proof. */
  readonly socketUrl: string
  readonly captureUrl: string
  readonly captureToken: string
  readonly origin?: string | undefined
  readonly sdk?: string
  readonly pair?: DeviceKey
  /** Another sealer, for tests that need its secrets. */
  readonly createSealer?: typeof createSealer
  /** Hears T and its signature before they are sent. */
  readonly onSubmit?: (end: SubmitHeader) => void
  /** Seconds since the epoch for the proof. */
  readonly now?: () => number
  /** Further headers of the handshake, as a proxy sets them. */
  readonly headers?: Readonly<Record<string, string>>
  /** Hangs up when the server says nothing for so long, milliseconds; waits for ever when undefined. */
  readonly patienceMs?: () => number | undefined
  readonly alter?: Alteration
}

/** What a client does that is none of ours. */
export interface Alteration {
  /** Changes a record before it is sealed: the chain goes on with what this returns. */
  record?(kind: RecordKind, plain: Uint8Array): Uint8Array
  /** Sends these instead. */
  wire?(message: string | Uint8Array): readonly (string | Uint8Array)[]
}

type Received = { readonly text: string; readonly message: ServerMessage }

export class CaptureClient {
  readonly #socket: WebSocket
  readonly #inbox: Received[] = []
  #wake: (() => void) | undefined
  #sealer: Sealer | undefined
  transcript: Transcript | undefined
  closed = false
  closeCode: number | undefined
  readonly options: ClientOptions
  readonly pair: DeviceKey

  private constructor(options: ClientOptions, pair: DeviceKey) {
    this.options = options
    this.pair = pair
    const { origin, headers = {} } = options
    this.#socket = new WebSocket(options.socketUrl, {
      headers,
      ...(origin === undefined ? {} : { origin }),
    })
    this.#socket.on('message', (data) => {
      const text = data.toString()
      this.#inbox.push({ text, message: JSON.parse(text) as ServerMessage })
      this.#wake?.()
    })
    const end = (code?: number) => {
      this.closed = true
      this.closeCode ??= code
      this.#wake?.()
    }
    this.#socket.on('close', end)
    this.#socket.on('error', () => end())
  }

  static async connect(options: ClientOptions): Promise<CaptureClient> {
    return new CaptureClient(options, options.pair ?? (await createDeviceKey()))
  }

  /** The next message; undefined when the socket has closed. */
  async next(): Promise<Received | undefined> {
    while (this.#inbox.length === 0) {
      if (this.closed) return undefined
      const patienceMs = this.options.patienceMs?.()
      const impatient = patienceMs === undefined ? undefined : setTimeout(() => this.close(), patienceMs)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      clearTimeout(impatient)
    }
    return this.#inbox.shift()
  }

  async expect<T extends ServerMessage['type']>(type: T): Promise<Extract<ServerMessage, { type: T }>> {
    const received = await this.next()
    if (received?.message.type !== type)
      throw new Error(`expected ${type}, got ${received === undefined ? 'a closed socket' : received.text}`)
    return received.message as Extract<ServerMessage, { type: T }>
  }

  sendJson(value: unknown): void {
    this.send(JSON.stringify(value))
  }

  sendBytes(bytes: Uint8Array): void {
    this.send(bytes)
  }

  send(message: string | Uint8Array): void {
    for (const sent of this.options.alter?.wire?.(message) ?? [message]) this.#socket.send(sent)
  }

  async hello(
    change: Partial<{
      nonce: string
      htu: string
      sdk: string
      protocol: string
      iat: number
      unable: string
    }> = {},
  ) {
    const { nonce } = await this.expect('welcome')
    const { captureToken: token, captureUrl, sdk = TEST_SDK, now = () => Date.now() / 1000 } = this.options
    const proof = await createProof(this.pair, {
      htm: 'GET',
      htu: change.htu ?? captureUrl.replace(/^ws/, 'http'),
      nonce: change.nonce ?? nonce,
      token,
      iat: change.iat ?? Math.floor(now()),
    })
    const hello = { protocol: change.protocol ?? CAPTURE_PROTOCOL, token, proof, sdk: change.sdk ?? sdk }
    const { unable } = change
    this.sendJson({ type: 'hello', ...hello, ...(unable === undefined ? {} : { unable }) })
  }

  /** Opens the sealed channel as `start` asks. */
  async open({ sessionId, challengeId, kem }: Start): Promise<void> {
    const { captureToken, now = () => Date.now() / 1000 } = this.options
    const seal = this.options.createSealer ?? createSealer
    const jkt = await thumbprint(await publicJwk(this.pair.publicKey))
    const scope = { sessionId, challengeId, kid: kem.kid, jkt }
    this.#sealer = await seal(await acceptOffer(kem, scope, captureToken, now()), scope)
    this.transcript = await beginTranscript({ ...scope, sdk: this.options.sdk ?? TEST_SDK })
    this.sendJson({ type: 'open', enc: toBase64url(this.#sealer.enc) })
  }

  /** Seals a record without sending it; `previous` is the true chain head unless given. */
  async seal<K extends RecordKind>(
    kind: K,
    header: RecordHeaders[K],
    body?: Uint8Array,
    previous?: string,
  ): Promise<Uint8Array> {
    if (!this.transcript || !this.#sealer) throw new Error('not open')
    const plain = encodeRecord(kind, header, previous ?? toBase64url(this.transcript.head), body)
    const record = new Uint8Array(this.options.alter?.record?.(kind, plain) ?? plain)
    this.transcript = await extendTranscript(this.transcript, record, sha256)
    return this.#sealer.seal(record)
  }

  async record<K extends RecordKind>(kind: K, header: RecordHeaders[K], body?: Uint8Array): Promise<void> {
    this.sendBytes(await this.seal(kind, header, body))
  }

  async seen({ index }: StepMessage, text: string): Promise<void> {
    await this.record('seen', { step: index, digest: toBase64url(sha256(utf8(text))), shownUs: 1 })
  }

  async submit(attest?: Attest, ask?: PasskeyAsk): Promise<void> {
    const head = this.transcript?.head ?? new Uint8Array(32)
    const signature = await signBytes(this.pair.privateKey, transcriptStatement(head))
    const header = { digest: toBase64url(head), signature: toBase64url(signature) }
    this.options.onSubmit?.(header)
    const shown = await attest?.(head, ask)
    const proof = typeof shown === 'string' ? { passkey: shown } : { attestation: shown }
    await this.record('submit', shown === undefined ? header : ({ ...header, ...proof } as SubmitHeader))
  }

  close(): void {
    this.#socket.close()
  }
}

/** A proof over T, or why there is none; nothing of either when undefined. */
export type Attest = (
  transcript: Uint8Array,
  ask: PasskeyAsk | undefined,
) => Promise<DeviceAttestation | PasskeyHindrance | undefined>

export interface Shot {
  readonly jpeg: Uint8Array
  readonly capturedUs: number
}

/** What stands before the camera: told of every step and of every change in it, asked for every frame. */
export interface Camera {
  onStep?(step: ChallengeStep, index: number): void
  frame(): Shot | Promise<Shot>
}

export interface CaptureResult {
  readonly outcome?: OutcomeMessage
  readonly error?: string
  readonly frames: number
  readonly closeCode: number | undefined
  readonly steps: readonly ChallengeStep[]
}

/** Plays one capture from welcome to the end, one frame at a time. */
export async function runCapture(
  options: ClientOptions & {
    readonly camera: Camera
    readonly facts?: CaptureFacts
    /** What is said about a cue that was seen; the truth when absent. */
    readonly seeCue?: (seen: SeenHeader) => readonly SeenHeader[]
    /** The device's proof over T, sent with the signed end. */
    readonly attest?: Attest
    /** Called at named moments, to do something else there. */
    readonly interfere?: (client: CaptureClient, moment: 'before-submit') => Promise<void>
  },
): Promise<CaptureResult> {
  const client = await CaptureClient.connect(options)
  const steps: ChallengeStep[] = []
  let frames = 0
  const result = (end: { outcome?: OutcomeMessage; error?: string }): CaptureResult => ({
    ...end,
    frames,
    steps,
    closeCode: client.closeCode,
  })
  let step: StepMessage | undefined
  const shoot = async () => {
    const { jpeg, capturedUs } = await options.camera.frame()
    const header = { frame: frames++, capturedUs, step: step?.index ?? 0, width: 640, height: 480 }
    await client.record('frame', header, jpeg)
  }
  let started = false
  for (;;) {
    if (!started) {
      await client.hello()
      started = true
    }
    const received = await client.next()
    if (!received) return result({})
    const { message, text } = received
    if (message.type === 'start') {
      await client.open(message)
      await client.record('facts', options.facts ?? CAMERA_FACTS)
    } else if (message.type === 'step') {
      step = message
      steps.push(message.step)
      options.camera.onStep?.(message.step, message.index)
      await client.seen(message, text)
      await shoot()
    } else if (message.type === 'cue') {
      const { type: _, step: index, index: number, ...cue } = message
      const digest = toBase64url(sha256(utf8(text)))
      const seen = { step: index, cue: number, digest, shownUs: 1 }
      for (const header of options.seeCue?.(seen) ?? [seen]) await client.record('seen', header)
      if (step?.index !== index) continue
      step = { ...step, step: applyCue(step.step, cue) }
      options.camera.onStep?.(step.step, index)
    } else if (message.type === 'guide') {
      if (message.hint !== 'well-done') await shoot()
    } else if (message.type === 'finish') {
      await options.interfere?.(client, 'before-submit')
      await client.submit(options.attest, message.passkey)
    } else if (message.type === 'outcome') {
      while (await client.next()) {}
      return result({ outcome: message })
    } else if (message.type === 'error') {
      while (await client.next()) {}
      return result({ error: message.code })
    }
  }
}
