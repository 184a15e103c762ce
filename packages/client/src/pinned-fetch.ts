/**
 * `fetch` over connections whose certificate holds a pinned key; for Node. A connection is handed to HTTP only after its
 * certificate verified as usual *and* its key is one of the pins, so that not a byte of a request reaches anybody else. Only
 * the server's own key counts: what else a server sends along in its chain is its own choice.
 */
import { concat, IpseError } from '@ipse/protocol'
import { pinOf } from './pins.ts'

type Https = typeof import('node:https')
type Tls = typeof import('node:tls')
type Agent = import('node:https').Agent
type TLSSocket = import('node:tls').TLSSocket

/** For TCP, TLS and the check of the key together, milliseconds. */
const CONNECT_LIMIT_MS = 10_000
/** Statuses that carry no body (Fetch §2.2.3). */
const NO_BODY: readonly number[] = [204, 205, 304]

export function createPinnedFetch(pins: ReadonlySet<string>): typeof fetch {
  let opened: Promise<{ readonly https: Https; readonly agent: Agent }> | undefined
  const open = async () => {
    const [https, tls] = await Promise.all([import('node:https'), import('node:tls')])
    return { https, agent: pinnedAgent(https, tls, pins) }
  }
  return async (input, init = {}) => {
    opened ??= open()
    return send(await opened, new URL(String(input)), init)
  }
}

function pinnedAgent(https: Https, tls: Tls, pins: ReadonlySet<string>): Agent {
  const agent = new https.Agent({ keepAlive: true })
  agent.createConnection = (options, done) => {
    connect(tls, options as import('node:tls').ConnectionOptions, pins).then(
      (socket) => done?.(null, socket),
      (error) => done?.(error, undefined as never),
    )
    // Not yet: HTTP gets it from `done`.
    return undefined
  }
  return agent
}

async function connect(
  tls: Tls,
  options: import('node:tls').ConnectionOptions,
  pins: ReadonlySet<string>,
): Promise<TLSSocket> {
  const socket = tls.connect(options)
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('secureConnect', resolve).once('error', reject)
      socket.setTimeout(CONNECT_LIMIT_MS, () => reject(new Error('no TLS connection in time')))
    })
    await checkPin(socket, pins)
    socket.setTimeout(0)
    return socket
  } catch (error) {
    socket.destroy()
    throw error
  }
}

async function checkPin(socket: TLSSocket, pins: ReadonlySet<string>): Promise<void> {
  const spki = socket.getPeerX509Certificate()?.publicKey.export({ type: 'spki', format: 'der' })
  const pin = spki === undefined ? 'none' : await pinOf(spki)
  if (!pins.has(pin)) throw new IpseError('pin_mismatch', `the server showed the key sha256/${pin}`)
}

function send(
  { https, agent }: { readonly https: Https; readonly agent: Agent },
  url: URL,
  { method = 'GET', headers, body, signal }: RequestInit,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const request = https.request(
      url,
      {
        agent,
        method,
        headers: Object.fromEntries(new Headers(headers)),
        ...(signal ? { signal } : {}),
      },
      async (answer) => {
        try {
          const chunks: Uint8Array[] = []
          for await (const chunk of answer) chunks.push(chunk as Uint8Array)
          const { statusCode: status = 0, headersDistinct } = answer
          if (status >= 300 && status < 400 && status !== 304) throw new TypeError('redirected')
          const fields = Object.entries(headersDistinct).flatMap(([name, values = []]) =>
            values.map((value): [string, string] => [name, value]),
          )
          resolve(
            new Response(NO_BODY.includes(status) ? null : concat(...chunks), {
              status,
              headers: fields,
            }),
          )
        } catch (error) {
          reject(error)
        }
      },
    )
    request.once('error', reject)
    request.end(typeof body === 'string' ? body : undefined)
  })
}
