/**
 * The browser's half of the conversation that protocol/capture-messages.ts draws, from `welcome` to `outcome`. It shows
 * what it is told to show and sends what the camera sees; it judges nothing.
 */
import {
  type Bytes,
  CAPTURE_PROTOCOL,
  type CaptureFacts,
  type CueMessage,
  createProof,
  type Finish,
  type Guide,
  type Hello,
  type Hindrance,
  IpseError,
  type OutcomeMessage,
  type PasskeyAsk,
  publicJwk,
  type SeenHeader,
  type ServerMessage,
  type Start,
  type StepMessage,
  sha256,
  thumbprint,
  toBase64url,
  utf8,
} from '@ipse/protocol'
import { openRecordChannel, type RecordChannel, type Shown } from './record-channel.ts'
import type { CaptureFormat, FrameSource } from './recorder.ts'
import { parseServerMessage } from './server-messages.ts'
import { type Inbox, openInbox } from './socket.ts'
import { SDK } from './version.ts'

/** Who knocks, and where. */
export interface Visitor {
  readonly url: string
  readonly token: string
  /** Bound to the token by the first conversation: retries must use the same. */
  readonly device: CryptoKeyPair
  readonly signal: AbortSignal
}

export interface Conversation extends Visitor {
  readonly facts: CaptureFacts
  /** Frames in the format that the service asks for. */
  frames(format: CaptureFormat): FrameSource
  /** Asks the person whether the screen may change its colours. */
  colours(): Promise<'agreed' | 'declined'>
  /** Shows the step; resolves with the time at which it was on screen, milliseconds of the monotonic clock. */
  show(step: StepMessage, steps: number): Promise<number>
  guide(guide: Guide): void
  /** Within the step that is shown; resolves with the time at which the screen was told, milliseconds. */
  cue(cue: CueMessage): Promise<number>
  /** Asks the person for a passkey whose challenge is T; the answer is the passkey's, or why there is none. */
  passkey(ask: PasskeyAsk, transcript: Bytes): Promise<Shown>
  /** All steps are done or over: the assessment begins. */
  finish(): void
}

/** The HTTP form of the capture address without query: what a proof of possession names as `htu`. */
export function proofAddress(url: string): string {
  const address = new URL(url)
  address.protocol = address.protocol.replace('ws', 'http')
  address.search = ''
  address.hash = ''
  return address.href
}

/** @throws IpseError with the service's code, `connection_lost`, or the signal's reason */
export async function converse(conversation: Conversation): Promise<OutcomeMessage> {
  const { url, token, device, signal } = conversation
  const inbox = openInbox(url, signal)
  try {
    await greet(inbox, conversation)
    const start = (await expect(inbox.receive(), 'start')).message
    const jkt = await thumbprint(await publicJwk(device.publicKey))
    const channel = await openRecordChannel({ start, token, device, jkt, sdk: SDK, transmit: inbox.send })
    inbox.send(JSON.stringify({ type: 'open', enc: channel.enc }))
    const asked = start.colours === true ? { colours: await conversation.colours() } : {}
    await channel.send('facts', () => ({ ...conversation.facts, ...asked }))
    return await capture(conversation, start, channel, () => inbox.receive())
  } finally {
    inbox.close()
  }
}

/** Says why no capture begins, so that the relying party can read it. @throws IpseError with the service's answer */
export async function tellUnable(visitor: Visitor, unable: Hindrance): Promise<void> {
  const inbox = openInbox(visitor.url, visitor.signal)
  try {
    await greet(inbox, visitor, unable)
    await inbox.receive()
  } finally {
    inbox.close()
  }
}

async function greet(inbox: Inbox, { url, token, device }: Visitor, unable?: Hindrance): Promise<void> {
  const { nonce, protocol } = (await expect(inbox.receive(), 'welcome')).message
  const iat = Math.floor(Date.now() / 1000)
  const proof = await createProof(device, { htm: 'GET', htu: proofAddress(url), nonce, token, iat })
  const hello: Hello = { type: 'hello', protocol: CAPTURE_PROTOCOL, token, proof, sdk: SDK }
  inbox.send(JSON.stringify(unable === undefined ? hello : { ...hello, unable }))
  if (protocol === CAPTURE_PROTOCOL) return
  // The service has our hello, notes for the relying party that this page is out of date, and says so. Nothing else follows.
  await inbox.receive()
  throw new IpseError('unsupported_version')
}

