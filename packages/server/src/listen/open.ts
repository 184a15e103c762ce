/** Opens the listeners before an application. Each tells the application which surfaces it serves. */
import { createServer as createHttpServer, type IncomingMessage, type Server } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import type { TLSSocket } from 'node:tls'
import { IpseError } from '@ipse/protocol'
import type { FastifyInstance } from 'fastify'
import { type AddressList, isLoopback, parseAddressList } from '../addresses.ts'
import { HTTP_LIMITS } from '../http/limits.ts'
import { type Surface, setSurfaces } from '../http/surface.ts'
import type { CertificateSource } from './certificate.ts'
import { type Listener, localUrl } from './listeners.ts'

export interface OpenListener {
  readonly surfaces: readonly Surface[]
  /** By which this machine itself reaches it. */
  readonly url: string
}

export interface OpenListeners {
  readonly listeners: readonly OpenListener[]
  /** Takes no more, answers what was asked, closes the application and every listener; captures under way end with the application. */
  close(): Promise<void>
}

export interface ListenOptions {
  /** Needed when a listener speaks TLS. */
  readonly certificate?: CertificateSource | undefined
  /** Proxies that terminate TLS: besides this machine, the only peers that a plain listener speaks with. */
  readonly trustedProxies: readonly string[]
}

/** What is being answered at a stop has so long, milliseconds. */
const ANSWER_LIMIT_MS = 2_000

/** @throws IpseError `settings_invalid` naming the address that cannot be listened to; the others are closed again */
export async function openListeners(
  app: FastifyInstance,
  listeners: readonly Listener[],
  { certificate, trustedProxies }: ListenOptions,
): Promise<OpenListeners> {
  const isProxy = parseAddressList(trustedProxies)
  const servers: Server[] = []
  const answering = new Set<Promise<unknown>>()
  const close = async () => {
    certificate?.close()
    const closed = servers.map((server) => new Promise((resolve) => server.close(resolve)))
    await Promise.race([Promise.all(answering), wait(ANSWER_LIMIT_MS, undefined, { ref: false })])
    await app.close()
    for (const server of servers) server.closeAllConnections()
    await Promise.all(closed)
  }
  try {
    const open: OpenListener[] = []
    for (const listener of listeners) {
      const server = serverFor(listener, certificate)
      connect(server, app, listener, isProxy)
      server.on('request', (_request, reply) => {
        const answered = new Promise((resolve) => reply.once('close', resolve))
        answering.add(answered)
        answered.then(() => answering.delete(answered))
      })
      servers.push(server)
      await listen(server, listener)
      open.push({
        surfaces: listener.surfaces,
        url: localUrl({ ...listener, port: (server.address() as AddressInfo).port }),
      })
    }
    return { listeners: open, close }
  } catch (error) {
    await close()
    throw error
  }
}

function listenError(cause: NodeJS.ErrnoException, { host, port }: Listener): unknown {
  const sentences: Readonly<Record<string, string>> = {
    EADDRINUSE: `port ${port} on ${host} is in use: is Ipse running already? Choose another port, 0 for a free one`,
    EACCES: `port ${port} may not be opened by this user: choose one above 1023`,
    EADDRNOTAVAIL: `${host} is no address of this machine: choose another`,
    ENOTFOUND: `${host} is no known address: choose another`,
  }
  const sentence = sentences[cause.code ?? '']
  return sentence === undefined ? cause : new IpseError('settings_invalid', sentence, { cause })
}

function serverFor(
  { tls, clientCertificates }: Listener,
  certificate: CertificateSource | undefined,
): Server {
  if (!tls) return createHttpServer(HTTP_LIMITS)
  if (certificate === undefined) throw new TypeError('a TLS listener needs a certificate')
  const server = createHttpsServer({
    ...HTTP_LIMITS,
    ...certificate.current.options,
    requestCert: clientCertificates !== 'off',
    rejectUnauthorized: clientCertificates === 'required',
  })
  certificate.onChange(({ options }) => server.setSecureContext(options))
  // "optional" means that there may be none, not that it may be a bad one.
  if (clientCertificates === 'optional')
    server.on('secureConnection', (socket: TLSSocket) => {
      if (!socket.authorized && Object.keys(socket.getPeerCertificate()).length > 0) socket.destroy()
    })
  return server
}

/** Everything goes through the application's own router; an upgrade through its own WebSocket plug-in. */
function connect(server: Server, app: FastifyInstance, listener: Listener, isProxy: AddressList): void {
  server.on('request', (request, reply) => {
    setSurfaces(request, listener.surfaces)
    app.routing(request, reply)
  })
  server.on('upgrade', (request: IncomingMessage, socket, head) => {
    setSurfaces(request, listener.surfaces)
    app.server.emit('upgrade', request, socket, head)
  })
  server.on('clientError', (error, socket) => app.server.emit('clientError', error, socket))
  if (listener.tls || isLoopback(listener.host)) return
  // Plain HTTP is for the declared proxy; whoever goes around it meets a closed door.
  server.on('connection', (socket: Socket) => {
    const peer = socket.remoteAddress ?? ''
    if (!isLoopback(peer) && !isProxy(peer)) socket.destroy()
  })
}

function listen(server: Server, listener: Listener): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => reject(listenError(cause, listener)))
    server.listen({ host: listener.host, port: listener.port }, resolve)
  })
}
