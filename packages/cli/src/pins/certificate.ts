/** Where pins come from: the certificate that a server shows, one in a file, and spare keys. */
import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'
import { connect } from 'node:tls'
import { pinOf } from '@ipse/client'
import { IpseError } from '@ipse/protocol'
import { readNamedFile } from '../files.ts'

/** For the connection and the handshake together, milliseconds. */
const CONNECT_LIMIT_MS = 10_000

/** @throws IpseError `invalid_request` when it does not verify: a pin of a stranger's key pins the stranger */
export async function fetchCertificate(host: string, port: number): Promise<X509Certificate> {
  const socket = connect({ host, port, servername: host })
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('secureConnect', resolve).once('error', reject)
      socket.setTimeout(CONNECT_LIMIT_MS, () => reject(new Error('no answer in time')))
    })
    const certificate = socket.getPeerX509Certificate()
    if (certificate === undefined) throw new Error('it shows no certificate')
    return certificate
  } catch (cause) {
    const why = (cause as Error).message || (cause as NodeJS.ErrnoException).code
    throw new IpseError(
      'invalid_request',
      `${host}:${port}: ${why}. Where its certificate verifies with an authority of your own alone, hand the certificate over with --certificate`,
      { cause },
    )
  } finally {
    socket.destroy()
  }
}

/** The first certificate of a PEM file, which is the server's own where it holds a chain. */
export async function readCertificate(path: string): Promise<X509Certificate> {
  const pem = await readNamedFile(path)
  try {
    return new X509Certificate(pem)
  } catch (cause) {
    throw new IpseError('invalid_request', `${path}: not a certificate`, { cause })
  }
}

/** A spare key: a certificate, a public key, or a private key of which only the public half is looked at. */
export async function readKey(path: string): Promise<KeyObject> {
  const pem = await readNamedFile(path)
  try {
    return createPublicKey(pem)
  } catch (cause) {
    throw new IpseError('invalid_request', `${path}: neither a certificate nor a key in PEM`, { cause })
  }
}

export function pinOfKey(key: KeyObject): Promise<string> {
  return pinOf(key.export({ type: 'spki', format: 'der' }))
}
