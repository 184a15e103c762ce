/**
 * Whether the service may be reached from other machines the way it is set up: never over plain HTTP that no proxy
 * shields, never with what development leaves open. Each listener is judged by itself. Pure.
 */

import { isLoopback, parseAddressList } from '../addresses.ts'
import type { Settings } from '../settings.ts'
import { type Listener, listenersOf } from './listeners.ts'

export interface ExposureProblem {
  readonly detail: string
  /** What to do. */
  readonly advice: string
}

/** A token of fewer characters is guessed sooner or later: 32 of base64url hold 192 bits. */
const LEAST_TOKEN_LENGTH = 32

/** All that is wrong, and what to do about each; nothing when the service may start. */
export function exposureProblems(settings: Settings): readonly ExposureProblem[] {
  const listeners = listenersOf(settings)
  return [
    ...addressProblems(settings),
    ...tlsProblems(settings, listeners),
    ...listeners
      .filter(({ host }) => !isLoopback(host))
      .flatMap((listener) => [...listenerProblems(settings, listener)]),
  ]
}

/** Other machines reach the service: at a listener, or through what the public address says. */
export function isExposed(settings: Settings): boolean {
  const { publicUrl } = settings.server
  return (
    !isLoopback(new URL(publicUrl).hostname) || listenersOf(settings).some(({ host }) => !isLoopback(host))
  )
}

function* addressProblems({ server }: Settings): Generator<ExposureProblem> {
  for (const name of ['publicUrl', 'apiUrl', 'adminUrl'] as const) {
    const address = server[name]
    if (address === '') continue
    const { protocol, hostname } = new URL(address)
    if (protocol !== 'https:' && !isLoopback(hostname))
      yield {
        detail: `server.${name} is ${address}: browsers give no camera to plain HTTP, and tokens would travel in the clear`,
        advice: `Put a proxy with TLS in front, or set tls.certificate, and set server.${name} to the https:// address.`,
      }
  }
  try {
    parseAddressList(server.trustedProxies)
  } catch (error) {
    yield {
      detail: `server.trustedProxies: ${(error as Error).message}`,
      advice: 'Name the proxies as 10.0.0.2 or 10.0.0.0/24, separated by commas.',
    }
  }
}

function* tlsProblems({ server, tls }: Settings, listeners: readonly Listener[]): Generator<ExposureProblem> {
  if ((tls.certificate === '') !== (tls.key === ''))
    yield { detail: 'tls.certificate and tls.key go together', advice: 'Set both, or neither.' }
  if (tls.certificate !== '' && !server.publicUrl.startsWith('https:'))
    yield {
      detail: `server.publicUrl is ${server.publicUrl}, but the listeners speak TLS`,
      advice: 'Set server.publicUrl to the https:// address.',
    }
  if (tls.clientCertificates === 'off') return
  if (tls.certificate === '' || tls.clientCa === '')
    yield {
      detail: `tls.clientCertificates is ${tls.clientCertificates}, but there is nothing to verify certificates with`,
      advice: 'Set tls.certificate, tls.key and tls.clientCa, or let the proxy ask for certificates.',
    }
  if (listeners.some((listener) => listener.clientCertificates === 'required' && serves(listener, 'capture')))
    yield {
      detail: 'tls.clientCertificates is required at the address that browsers reach, and browsers have none',
      advice: 'Set server.apiListen to an address of its own.',
    }
}

function* listenerProblems({ server, metrics }: Settings, listener: Listener): Generator<ExposureProblem> {
  const where = `${settingOf(listener)} is ${listener.host}`
  if (!listener.tls && !(server.publicUrl.startsWith('https:') && server.trustedProxies.length > 0))
    yield {
      detail: `${where}: other machines would reach Ipse over plain HTTP`,
      advice:
        'Set tls.certificate and tls.key; or put a proxy with TLS in front, set server.publicUrl to its https:// address and server.trustedProxies to the proxy; or stay on 127.0.0.1.',
    }
  if (server.development)
    yield {
      detail: `${where}: other machines would reach a service that accepts simulated cameras`,
      advice: 'Start without --dev (server.development=false), or stay on 127.0.0.1.',
    }
  if (serves(listener, 'admin') && metrics.token.length < LEAST_TOKEN_LENGTH)
    yield {
      detail: `${where}: administration is reachable, and metrics.token ${metrics.token === '' ? 'is empty' : `has fewer than ${LEAST_TOKEN_LENGTH} characters`}`,
      advice:
        'Set server.adminListen=127.0.0.1:8421; or put the output of "openssl rand -hex 32" into a file that IPSE_METRICS_TOKEN_FILE names.',
    }
}

function serves({ surfaces }: Listener, surface: Listener['surfaces'][number]): boolean {
  return surfaces.includes(surface)
}

function settingOf(listener: Listener): string {
  if (serves(listener, 'capture')) return 'server.host'
  return serves(listener, 'api') ? 'server.apiListen' : 'server.adminListen'
}
