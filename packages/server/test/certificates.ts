/** Certificates for tests, made anew each time: authorities, servers and clients, right ones and wrong ones. */
import 'reflect-metadata'
import { randomBytes, webcrypto } from 'node:crypto'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const DAY_MS = 86_400_000

export interface Issued {
  readonly certificate: string
  readonly key: string
}

export interface Wish {
  readonly name: string
  readonly use: 'server' | 'client'
  /** Alternative names; servers of tests are localhost and 127.0.0.1 unless they say otherwise. */
  readonly names?: readonly { readonly type: 'dns' | 'ip' | 'url'; readonly value: string }[]
  /** Days from now: from when until when; a day ago until in 90 days by default. */
  readonly days?: readonly [number, number]
}

export interface Authority {
  /** PEM of the authority's own certificate. */
  readonly certificate: string
  issue(wish: Wish): Promise<Issued>
}

const LOCAL = [
  { type: 'dns', value: 'localhost' },
  { type: 'ip', value: '127.0.0.1' },
] as const

async function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return (await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair
}

async function toPem({ privateKey }: webcrypto.CryptoKeyPair): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', privateKey)).toString('base64')
  return `-----BEGIN PRIVATE KEY-----\n${der.replace(/.{64}(?=.)/g, '$&\n')}\n-----END PRIVATE KEY-----\n`
}

function inDays(days: number): Date {
  return new Date(Date.now() + days * DAY_MS)
}

function pem(certificate: X509Certificate): string {
  return `${certificate.toString('pem')}\n`
}

export async function createAuthority(name = 'Ipse test authority'): Promise<Authority> {
  const keys = await newKeys()
  const own = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    serialNumber: serialNumber(),
    notBefore: inDays(-30),
    notAfter: inDays(365),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  async function issue({ name: subject, use, names, days = [-1, 90] }: Wish): Promise<Issued> {
    const leaf = await newKeys()
    const purpose = use === 'server' ? ExtendedKeyUsage.serverAuth : ExtendedKeyUsage.clientAuth
    const alternatives = names ?? (use === 'server' ? LOCAL : [])
    const certificate = await X509CertificateGenerator.create({
      subject: `CN=${subject}`,
      issuer: own.subject,
      serialNumber: serialNumber(),
      notBefore: inDays(days[0]),
      notAfter: inDays(days[1]),
      publicKey: leaf.publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([purpose]),
        ...(alternatives.length > 0 ? [new SubjectAlternativeNameExtension([...alternatives])] : []),
        await SubjectKeyIdentifierExtension.create(leaf.publicKey),
        await AuthorityKeyIdentifierExtension.create(keys.publicKey),
      ],
    })
    return { certificate: pem(certificate), key: await toPem(leaf) }
  }
  return { certificate: pem(own), issue }
}

function serialNumber(): string {
  return `01${randomBytes(8).toString('hex')}`
}
