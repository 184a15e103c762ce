/** Lists in CSV (RFC 4180) with a first line that names the columns, in any order; further columns are left alone. */
import { IpseError } from '@ipse/protocol'
import { parse } from 'csv-parse/sync'

export interface Row<C extends string> {
  /** Line in the file on which the row ends, from 1. */
  readonly line: number
  readonly cells: Readonly<Record<C, string>>
}

export interface List<C extends string> {
  readonly rows: readonly Row<C>[]
  /** Optional columns that the file has. */
  readonly optional: readonly C[]
}

/** What the parser answers with `info`. */
interface Parsed {
  readonly record: readonly string[]
  readonly info: { readonly lines: number }
}

/**
 * @param path of the file, for messages
 * @param optional columns that read as empty where they are not there
 * @throws IpseError `invalid_request` for anything that is no such list
 */
export function parseList<const C extends string>(
  path: string,
  content: string,
  columns: readonly C[],
  optional: readonly C[] = [],
): List<C> {
  let records: Parsed[]
  try {
    records = parse(content, {
      bom: true,
      skip_empty_lines: true,
      trim: true,
      info: true,
    }) as unknown as Parsed[]
  } catch (cause) {
    throw listError(path, (cause as Error).message, cause)
  }
  const [header = [], ...rows] = records.map(({ record }) => record)
  if (columns.some((name) => !header.includes(name)))
    throw listError(path, `the first line must name the columns ${columns.join(', ')}`)
  const places = [...columns, ...optional].map((name) => [name, header.indexOf(name)] as const)
  return {
    rows: rows.map((record, i) => ({
      line: records[i + 1]?.info.lines ?? 0,
      cells: Object.fromEntries(places.map(([name, at]) => [name, record[at] ?? ''])) as Record<C, string>,
    })),
    optional: optional.filter((name) => header.includes(name)),
  }
}

export function listError(path: string, what: string, cause?: unknown): IpseError {
  return new IpseError('invalid_request', `${path}: ${what}`, { cause })
}
