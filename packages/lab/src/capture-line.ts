/** The connection of a capture device: messages come one by one, in order, until it ends. */
import { IpseError, type ServerMessage } from '@ipse/protocol'

/** The part of a WebSocket that a capture uses. */
export type CaptureSocket = Pick<WebSocket, 'send' | 'close' | 'addEventListener' | 'readyState'>

interface Received {
  /** As it came: the `seen` record carries its digest. */
  readonly text: string
  readonly message: ServerMessage
}

export interface Line {
  send(data: string | Uint8Array<ArrayBuffer>): void
  /** The next message. @throws IpseError `connection_lost` at the end */
  receive(): Promise<Received>
  expect<T extends ServerMessage['type']>(type: T): Promise<Extract<ServerMessage, { type: T }>>
  close(): void
}

/** What a message that was not expected means. */
export function errorOf(message: ServerMessage): IpseError {
  return message.type === 'error'
    ? new IpseError(message.code)
    : new IpseError('unsupported_version', `unexpected ${message.type}`)
}

export function openSocket(url: string, origin: string): WebSocket {
  // Node's WebSocket takes headers beside protocols; browsers set the origin themselves and ignore the argument.
  return new WebSocket(url, { headers: { origin } } as unknown as string[])
}

export function openLine(socket: CaptureSocket): Line {
  const waiting: Received[] = []
  let closed = false
  let wake = () => {}
  socket.addEventListener('message', ({ data }) => {
    waiting.push({ text: String(data), message: JSON.parse(String(data)) as ServerMessage })
    wake()
  })
  for (const event of ['close', 'error'] as const)
    socket.addEventListener(event, () => {
      closed = true
      wake()
    })

  async function receive(): Promise<Received> {
    for (;;) {
      const next = waiting.shift()
      if (next) return next
      if (closed) throw new IpseError('connection_lost')
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }
  return {
    receive,
    send(data) {
      // After the end there is nobody to send to; `receive` tells why.
      if (socket.readyState === WebSocket.OPEN) socket.send(data)
    },
    async expect<T extends ServerMessage['type']>(type: T) {
      const { message } = await receive()
      if (message.type !== type) throw errorOf(message)
      return message as Extract<ServerMessage, { type: T }>
    },
    close: () => socket.close(),
  }
}