interface Received<T extends ServerMessage['type']> {
  readonly message: Extract<ServerMessage, { type: T }>
}

async function expect<T extends 'welcome' | 'start'>(next: Promise<string>, type: T): Promise<Received<T>> {
  const message = parseServerMessage(await next)
  if (message.type === 'error') throw new IpseError(message.code)
  if (message.type !== type) throw new IpseError('unsupported_version', `expected ${type}`)
  return { message: message as Extract<ServerMessage, { type: T }> }
}

/** From the first step to the outcome. */
async function capture(
  conversation: Conversation,
  start: Start,
  channel: RecordChannel,
  receive: () => Promise<string>,
): Promise<OutcomeMessage> {
  const ended = new AbortController()
  const signal = AbortSignal.any([conversation.signal, ended.signal])
  const pump = createPump(conversation.frames(start.capture), channel, start.capture.inFlight, signal)
  const tellSeen = async (text: string, what: Pick<SeenHeader, 'step' | 'cue'>, shownMs: number) => {
    const digest = toBase64url(await sha256(utf8(text)))
    await channel.send('seen', () => ({ ...what, digest, shownUs: Math.round(shownMs * 1000) }))
  }
  const talk = async () => {
    for (;;) {
      const text = await receive()
      const message = parseServerMessage(text)
      if (message.type === 'step') {
        pump.pause()
        await tellSeen(text, { step: message.index }, await conversation.show(message, start.steps))
        pump.resume(message)
      } else if (message.type === 'guide') {
        pump.answered(message.frame)
        conversation.guide(message)
      } else if (message.type === 'cue') {
        await tellSeen(text, { step: message.step, cue: message.index }, await conversation.cue(message))
      } else if (message.type === 'finish') {
        pump.pause()
        await submit(conversation, channel, message)
      } else if (message.type === 'outcome') return message
      else if (message.type === 'error') throw new IpseError(message.code)
      else throw new IpseError('unsupported_version', `unexpected ${message.type}`)
    }
  }
  try {
    return await Promise.race([talk(), pump.run()])
  } finally {
    ended.abort()
    pump.stop()
  }
}

/** T stands once the last frame has gone; from then on nothing changes it, however long the person takes. */
async function submit(
  conversation: Conversation,
  channel: RecordChannel,
  { passkey }: Finish,
): Promise<void> {
  if (passkey === undefined) {
    conversation.finish()
    return channel.submit()
  }
  await channel.submit(async (transcript) => {
    const shown = await conversation.passkey(passkey, transcript)
    conversation.finish()
    return shown
  })
}

interface Pump {
  /** Sends frames until the signal is aborted; never resolves. */
  run(): Promise<never>
  pause(): void
  /** Frames from now on show the answer to this step. */
  resume(step: StepMessage): void
  /** The service has seen this frame and all before it. */
  answered(frame: number): void
  stop(): void
}

/** Takes a frame when the service has room for one, and drops those that were taken while another step was shown. */
function createPump(
  source: FrameSource,
  channel: RecordChannel,
  inFlight: number,
  signal: AbortSignal,
): Pump {
  let step: StepMessage | undefined
  let sent = 0
  let seen = 0
  let wake = () => {}

  const ready = async () => {
    while (step === undefined || sent - seen >= inFlight) {
      await new Promise<void>((resolve) => {
        wake = resolve
      })
      signal.throwIfAborted()
    }
    return step
  }
  signal.addEventListener('abort', () => wake())

  return {
    async run() {
      for (;;) {
        const shown = await ready()
        const { jpeg, capturedUs, width, height } = await source.next(signal, shown.framesPerSecond)
        if (step !== shown) {
          jpeg.fill(0)
          continue
        }
        const frame = sent++
        await channel.send('frame', () => ({ frame, capturedUs, step: shown.index, width, height }), jpeg)
      }
    },
    pause() {
      step = undefined
    },
    resume(next) {
      step = next
      wake()
    },
    answered(frame) {
      seen = Math.max(seen, frame + 1)
      wake()
    },
    stop: () => source.stop(),
  }
}
