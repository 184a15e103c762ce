/** A network that fails when it is told to: TCP between a client and a server on this machine, one fault at a time. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** How bytes are treated: on their way, kept back, or not even the connection is taken. */
type Mode = 'pass' | 'stall' | 'refuse'

export interface FaultProxy extends AsyncDisposable {
  readonly port: number
  /** Connections that stand, as the client sees them. */
  readonly connections: number
  /** Both sides hear RST. */
  reset(): void
  /** Nothing more arrives on either side, and neither hears of it. */
  stall(): void
  /** What the server says is kept back. */
  muteServer(): void
  /** The client has gone without a word: it hears RST, the server nothing. */
  halfOpen(): void
  /** Half of what the client sends next, then RST. */
  truncate(): void
  /** Resets after so many further messages of clients. */
  resetAfter(messages: number): void
  /** New connections are reset at once. */
  refuse(): void
  /** Everything goes through again; what was kept back too. */
  heal(): void
}

interface Pair {
  readonly client: Socket
  readonly server: Socket
}

export async function startFaultProxy(target: {
  readonly host: string
  readonly port: number
}): Promise<FaultProxy> {
  const pairs = new Set<Pair>()
  let mode: Mode = 'pass'
  let truncates = false
  let left = Number.POSITIVE_INFINITY
  const resetPair = ({ client, server }: Pair) => {
    client.resetAndDestroy()
    server.resetAndDestroy()
  }
  const reset = () => {
    for (const pair of pairs) resetPair(pair)
  }
  const listener = createServer({ noDelay: true }, (client) => {
    if (mode === 'refuse') {
      client.on('error', () => {})
      client.resetAndDestroy()
      return
    }
    const server = connect({ ...target, noDelay: true })
    const pair = { client, server }
    pairs.add(pair)
    for (const socket of [client, server]) socket.on('error', () => {})
    client.on('data', (bytes) => {
      if (truncates) {
        truncates = false
        server.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), () => resetPair(pair))
      } else if (left-- <= 0) {
        left = Number.POSITIVE_INFINITY
        reset()
      } else server.write(bytes)
    })
    server.on('data', (bytes) => client.write(bytes))
    client.on('end', () => server.end())
    server.on('end', () => client.end())
    server.on('close', () => {
      pairs.delete(pair)
      client.destroy()
    })
    // A client that is gone is not told of while the network stands still.
    client.on('close', () => mode === 'stall' || server.destroy())
    if (mode === 'stall') for (const socket of [client, server]) socket.pause()
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const proxy: FaultProxy = {
    port: (listener.address() as AddressInfo).port,
    get connections() {
      return pairs.size
    },
    reset,
    stall() {
      mode = 'stall'
      for (const { client, server } of pairs) {
        client.pause()
        server.pause()
      }
    },
    muteServer() {
      for (const { server } of pairs) server.pause()
    },
    halfOpen() {
      proxy.stall()
      for (const { client } of pairs) client.resetAndDestroy()
    },
    truncate() {
      truncates = true
    },
    resetAfter(messages) {
      left = messages
    },
    refuse() {
      mode = 'refuse'
      reset()
    },
    heal() {
      mode = 'pass'
      truncates = false
      left = Number.POSITIVE_INFINITY
      for (const { client, server } of pairs) {
        if (client.destroyed) server.destroy()
        client.resume()
        server.resume()
      }
    },
    async [Symbol.asyncDispose]() {
      const closed = once(listener, 'close')
      listener.close()
      reset()
      await closed
    },
  }
  return proxy
}
