/**
 * The list of presentations: a CSV with the columns path, label, species and, where known, subject. Paths are relative to
 * the CSV. Terms: ISO/IEC 30107-3 (bona fide, presentation attack, PAI species).
 */
import { dirname, resolve } from 'node:path'
import { listError, parseList } from './csv.ts'

export interface Sample {
  /** Absolute path of an image or a clip. */
  readonly path: string
  /** Line of the list, for messages. */
  readonly line: number
  /** The PAI species of an attack; absent: bona fide. */
  readonly species?: string
  /** The person in front of the camera, where the list says so. */
  readonly subject?: string
}

export interface SampleList {
  readonly samples: readonly Sample[]
  /** Every sample names its subject. */
  readonly subjects: boolean
}

/** Names go into reports and policy files. */
const MAX_NAME = 80

/**
 * @param path of the CSV, for messages and relative paths
 * @throws IpseError `invalid_request` naming the line
 */
export function parseSamples(path: string, content: string): SampleList {
  const { rows, optional } = parseList(path, content, ['path', 'label', 'species'], ['subject'])
  if (rows.length === 0) throw listError(path, 'there are no samples')
  const seen = new Map<string, number>()
  const samples = rows.map(({ line, cells }): Sample => {
    const refuse = (what: string) => listError(path, `line ${line}: ${what}`)
    if (cells.path === '') throw refuse('path is empty')
    const file = resolve(dirname(path), cells.path)
    const earlier = seen.get(file)
    if (earlier !== undefined)
      throw refuse(`this sample is in line ${earlier} already; counted twice it would be no further evidence`)
    seen.set(file, line)
    if (cells.label !== 'bona-fide' && cells.label !== 'attack')
      throw refuse(`label must be bona-fide or attack, not ${JSON.stringify(cells.label.slice(0, 40))}`)
    for (const name of [cells.species, cells.subject ?? ''])
      if (name.length > MAX_NAME) throw refuse(`a name has more than ${MAX_NAME} characters`)
    const attack = cells.label === 'attack'
    if (attack && cells.species === '') throw refuse('an attack names its species, for example print-photo')
    const subject = cells.subject ?? ''
    return {
      path: file,
      line,
      ...(attack ? { species: cells.species } : {}),
      ...(subject === '' ? {} : { subject }),
    }
  })
  const subjects = optional.length > 0 && samples.every(({ subject }) => subject !== undefined)
  return { samples, subjects }
}
