/** What attestations are checked against: roots, keys and names that the operator gives. Nothing is built in. */
import { createPublicKey, X509Certificate } from 'node:crypto'
import { fromBase64url, IpseError } from '@ipse/protocol'
import type { Settings } from '../settings.ts'
import type { AppleTrust } from './app-attest.ts'
import type { PlayTrust } from './play-integrity.ts'
import type { WebAuthnTrust } from './webauthn.ts'

/** Where a member is absent, attestations of its kind are `not-configured`: never good evidence. */
export interface AttestationTrust {
  readonly apple?: AppleTrust
  readonly play?: PlayTrust
  readonly webauthn?: WebAuthnTrust
}

const APP_ID = /^[A-Z0-9]{10}\.[A-Za-z0-9.-]{1,155}$/
const PACKAGE = /^[A-Za-z]\w*(\.[A-Za-z]\w*)+$/
const HOST = /^(?=.{1,253}$)[a-z0-9-]+(\.[a-z0-9-]+)*$/

/**
 * @param readFile reads the files that the settings name
 * @throws IpseError `settings_invalid` whose message lists every problem
 */
export function attestationTrust(
  { attestation: given, server }: Settings,
  readFile: (path: string) => string,
): AttestationTrust {
  const problems: string[] = []
  const check = <T>(name: string, what: string, read: () => T | undefined): T | undefined => {
    try {
      const value = read()
      if (value !== undefined) return value
    } catch {}
    problems.push(`attestation.${name}: ${what}`)
    return undefined
  }
  const trust = {
    apple: given.appleRootFile === '' ? undefined : apple(),
    play: given.playPackage === '' ? undefined : play(),
    webauthn: given.webauthnRpId === '' ? undefined : webauthn(),
  }
  if (problems.length > 0) throw new IpseError('settings_invalid', problems.join('\n'))
  return Object.fromEntries(Object.entries(trust).filter(([, value]) => value !== undefined))

  function apple(): AppleTrust {
    const root = check('appleRootFile', 'must be a PEM file with a root certificate on P-384', () => {
      const certificate = new X509Certificate(readFile(given.appleRootFile))
      const { namedCurve } = certificate.publicKey.asymmetricKeyDetails ?? {}
      const own = certificate.ca && certificate.verify(certificate.publicKey)
      return own && namedCurve === 'secp384r1' ? certificate : undefined
    })
    const appIds = check('appleAppIds', 'must name apps as TEAMID.bundle.identifier', () =>
      nonEmpty(given.appleAppIds, APP_ID),
    )
    return { roots: root ? [root] : [], appIds: appIds ?? [], development: given.appleDevelopment }
  }

  function play(): PlayTrust {
    const decryptionKey = check('playDecryptionKeyFile', 'must be a file with 32 bytes in base64', () => {
      const key = Buffer.from(readFile(given.playDecryptionKeyFile).trim(), 'base64')
      return key.length === 32 ? new Uint8Array(key) : undefined
    })
    const verificationKey = check(
      'playVerificationKeyFile',
      'must be a file with a public key on P-256 in base64',
      () => {
        const key = Buffer.from(readFile(given.playVerificationKeyFile).trim(), 'base64')
        const parsed = createPublicKey({ key, format: 'der', type: 'spki' })
        return parsed.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? parsed : undefined
      },
    )
    const packageName = check('playPackage', 'must be the name of an Android package', () =>
      PACKAGE.test(given.playPackage) ? given.playPackage : undefined,
    )
    const certificates = check('playCertificates', 'must list SHA-256 digests in base64url', () =>
      given.playCertificates.every((digest) => fromBase64url(digest).length === 32)
        ? nonEmpty(given.playCertificates, /./)
        : undefined,
    )
    return {
      decryptionKey: decryptionKey ?? new Uint8Array(),
      verificationKey: verificationKey as PlayTrust['verificationKey'],
      packageName: packageName ?? '',
      certificates: certificates ?? [],
    }
  }

  function webauthn(): WebAuthnTrust {
    const own = given.webauthnOrigins.length > 0 ? given.webauthnOrigins : [server.publicUrl]
    const rpId = check('webauthnRpId', 'must be a host name in lower case', () =>
      HOST.test(given.webauthnRpId) ? given.webauthnRpId : undefined,
    )
    const origins = check('webauthnOrigins', 'must be origins on that host or below it', () =>
      own.every((origin) => isOriginOn(origin, given.webauthnRpId)) ? own : undefined,
    )
    return { rpId: rpId ?? '', origins: origins ?? [] }
  }
}

function nonEmpty(list: readonly string[], pattern: RegExp): readonly string[] | undefined {
  return list.length > 0 && list.every((item) => pattern.test(item)) ? list : undefined
}

function isOriginOn(origin: string, host: string): boolean {
  if (!URL.canParse(origin)) return false
  const url = new URL(origin)
  return url.origin === origin && (url.hostname === host || url.hostname.endsWith(`.${host}`))
}
