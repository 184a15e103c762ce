/** What comes before the service listens: how it would be exposed, what development left behind, its certificate. */
import { readFile } from 'node:fs/promises'
import { IpseError } from '@ipse/protocol'
import {
  type CertificateSource,
  exposureProblems,
  isExposed,
  openCertificate,
  type Settings,
} from '@ipse/server'
import { note } from '../command.ts'
import { type Installation, systemClock } from '../installation.ts'

/** @throws IpseError `settings_invalid` naming everything that is wrong and what to do about each */
export function refuseExposure(settings: Settings): void {
  const problems = exposureProblems(settings)
  if (problems.length === 0) return
  const sentences = problems.map(({ detail, advice }) => `${detail}. ${advice}`)
  throw new IpseError('settings_invalid', sentences.join('\n'))
}

/**
 * The example site's key was made for development and lies in the data folder as it is.
 * @throws IpseError `settings_invalid` when it still opens a service that other machines reach
 */
export async function refuseDevelopmentKey(
  settings: Settings,
  { folder, store }: Pick<Installation, 'folder' | 'store'>,
): Promise<void> {
  if (settings.server.development || !isExposed(settings)) return
  const kid = (await readFile(folder.siteKey, 'utf8').catch(() => '')).split('_')[2]
  const record = kid === undefined ? undefined : await store.findApiKey(kid)
  if (record === undefined || record.revokedAt !== undefined) return
  throw new IpseError(
    'settings_invalid',
    `the key of the example site still works, and ${folder.siteKey} holds it: run "ipse keys revoke ${kid} --data ${folder.path}" and delete the file, or start with a data folder of its own`,
  )
}

/**
 * The certificate of our own TLS, watched from here on; none when the settings name none.
 * @throws IpseError `settings_invalid` naming the file and what is wrong with it
 */
export async function openTls({ tls }: Settings): Promise<CertificateSource | undefined> {
  if (tls.certificate === '') return undefined
  return openCertificate(tls, systemClock, {
    changed: (notAfter) => note(`certificate: read again, good until ${new Date(notAfter).toISOString()}`),
    refused: (error) => note(`certificate: not taken, the one before stays: ${sentenceOf(error)}`),
  })
}

function sentenceOf(error: unknown): string {
  return error instanceof IpseError ? error.message : 'the files cannot be used'
}
