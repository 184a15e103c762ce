/** The list of pairs: a CSV with the columns a, b, mated. Paths are relative to the CSV. */
import { dirname, resolve } from 'node:path'
import { listError, parseList } from './csv.ts'

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

/**
 * @param path of the CSV, for messages and relative paths
 * @throws IpseError `invalid_request` naming the pair
 */
export function parsePairs(path: string, content: string): PairList {
  const { rows } = parseList(path, content, ['a', 'b', 'mated'])
  if (rows.length === 0) throw listError(path, 'there are no pairs')
  const known = new Map<string, number>()
  const indexOf = (file: string) => {
    const absolute = resolve(dirname(path), file)
    const index = known.get(absolute) ?? known.size
    known.set(absolute, index)
    return index
  }
  const pairs = rows.map(({ cells: { a, b, mated: truth } }, i) => {
    const mated = MATED.get(truth.toLowerCase())
    if (a === '' || b === '') throw listError(path, `pair ${i + 1} lacks a file name`)
    if (mated === undefined)
      throw listError(path, `pair ${i + 1}: mated must be 1 or 0, not ${JSON.stringify(truth.slice(0, 40))}`)
    return { a: indexOf(a), b: indexOf(b), mated }
  })
  return { images: [...known.keys()], pairs }
}
