/** From settings to open listeners: checks how the service would be exposed, opens its certificate, listens. */
import { readFile } from 'node:fs/promises'
import { IpseError } from '@ipse/protocol'
import {
  type CertificateSource,
  type createServer,
  exposureProblems,
  isExposed,
  listenersOf,
  type OpenListeners,
  openCertificate,
  openListeners,
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

/** @throws IpseError `settings_invalid` when an address or a certificate cannot be used */
export async function listen(
  app: Awaited<ReturnType<typeof createServer>>,
  settings: Settings,
): Promise<OpenListeners & { readonly certificate: CertificateSource | undefined }> {
  const { tls, server } = settings
  const certificate =
    tls.certificate === ''
      ? undefined
      : await openCertificate(tls, systemClock, {
          changed: (notAfter) =>
            note(`certificate: read again, good until ${new Date(notAfter).toISOString()}`),
          refused: (error) => note(`certificate: not taken, the one before stays: ${sentenceOf(error)}`),
        })
  const { trustedProxies } = server
  const open = await openListeners(app, listenersOf(settings), { certificate, trustedProxies })
  return { ...open, certificate }
}

function sentenceOf(error: unknown): string {
  return error instanceof IpseError ? error.message : 'the files cannot be used'
}
