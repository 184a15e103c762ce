/** From texts to settings: the CLI reads environment and files, this knows what the texts mean and refuses all that mean nothing. */
import { IpseError } from '@ipse/protocol'
import { type AnyRow, type Kind, type Row, SETTINGS, type Settings } from './settings.ts'

/** Variables of the same prefix that belong to relying parties' programs, not to the service. */
const FOREIGN_VARIABLES = new Set(['IPSE_URL', 'IPSE_API_KEY'])

export interface SettingSources {
  /** Environment variables; only names that begin with `IPSE_` are looked at. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** Values by setting name, for example from `--set`. They win over the environment. */
  readonly named?: Readonly<Record<string, string | undefined>>
  /** Reads the file that an `IPSE_…_FILE` variable names. */
  readonly readFile?: (path: string) => string
}

/**
 * Settings from text.
 * @throws IpseError `settings_invalid` whose message lists every problem, without secret values
 */
export function parseSettings({ environment = {}, named = {}, readFile }: SettingSources = {}): Settings {
  const problems: string[] = []
  const texts = new Map<string, string>()
  const byEnv = new Map<string, AnyRow>(SETTINGS.map((row) => [row.env, row]))
  for (const [variable, text] of Object.entries(environment)) {
    if (!variable.startsWith('IPSE_') || text === undefined || FOREIGN_VARIABLES.has(variable)) continue
    const row = byEnv.get(variable)
    const fileRow = byEnv.get(variable.replace(/_FILE$/, ''))
    if (row) texts.set(row.name, text)
    else if (fileRow && 'secret' in fileRow && readFile) {
      try {
        texts.set(fileRow.name, readFile(text).replace(/\r?\n$/, ''))
      } catch {
        problems.push(`${variable}: the file cannot be read`)
      }
    } else problems.push(`${variable}: there is no such setting`)
  }
  const names = new Set<string>(SETTINGS.map((row) => row.name))
  for (const [name, text] of Object.entries(named)) {
    if (text === undefined) continue
    if (names.has(name)) texts.set(name, text)
    else problems.push(`${name}: there is no such setting`)
  }
  const groups: Record<string, Record<string, unknown>> = {}
  for (const row of SETTINGS) {
    const [group = '', member = ''] = row.name.split('.')
    const text = texts.get(row.name)
    const value = text === undefined ? row.default : parseValue(row, text, problems)
    groups[group] = { ...groups[group], [member]: value }
  }
  if (problems.length > 0) throw new IpseError('settings_invalid', problems.join('\n'))
  for (const group of Object.values(groups)) Object.freeze(group)
  return Object.freeze(groups) as unknown as Settings
}

function parseValue(row: Row<string, Kind>, text: string, problems: string[]): unknown {
  const refuse = (want: string) => {
    problems.push(`${row.name}: ${row.secret ? 'the value' : JSON.stringify(text)} is not ${want}`)
    return row.default
  }
  const { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER } = row
  switch (row.type) {
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : refuse('true or false')
    case 'integer': {
      const value = /^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN
      return value >= min && value <= max ? value : refuse(`a whole number from ${min} to ${max}`)
    }
    case 'url':
      return isBaseUrl(text)
        ? text.replace(/\/$/, '')
        : refuse('an http(s) address without path, query or user')
    case 'list':
      return text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== '')
    case 'listen':
      return text === '' || isListenAddress(text) ? text : refuse('host:port, as 10.0.0.5:8421 or [::1]:8421')
    case 'string':
      return row.choices === undefined || row.choices.includes(text)
        ? text
        : refuse(`one of ${row.choices.join(', ')}`)
  }
}

function isListenAddress(text: string): boolean {
  const port = /^(?:\[[0-9a-fA-F:.]+\]|[^\s:[\]/]+):(\d{1,5})$/.exec(text)?.[1]
  return port !== undefined && Number(port) <= 65_535
}

function isBaseUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const url = new URL(text)
  return /^https?:$/.test(url.protocol) && url.origin === text.replace(/\/$/, '')
}
