/** Checks of what other machines reach: exposure, the certificate's end, and who may read the private keys. */
import { stat } from 'node:fs/promises'
import { exposureProblems, listenersOf, loadCertificate, type Settings } from '@ipse/server'
import { dataFolder, readSettings, systemClock } from '../installation.ts'
import { type Finding, failure, found } from './finding.ts'

const DAY_MS = 86_400_000
/** ACME clients renew 30 days before the end (certbot's default): with 21 left, three weeks of renewals have failed or none runs. */
const LEAST_DAYS = 21

/** Every listener with what it serves, or everything that would keep the service from starting. */
export function checkExposure(settings: Settings): Finding[] {
  const name = 'exposure'
  const problems = exposureProblems(settings)
  if (problems.length > 0)
    return problems.map(({ detail, advice }) => found('fail', name, detail, { advice }))
  const listeners = listenersOf(settings)
  const words = listeners.map(
    ({ surfaces, host, port, tls }) => `${surfaces.join(', ')} at ${host}:${port}${tls ? ' (TLS 1.3)' : ''}`,
  )
  return [found('ok', name, words.join('; '), { data: { listeners } })]
}

/** Read as the service would; nothing is found where it has none. */
export async function checkCertificate({ tls }: Settings, now = systemClock.now()): Promise<Finding[]> {
  if (tls.certificate === '' || tls.key === '') return []
  const name = 'certificate'
  try {
    const { notAfter } = await loadCertificate(tls, now)
    const days = Math.floor((notAfter - now) / DAY_MS)
    const detail = `${tls.certificate} is good until ${new Date(notAfter).toISOString()}, ${days} days`
    const data = { notAfter, days }
    return days < LEAST_DAYS
      ? [
          found('warn', name, detail, {
            data,
            advice: 'Renew it; a changed file is taken without a restart.',
          }),
        ]
      : [found('ok', name, detail, { data })]
  } catch (error) {
    return [failure(name, error)]
  }
}

/** The files that hold keys or what keys protect; those that are not there are no finding. */
export async function checkKeyFiles(data: string, settings: Settings): Promise<Finding[]> {
  if (process.platform === 'win32') return []
  const { keyring, store, siteKey } = dataFolder(data)
  const key = settings.tls.key
  const modes = await Promise.all([keyring, store, siteKey, ...(key === '' ? [] : [key])].map(modeOf))
  const findings = modes.flatMap(({ path, mode }) => {
    // A group may share the TLS key with a proxy (Debian's ssl-cert); everything else is the service's own.
    const others = path === key ? 0o007 : 0o077
    if (mode === undefined || (mode & others) === 0) return []
    const detail = `others may read ${path} (mode ${(mode & 0o777).toString(8)})`
    return [found('fail', 'key files', detail, { advice: `Run chmod 600 ${path}.` })]
  })
  if (findings.length > 0) return findings
  const seen = modes.filter(({ mode }) => mode !== undefined).length
  return seen === 0 ? [] : [found('ok', 'key files', `${seen} files, closed to others`)]
}

async function modeOf(path: string): Promise<{ path: string; mode: number | undefined }> {
  return stat(path).then(
    ({ mode }) => ({ path, mode }),
    () => ({ path, mode: undefined }),
  )
}

/** Nothing is found where the settings cannot be read: that is a finding of its own. */
export async function checkReach(data: string, named: Readonly<Record<string, string>>): Promise<Finding[]> {
  let settings: Settings
  try {
    settings = readSettings(named)
  } catch {
    return []
  }
  return [
    ...checkExposure(settings),
    ...(await checkCertificate(settings)),
    ...(await checkKeyFiles(data, settings)),
  ]
}
