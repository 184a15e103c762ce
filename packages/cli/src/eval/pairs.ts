/** The list of pairs: a CSV with the columns a, b, mated. Paths are relative to the CSV. */
import { dirname, resolve } from 'node:path'
import { IpseError } from '@ipse/protocol'
import { parse } from 'csv-parse/sync'

export interface Pair {
  /** Indices into {@link PairList.images}. */
  readonly a: number
  readonly b: number
  readonly mated: boolean
}

export interface PairList {
  /** Absolute paths, each once. */
  readonly images: readonly string[]
  readonly pairs: readonly Pair[]
}

const MATED: ReadonlyMap<string, boolean> = new Map([
  ['1', true],
  ['true', true],
  ['0', false],
  ['false', false],
])
const COLUMNS = ['a', 'b', 'mated']

/**
 * @param path of the CSV, for messages and relative paths
 * @throws IpseError `invalid_request` naming the line
 */
export function parsePairs(path: string, content: string): PairList {
  const refuse = (what: string, cause?: unknown) =>
    new IpseError('invalid_request', `${path}: ${what}`, { cause })
  let rows: string[][]
  try {
    rows = parse(content, { bom: true, skip_empty_lines: true, trim: true })
  } catch (cause) {
    throw refuse((cause as Error).message, cause)
  }
  const header = rows[0] ?? []
  const columns = COLUMNS.map((name) => header.indexOf(name))
  if (columns.includes(-1)) throw refuse(`the first line must name the columns ${COLUMNS.join(', ')}`)
  if (rows.length < 2) throw refuse('there are no pairs')
  const known = new Map<string, number>()
  const indexOf = (file: string) => {
    const absolute = resolve(dirname(path), file)
    const index = known.get(absolute) ?? known.size
    known.set(absolute, index)
    return index
  }
  const pairs = rows.slice(1).map((row, i) => {
    const [a = '', b = '', truth = ''] = columns.map((column) => row[column])
    const mated = MATED.get(truth.toLowerCase())
    if (a === '' || b === '') throw refuse(`pair ${i + 1} lacks a file name`)
    if (mated === undefined)
      throw refuse(`pair ${i + 1}: mated must be 1 or 0, not ${JSON.stringify(truth.slice(0, 40))}`)
    return { a: indexOf(a), b: indexOf(b), mated }
  })
  return { images: [...known.keys()], pairs }
}
