/**
 * One WebSocket as a queue: messages with their time of arrival, limits on size and number, waiting with a time limit.
 * What an attacker controls here: everything that comes in, and when.
 */
import { type CLOSE_DONE, type CLOSE_REFUSED, IpseError, type ServerMessage } from '@ipse/protocol'
import type { Clock } from '../deps.ts'

/** Longest JSON message of a capture device, bytes: a hello with token and proof needs about 2 kB. */
export const MAX_TEXT_BYTES = 16_384
/** Every answered frame may be followed by one message that says what was seen; beside those wait a step and submit. */
const MESSAGES_PER_FRAME = 2
const SPARE_MESSAGES = 2

/** The part of a `ws` socket that is used. */
export interface Socket {
  send(text: string): void
  close(code: number): void
  terminate(): void
  on(event: 'message', listener: (data: Buffer, isBinary: boolean) => void): unknown
  on(event: 'close' | 'error', listener: () => void): unknown
}

export type Incoming = { readonly arrivedMs: number } & (
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'binary'; readonly bytes: Uint8Array }
)

export interface Channel {
  /** Sends, and returns the very text that was sent. */
  send(message: ServerMessage): string
  /**
   * The next message; undefined when none came in time.
   * @throws IpseError `connection_lost` when the other side has gone, `challenge_mismatch` when it sent too much
   */
  next(limitMs: number): Promise<Incoming | undefined>
  close(code: typeof CLOSE_DONE | typeof CLOSE_REFUSED): void
}

export interface ChannelLimits {
  readonly inFlight: number
  readonly maxBinaryBytes: number
}

export function createChannel(socket: Socket, limits: ChannelLimits, clock: Clock): Channel {
  const most = MESSAGES_PER_FRAME * limits.inFlight + SPARE_MESSAGES
  const queue: Incoming[] = []
  let ended: IpseError | undefined
  let wake: (() => void) | undefined

  const end = (error: IpseError) => {
    ended ??= error
    wake?.()
  }
  socket.on('message', (data, isBinary) => {
    const limit = isBinary ? limits.maxBinaryBytes : MAX_TEXT_BYTES
    if (ended) return
    if (data.length > limit || queue.length >= most) {
      queue.length = 0
      end(new IpseError('challenge_mismatch', 'too much at once'))
      return
    }
    const arrivedMs = clock.monotonicMs()
    queue.push(
      isBinary
        ? { kind: 'binary', bytes: data, arrivedMs }
        : { kind: 'text', text: data.toString('utf8'), arrivedMs },
    )
    wake?.()
  })
  socket.on('close', () => end(new IpseError('connection_lost')))
  socket.on('error', () => end(new IpseError('connection_lost')))

  return {
    send(message) {
      const text = JSON.stringify(message)
      socket.send(text)
      return text
    },
    async next(limitMs) {
      const deadline = clock.monotonicMs() + limitMs
      for (;;) {
        const message = queue.shift()
        if (message) return message
        if (ended) throw ended
        const waitMs = deadline - clock.monotonicMs()
        if (!(waitMs > 0)) return undefined
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, Math.ceil(waitMs))
          wake = () => {
            clearTimeout(timer)
            resolve()
          }
        })
        wake = undefined
      }
    },
    close: (code) => socket.close(code),
  }
}
