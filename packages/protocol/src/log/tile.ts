/**
 * The log as static files, C2SP tlog-tiles: tiles of 256 hashes (level 0 holds leaf hashes, level n those of subtrees of
 * 256^n leaves) and bundles of 256 entries. Every file but the last of its row is full and never changes again.
 */
import { type Bytes, concat } from '../encoding.ts'
import { IpseError } from '../errors.ts'
import { HASH_BYTES } from './hashing.ts'
import type { TreeNode } from './prove.ts'

export const TILE_WIDTH = 256
/** log2 of TILE_WIDTH: levels of the tree in one tile. */
export const TILE_HEIGHT = 8
/** Six levels of tiles hold 256^6 leaves, more than a number can count. */
const MAX_LEVEL = 6
/** An entry is preceded by its length in two bytes. */
export const MAX_ENTRY_BYTES = 65_535

export interface Tile {
  readonly level: number | 'entries'
  /** From the left, from 0. */
  readonly index: number
  /** Hashes or entries in it: 256, or fewer in the last of its row. */
  readonly width: number
}

/** Example: `tile/entries/x001/067.p/17`. */
export function tilePath({ level, index, width }: Tile): string {
  const groups: string[] = []
  for (let rest = index, first = true; first || rest > 0; rest = Math.floor(rest / 1000), first = false)
    groups.unshift(`${first ? '' : 'x'}${String(rest % 1000).padStart(3, '0')}`)
  return `tile/${level}/${groups.join('/')}${width === TILE_WIDTH ? '' : `.p/${width}`}`
}

/** Accepts what {@link tilePath} writes and nothing else. @throws IpseError `invalid_request` */
export function parseTilePath(path: string): Tile {
  const match = /^tile\/(entries|\d)\/((?:x\d{3}\/){0,4}\d{3})(?:\.p\/(\d{1,3}))?$/.exec(path)
  const tile = match && {
    level: match[1] === 'entries' ? ('entries' as const) : Number(match[1]),
    index: Number((match[2] as string).replaceAll(/[x/]/g, '')),
    width: match[3] === undefined ? TILE_WIDTH : Number(match[3]),
  }
  const known = tile && (tile.level === 'entries' || tile.level < MAX_LEVEL) && tile.width >= 1
  if (!known || tilePath(tile) !== path) throw new IpseError('invalid_request', 'no such tile')
  return tile
}

/** How many hashes or entries the log has in a row of tiles. */
export function rowLength(level: Tile['level'], size: number): number {
  return level === 'entries' ? size : Math.floor(size / TILE_WIDTH ** level)
}

/** The tiles of a row, from the one with the index `from`. */
export function* tilesOf(level: Tile['level'], size: number, from = 0): Generator<Tile> {
  const length = rowLength(level, size)
  for (let index = from; index * TILE_WIDTH < length; index++)
    yield { level, index, width: Math.min(TILE_WIDTH, length - index * TILE_WIDTH) }
}

/** The levels that a log of that size has tiles of. */
export function levelsOf(size: number): number[] {
  return Array.from({ length: MAX_LEVEL }, (_, level) => level).filter((level) => rowLength(level, size) > 0)
}

/** Where the hashes are that a subtree is made of: in one tile, a run of 2^n. */
export function runOf({ level, index }: TreeNode): {
  readonly level: number
  readonly first: number
  readonly count: number
} {
  const count = 2 ** (level % TILE_HEIGHT)
  return { level: Math.floor(level / TILE_HEIGHT), first: index * count, count }
}

/** @throws RangeError for an entry that is too long */
export function encodeBundle(entries: readonly Uint8Array[]): Bytes {
  return concat(
    ...entries.flatMap((entry) => {
      if (entry.length > MAX_ENTRY_BYTES) throw new RangeError('an entry is too long')
      return [Uint8Array.of(entry.length >> 8, entry.length & 255), entry]
    }),
  )
}

/** @throws IpseError `log_invalid` unless the bundle holds exactly `width` entries */
export function decodeBundle(bundle: Uint8Array, width: number): Uint8Array[] {
  const entries: Uint8Array[] = []
  let at = 0
  while (at + 2 <= bundle.length) {
    const end = at + 2 + (((bundle[at] as number) << 8) | (bundle[at + 1] as number))
    if (end > bundle.length) break
    entries.push(bundle.subarray(at + 2, end))
    at = end
  }
  if (at !== bundle.length || entries.length !== width)
    throw new IpseError('log_invalid', 'a bundle of entries is damaged')
  return entries
}

/** @throws IpseError `log_invalid` unless the tile holds exactly `width` hashes */
export function decodeTile(tile: Uint8Array, width: number): Bytes[] {
  if (tile.length !== width * HASH_BYTES) throw new IpseError('log_invalid', 'a tile has the wrong length')
  return Array.from({ length: width }, (_, at) =>
    Uint8Array.from(tile.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES)),
  )
}
