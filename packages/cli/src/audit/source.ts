/**
 * Where a log is read from, in the layout of C2SP tlog-tiles: a folder, an address, or the store of an installation. What comes
 * out of it is believed by nobody yet.
 */
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { IpseError, noteText, type Tile, tilePath } from '@ipse/protocol'
import { fileError } from '../files.ts'

export interface LogSource {
  /** For people. */
  readonly name: string
  /** The newest signed checkpoint; undefined when the log has none. */
  checkpoint(): Promise<string | undefined>
  /** Earlier ones, the oldest first. */
  checkpoints(): Promise<readonly string[]>
  /** Verifier keys that the log itself names. */
  keys(): Promise<readonly string[]>
  /** Undefined when it is not there. */
  tile(tile: Tile): Promise<Uint8Array | undefined>
}

/** Names of the files beside `tile/`, and of the operations of `/v1/log`. */
export const LOG_FILES = { checkpoint: 'checkpoint', checkpoints: 'checkpoints', keys: 'keys' } as const

/** Signed notes one after the other, each followed by an empty line: how they are shipped and exported. */
export function splitNotes(text: string): string[] {
  return text.split(/(?<=\n— [^\n]*\n)\n/).filter((note) => note !== '')
}

/** @param get the bytes of a file of the layout; undefined when there is none */
function sourceOf(name: string, get: (path: string) => Promise<Uint8Array | undefined>): LogSource {
  const text = async (path: string) => {
    const bytes = await get(path)
    return bytes && noteText(bytes)
  }
  return {
    name,
    checkpoint: () => text(LOG_FILES.checkpoint),
    async checkpoints() {
      const notes = new Set<string>()
      for (;;) {
        const last = [...notes].at(-1)?.split('\n')[1]
        const more = splitNotes((await text(pagePath(last))) ?? '').filter((note) => !notes.has(note))
        if (more.length === 0) return [...notes]
        for (const note of more) notes.add(note)
      }
    },
    keys: async () => ((await text(LOG_FILES.keys)) ?? '').split('\n').filter((line) => line !== ''),
    tile: (tile) => get(tilePath(tile)),
  }
}

/** A service gives so many at once; a file holds them all. */
function pagePath(after: string | undefined): string {
  return after === undefined ? LOG_FILES.checkpoints : `${LOG_FILES.checkpoints}?after=${after}`
}

/** @throws IpseError `invalid_request` when there is no such folder */
export async function folderSource(path: string): Promise<LogSource> {
  const found = await stat(path).catch((cause) => {
    throw fileError(path, cause)
  })
  if (!found.isDirectory())
    throw new IpseError('invalid_request', `${path}: this is a file, not an exported log`)
  return sourceOf(path, async (file) => {
    const [name = ''] = file.split('?')
    try {
      return await readFile(join(path, name))
    } catch (cause) {
      if (['ENOENT', 'ENOTDIR'].includes((cause as NodeJS.ErrnoException).code ?? '')) return undefined
      throw fileError(join(path, name), cause)
    }
  })
}

/** An answer takes no longer, milliseconds. */
const ANSWER_LIMIT_MS = 30_000
/** A bundle of 256 entries is 16 MiB at the very most; nothing else comes near. */
const MAX_ANSWER_BYTES = 20_000_000
/** How often an address that is busy is asked again, and the longest pause that it may ask for, seconds. */
const TRIES = 20
const LONGEST_PAUSE_S = 60

/** @param url what `checkpoint` and `tile/` follow, such as https://ipse.example/v1/log */
export function addressSource(url: string, apiKey: string | undefined): LogSource {
  const base = url.replace(/\/*$/, '/')
  const headers = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }
  const ask = (path: string) =>
    fetch(base + path, { headers, redirect: 'error', signal: AbortSignal.timeout(ANSWER_LIMIT_MS) }).catch(
      (cause) => {
        throw new IpseError('connection_lost', `${url} does not answer`, { cause })
      },
    )
  return sourceOf(url, async (path) => {
    for (let tried = 1; ; tried++) {
      const answer = await ask(path)
      if (answer.ok) return bounded(await answer.arrayBuffer(), url)
      await answer.body?.cancel()
      if (answer.status === 404) return undefined
      const busy = answer.status === 429 || answer.status === 503
      if (!busy || tried === TRIES)
        throw new IpseError('invalid_request', `${url} answered ${answer.status} for ${path}`)
      const asked = Number(answer.headers.get('retry-after') ?? 1)
      await new Promise((resolve) =>
        setTimeout(resolve, 1000 * Math.min(LONGEST_PAUSE_S, Math.max(1, asked || 1))),
      )
    }
  })
}

function bounded(answer: ArrayBuffer, url: string): Uint8Array {
  if (answer.byteLength > MAX_ANSWER_BYTES) throw new IpseError('log_invalid', `${url} answers with too much`)
  return new Uint8Array(answer)
}
