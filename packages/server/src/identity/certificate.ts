/**
 * The certificate that a caller has shown: on our own TLS, or, where that is declared, to the proxy in front of us. TLS
 * has verified it; here it is only read.
 */
import { createHash, X509Certificate } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { toBase64url } from '@ipse/protocol'
import type { AddressList } from '../addresses.ts'

export interface PeerCertificate {
  /** SHA-256 of the certificate (DER), lower-case hex. */
  readonly fingerprint: string
  /** The URI of its subject alternative name, when it has exactly one. */
  readonly san?: string
}

/** Headers that a declared proxy sets from the certificate that it has verified; it clears them from outside. */
export const CERTIFICATE_HEADERS = {
  'x-client-cert-sha256': 'SHA-256 of the certificate in hex, with or without colons (Caddy).',
  'x-client-cert-san': 'URI of its subject alternative name; counts beside the fingerprint only.',
  'x-client-cert': 'The certificate as URL-encoded PEM (nginx: $ssl_client_escaped_cert).',
} as const

/** `x5t#S256` of RFC 8705 for a fingerprint in hex. */
export function certificateThumbprint({ fingerprint }: PeerCertificate): string {
  return toBase64url(Buffer.from(fingerprint, 'hex'))
}

/** @throws Error unless these bytes or this PEM text are one certificate */
export function readCertificate(source: string | Uint8Array): PeerCertificate {
  const certificate = new X509Certificate(source)
  const uris = sanUris(certificate.subjectAltName ?? '')
  const [san] = uris
  return {
    fingerprint: createHash('sha256').update(certificate.raw).digest('hex'),
    ...(san !== undefined && uris.length === 1 ? { san } : {}),
  }
}

/** `type:value` entries as Node writes them; values with special characters are JSON strings (CVE-2021-44532). */
const ENTRY = /([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^",]*)(?:, |$)/gy

function sanUris(subjectAltName: string): string[] {
  const uris: string[] = []
  let read = 0
  for (const [entry, type, value = ''] of subjectAltName.matchAll(ENTRY)) {
    read += entry.length
    if (type === 'URI') uris.push(value.startsWith('"') ? (JSON.parse(value) as string) : value)
  }
  return read === subjectAltName.length ? uris : []
}

/**
 * The certificate of the caller, or undefined.
 * @param proxies whose headers are believed; nobody is on it unless that was switched on
 */
export function peerCertificate(
  socket: Socket,
  headers: IncomingHttpHeaders,
  proxies: AddressList,
): PeerCertificate | undefined {
  if (proxies(socket.remoteAddress ?? '')) return forwarded(headers)
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined
  const shown = socket.getPeerX509Certificate()
  return shown && readCertificate(shown.raw)
}

function forwarded(headers: IncomingHttpHeaders): PeerCertificate | undefined {
  const { 'x-client-cert': pem, 'x-client-cert-sha256': hash, 'x-client-cert-san': san } = headers
  try {
    if (typeof pem === 'string' && pem !== '') return readCertificate(decodeURIComponent(pem))
  } catch {
    return undefined
  }
  if (typeof hash !== 'string') return undefined
  const fingerprint = hash.replaceAll(':', '').toLowerCase()
  if (!/^[0-9a-f]{64}$/.test(fingerprint)) return undefined
  return { fingerprint, ...(typeof san === 'string' && san !== '' ? { san } : {}) }
}
