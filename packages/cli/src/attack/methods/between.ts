/** A place between a device and the service: every message passes through the hands of an attacker. */
import { type CaptureSocket, openSocket } from '@ipse/lab/capture-client'

export type Message = string | Uint8Array<ArrayBuffer>

export interface Hands {
  /** What is sent instead of a message of the device; sealed records are numbered from 0, other messages have −1. */
  outgoing?(message: Message, record: number): Promise<readonly Message[]> | readonly Message[]
  /** What the device gets instead of a message of the service. */
  incoming?(text: string): Promise<string> | string
}

/** A connection for `CaptureOptions.connect`. Order is kept on both ways. */
export function inBetween(hands: Hands): (url: string, origin: string) => CaptureSocket {
  return (url, origin) => {
    const socket = openSocket(url, origin)
    socket.binaryType = 'arraybuffer'
    let records = 0
    let going: Promise<void> = Promise.resolve()
    let coming: Promise<void> = Promise.resolve()
    return {
      get readyState() {
        return socket.readyState
      },
      close: () => socket.close(),
      send(data) {
        const message = data as Message
        const record = typeof message === 'string' ? -1 : records++
        going = going.then(async () => {
          for (const passed of (await hands.outgoing?.(message, record)) ?? [message])
            if (socket.readyState === WebSocket.OPEN) socket.send(passed)
        })
        // What the attacker's hands broke ends the capture: the service hears nothing more.
        going.catch(() => socket.close())
      },
      addEventListener(type: string, listener: unknown) {
        const heard = listener as (event: { data?: string }) => void
        socket.addEventListener(type, (event) => {
          coming = coming.then(async () => {
            const { data } = event as MessageEvent
            heard(type === 'message' ? { data: (await hands.incoming?.(String(data))) ?? String(data) } : {})
          })
          coming.catch(() => socket.close())
        })
      },
    } as CaptureSocket
  }
}
