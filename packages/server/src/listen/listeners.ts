/** From settings to the listeners: which address serves which surfaces. Pure. */
import { SURFACES, type Surface } from '../http/surface.ts'
import type { Settings } from '../settings.ts'

export interface Listener {
  readonly surfaces: readonly Surface[]
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** Speaks TLS itself. */
  readonly tls: boolean
  /** Whether its TLS asks for a client certificate. */
  readonly clientCertificates: 'off' | 'optional' | 'required'
}

/** In the order of {@link SURFACES}; surfaces with one address share one listener. */
export function listenersOf({ server, tls }: Settings): readonly Listener[] {
  const main = join(server.host, server.port)
  const addresses: Readonly<Record<Surface, string>> = {
    capture: main,
    api: server.apiListen || main,
    admin: server.adminListen || main,
  }
  return [...new Set(SURFACES.map((surface) => addresses[surface]))].map((address) => {
    const surfaces = SURFACES.filter((surface) => addresses[surface] === address)
    const own = tls.certificate !== ''
    const asks = own && surfaces.includes('api')
    return {
      surfaces,
      ...split(address),
      tls: own,
      clientCertificates: asks ? (tls.clientCertificates as Listener['clientCertificates']) : 'off',
    }
  })
}

function join(host: string, port: number): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]:${port}` : `${host}:${port}`
}

function split(address: string): { host: string; port: number } {
  const at = address.lastIndexOf(':')
  return { host: address.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(address.slice(at + 1)) }
}

/** Address by which this machine itself reaches a listener. */
export function localUrl({ host, port, tls }: Pick<Listener, 'host' | 'port' | 'tls'>): string {
  const name = ['0.0.0.0', '::', 'localhost'].includes(host) ? '127.0.0.1' : host
  return `${tls ? 'https' : 'http'}://${join(name, port)}`
}
