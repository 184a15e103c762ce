/**
 * The certificate of our own TLS: read from files, and read again when they change, without a restart. Files that do not
 * hold together never replace ones that do.
 */
import { X509Certificate } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { createSecureContext, type SecureContextOptions } from 'node:tls'
import { IpseError } from '@ipse/protocol'
import type { Clock } from '../deps.ts'
import type { Settings } from '../settings.ts'
import { type WatchedFiles, watchFiles } from '../watched-files.ts'

/** Only modern handshakes: every browser and runtime that can run a capture speaks it. */
const TLS_VERSION = { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3' } as const

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g

export interface Certificate {
  /** For `https.createServer` and `server.setSecureContext`. */
  readonly options: SecureContextOptions
  /** End of the certificate, milliseconds since the epoch. */
  readonly notAfter: number
}

/** @throws IpseError `settings_invalid` naming the file and what is wrong with it */
export async function loadCertificate(tls: Settings['tls'], now: number): Promise<Certificate> {
  const [cert, key] = await Promise.all([read(tls.certificate), readKey(tls.key)])
  const [leaf] = certificatesIn(tls.certificate, cert)
  const notAfter = Date.parse(leaf!.validTo)
  if (notAfter <= now) throw invalid(tls.certificate, `the certificate ended at ${leaf!.validTo}`)
  if (Date.parse(leaf!.validFrom) > now)
    throw invalid(tls.certificate, `the certificate begins at ${leaf!.validFrom}`)
  const ca = tls.clientCa === '' ? undefined : await read(tls.clientCa)
  if (ca !== undefined) certificatesIn(tls.clientCa, ca)
  const options = { cert, key, ...(ca === undefined ? {} : { ca }), ...TLS_VERSION }
  try {
    createSecureContext(options)
  } catch (cause) {
    throw invalid(tls.key, `this is not the private key of ${tls.certificate}`, cause)
  }
  return { options, notAfter }
}

function certificatesIn(path: string, pem: string): X509Certificate[] {
  try {
    const found = (pem.match(PEM_CERTIFICATE) ?? []).map((block) => new X509Certificate(block))
    if (found.length > 0) return found
  } catch (cause) {
    throw invalid(path, 'a certificate in it cannot be read', cause)
  }
  throw invalid(path, 'there is no PEM certificate in it')
}

async function readKey(path: string): Promise<string> {
  const { mode } = await stat(path).catch((cause) => {
    throw invalid(path, 'it cannot be read', cause)
  })
  if (process.platform !== 'win32' && (mode & 0o007) !== 0)
    throw invalid(path, `everybody on this machine may read the key: run chmod 600 ${path}`)
  return read(path)
}

async function read(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause) => {
    throw invalid(path, 'it cannot be read', cause)
  })
}

function invalid(path: string, what: string, cause?: unknown): IpseError {
  return new IpseError('settings_invalid', `${path}: ${what}`, { cause })
}

/** `reload` says whether the files are used now; otherwise the old ones stay, and `report` has heard why. */
export interface CertificateSource extends WatchedFiles<boolean> {
  readonly current: Certificate
  /** Calls with every new certificate from now on. */
  onChange(take: (certificate: Certificate) => void): void
}

export interface CertificateReport {
  changed(notAfter: number): void
  /** The files were not taken; the certificate before stays. */
  refused(error: unknown): void
}

/** @throws IpseError `settings_invalid` when the files are bad at the start: then there is no older certificate */
export async function openCertificate(
  tls: Settings['tls'],
  clock: Clock,
  report: CertificateReport,
  intervalMs?: number,
): Promise<CertificateSource> {
  let current = await loadCertificate(tls, clock.now())
  const takers: ((certificate: Certificate) => void)[] = []
  const take = async () => {
    try {
      current = await loadCertificate(tls, clock.now())
      for (const taker of takers) taker(current)
      report.changed(current.notAfter)
      return true
    } catch (error) {
      report.refused(error)
      return false
    }
  }
  const paths = [tls.certificate, tls.key, tls.clientCa].filter((path) => path !== '')
  return {
    ...watchFiles(paths, take, intervalMs),
    get current() {
      return current
    },
    onChange: (taker) => takers.push(taker),
  }
}
