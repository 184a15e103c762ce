/** What the commands of `ipse audit` take: where a log is, which keys are believed, what was remembered. */
import { IpseError } from '@ipse/protocol'
import type { Command } from 'commander'
import { readNamedFile } from '../files.ts'
import {
  type DataFlags,
  dataFlags,
  type Installation,
  openExistingInstallation,
  readSettings,
} from '../installation.ts'
import { installedLog } from './installed.ts'
import { linesSource } from './lines.ts'
import { addressSource, folderSource, type LogSource } from './source.ts'

export interface LogFlags extends DataFlags {
  readonly tenant?: string
  readonly apiKey?: string
}

export const FROM_HELP =
  'folder of "ipse audit export", file with an entry a line, or address that checkpoint and tile/ follow, such as https://ipse.example/v1/log; the data folder when absent'

export function logFlags(command: Command): Command {
  return dataFlags(command)
    .option('--tenant <name>', 'of the data folder, the log of one tenant; "" is the installation itself')
    .option('--api-key <key>', 'for an address: key with audit:read (or IPSE_API_KEY)')
}

/** Collects a repeatable option. */
export const several = (text: string, earlier: readonly string[] = []): string[] => [...earlier, text]

const ADDRESS = /^https?:\/\//

/** A log that lies outside. @throws IpseError `invalid_request` */
export async function openOutside(
  from: string,
  { apiKey }: LogFlags,
): Promise<LogSource & { readonly size?: number }> {
  if (ADDRESS.test(from)) return addressSource(from, apiKey ?? process.env.IPSE_API_KEY)
  if (/\.jsonl?$/.test(from)) return linesSource(from)
  return folderSource(from)
}

/** Runs work with the logs of the data folder. @throws IpseError `invalid_request` for a tenant without one */
export async function withInstalled<T>(
  { data, tenant }: LogFlags,
  work: (
    logs: readonly Awaited<ReturnType<typeof installedLog>>[],
    installation: Installation,
    publicUrl: string,
  ) => Promise<T>,
): Promise<T> {
  await using installation = await openExistingInstallation(data)
  const { publicUrl } = readSettings().server
  const found = await installation.store.listLogs()
  if (tenant !== undefined && !found.includes(tenant))
    throw new IpseError('invalid_request', `there is no log of ${JSON.stringify(tenant)}${listed(found)}`)
  const logs = await Promise.all(
    (tenant === undefined ? found : [tenant]).map((name) => installedLog(installation, publicUrl, name)),
  )
  // Awaited here: the store is closed when this function ends.
  return await work(logs, installation, publicUrl)
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? '' : `; there are ${names.map((name) => JSON.stringify(name)).join(', ')}`
}

/** The one log that is meant. @throws IpseError `invalid_request` when there are several or none */
export function onlyOne<T extends { readonly tenant: string }>(logs: readonly T[]): T {
  const [log, ...others] = logs
  if (!log) throw new IpseError('invalid_request', 'there is no entry in any log yet')
  if (others.length > 0)
    throw new IpseError(
      'invalid_request',
      `there are several logs: --tenant names one${listed(logs.map(({ tenant }) => tenant))}`,
    )
  return log
}

/** Verifier keys as they were given: a key itself, or a file with one in each line. */
export async function verifierTexts(given: readonly string[] | undefined): Promise<string[] | undefined> {
  if (given === undefined) return undefined
  const lists = await Promise.all(
    given.map(async (text) =>
      /^[^\s+]+\+[0-9a-f]{8}\+/.test(text)
        ? [text]
        : (await readNamedFile(text)).toString('utf8').split('\n'),
    ),
  )
  return lists.flat().filter((line) => line.trim() !== '')
}
