/** A WebSocket as an ordered inbox: no message is lost before somebody asks for it, and its end is an error with a name. */
import { IpseError } from '@ipse/protocol'

export interface Inbox {
  send(data: string | Uint8Array<ArrayBuffer>): void
  /** The next text message. @throws IpseError `connection_lost` at the end, or the signal's reason */
  receive(): Promise<string>
  close(): void
}

export function openInbox(url: string, signal: AbortSignal): Inbox {
  signal.throwIfAborted()
  const socket = new WebSocket(url)
  socket.binaryType = 'arraybuffer'
  const waiting: string[] = []
  let wanted: PromiseWithResolvers<string> | undefined
  let end: unknown

  function finish(reason: unknown): void {
    end ??= reason
    signal.removeEventListener('abort', abort)
    wanted?.reject(end)
    wanted = undefined
  }
  function abort(): void {
    finish(signal.reason)
    socket.close()
  }
  signal.addEventListener('abort', abort)
  socket.addEventListener('message', ({ data }) => {
    if (typeof data !== 'string') return
    if (wanted) wanted.resolve(data)
    else waiting.push(data)
    wanted = undefined
  })
  socket.addEventListener('error', () => finish(new IpseError('connection_lost')))
  socket.addEventListener('close', () => finish(new IpseError('connection_lost')))

  return {
    send(data) {
      if (socket.readyState !== WebSocket.OPEN) throw end ?? new IpseError('connection_lost')
      socket.send(data)
    },
    receive() {
      const next = waiting.shift()
      if (next !== undefined) return Promise.resolve(next)
      if (end !== undefined) return Promise.reject(end)
      wanted = withResolvers<string>()
      return wanted.promise
    },
    close() {
      finish(new IpseError('connection_lost'))
      socket.close(1000)
    },
  }
}

interface PromiseWithResolvers<T> {
  readonly promise: Promise<T>
  resolve(value: T): void
  reject(reason: unknown): void
}

/** `Promise.withResolvers` for browsers from before 2024. */
function withResolvers<T>(): PromiseWithResolvers<T> {
  let settle!: { resolve: (value: T) => void; reject: (reason: unknown) => void }
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject }
  })
  return { promise, ...settle }
}
