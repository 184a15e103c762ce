/** Writes a log into a folder, in the layout of C2SP tlog-tiles: any web server that serves it serves the log. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { IpseError, levelsOf, parseCheckpoint, parseNote, type Tile, tilePath, tilesOf } from '@ipse/protocol'
import { fileError } from '../files.ts'
import { LOG_FILES, type LogSource } from './source.ts'

/** @returns how many entries there are @throws IpseError `log_invalid` for a log without a checkpoint */
export async function exportLog(
  source: LogSource,
  folder: string,
  tell: (done: number, total: number) => void = () => {},
): Promise<number> {
  const newest = await source.checkpoint()
  if (newest === undefined)
    throw new IpseError('log_invalid', `${source.name} has no checkpoint yet: the running service signs one`)
  const { size } = parseCheckpoint(parseNote(newest).text)
  for (const tile of tilesOf('entries', size)) {
    await copy(source, folder, tile)
    tell(tile.index * 256 + tile.width, size)
  }
  for (const level of levelsOf(size))
    for (const tile of tilesOf(level, size)) await copy(source, folder, tile)
  const notes = await source.checkpoints()
  await write(folder, LOG_FILES.checkpoints, notes.map((note) => `${note}\n`).join(''))
  await write(folder, LOG_FILES.keys, (await source.keys()).map((key) => `${key}\n`).join(''))
  // Last: what a checkpoint covers is there before it.
  await write(folder, LOG_FILES.checkpoint, newest)
  return size
}

async function copy(source: LogSource, folder: string, tile: Tile): Promise<void> {
  const bytes = await source.tile(tile)
  if (!bytes) throw new IpseError('log_invalid', `${source.name} lacks ${tilePath(tile)}`)
  await write(folder, tilePath(tile), bytes)
}

async function write(folder: string, name: string, content: string | Uint8Array): Promise<void> {
  const path = join(folder, name)
  try {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, content)
  } catch (cause) {
    throw fileError(path, cause)
  }
}
