/** A log as one file, an entry in each line. Nothing else is in it: what it is held against comes from elsewhere. */
import { encodeBundle, fromUtf8, TILE_WIDTH, utf8 } from '@ipse/protocol'
import { readNamedFile } from '../files.ts'
import type { LogSource } from './source.ts'

/** @throws IpseError `invalid_request` */
export async function linesSource(path: string): Promise<LogSource & { readonly size: number }> {
  const lines = fromUtf8(await readNamedFile(path)).split('\n')
  if (lines.at(-1) === '') lines.pop()
  return {
    name: path,
    size: lines.length,
    checkpoint: async () => undefined,
    checkpoints: async () => [],
    keys: async () => [],
    tile: async ({ level, index, width }) =>
      level === 'entries'
        ? encodeBundle(lines.slice(index * TILE_WIDTH, index * TILE_WIDTH + width).map(utf8))
        : undefined,
  }
}
