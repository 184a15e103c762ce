/** What is remembered of a log between two looks: whoever comes back with a shorter or another one is caught. */
import { randomBytes } from 'node:crypto'
import { open, readFile, rename, rm } from 'node:fs/promises'
import { type Checkpoint, fromBase64, IpseError, toBase64 } from '@ipse/protocol'
import { fileError } from '../files.ts'
import type { Anchor } from './anchors.ts'

export interface Remembered {
  readonly head: Anchor
  /** Of the log, as they were believed at the first look. */
  readonly keys: readonly string[]
}

const FORMAT = 'ipse-log-state/1'

/** @throws IpseError `invalid_request`; undefined when the file does not exist yet */
export async function readState(path: string): Promise<Remembered | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw fileError(path, cause)
  }
  try {
    const { format, origin, size, root, note, keys } = JSON.parse(text) as Record<string, unknown>
    if (
      format !== FORMAT ||
      typeof origin !== 'string' ||
      !Number.isSafeInteger(size) ||
      typeof note !== 'string' ||
      !Array.isArray(keys)
    )
      throw new TypeError('members')
    const from = `what was remembered in ${path}`
    const head = { origin, size: size as number, root: fromBase64(String(root)), note, from, cosignatures: 0 }
    return { head, keys: keys.map(String) }
  } catch (cause) {
    throw new IpseError('invalid_request', `${path}: this is no remembered head of a log`, { cause })
  }
}

/** Whole or not at all, and on the disk before it returns. @throws IpseError `invalid_request` */
export async function writeState(
  path: string,
  { origin, size, root }: Pick<Checkpoint, 'origin' | 'size' | 'root'>,
  note: string,
  keys: readonly string[],
): Promise<void> {
  const content = { format: FORMAT, origin, size, root: toBase64(root), note, keys }
  const draft = `${path}.${randomBytes(6).toString('hex')}`
  try {
    const file = await open(draft, 'wx', 0o600)
    await file.writeFile(`${JSON.stringify(content, null, 2)}\n`)
    await file.sync().finally(() => file.close())
    await rename(draft, path)
  } catch (cause) {
    await rm(draft, { force: true })
    throw fileError(path, cause)
  }
}
