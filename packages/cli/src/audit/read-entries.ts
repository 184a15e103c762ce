/** Puts every entry of a source to the check, and holds the tiles above the leaves against them. */
import {
  type Bytes,
  decodeBundle,
  decodeTile,
  equalBytes,
  HASH_BYTES,
  IpseError,
  TILE_WIDTH,
  type Tile,
  type TreeNode,
  tilesOf,
} from '@ipse/protocol'
import type { EntryCheck } from './entry-check.ts'
import type { LogSource } from './source.ts'

/** Bundles that are on their way at the same time: an address is far. */
const AHEAD = 8

/** @returns the place of the first entry that is missing, if one is */
export async function readEntries(
  source: LogSource,
  size: number,
  check: EntryCheck,
  tell: (done: number) => void,
): Promise<number | undefined> {
  const tiles = [...tilesOf('entries', size)]
  const read = (tile: Tile | undefined) =>
    tile && Promise.all([bundleOf(source, tile), leavesOf(source, tile)])
  const coming = tiles.slice(0, AHEAD).map(read)
  for (const [at, { index }] of tiles.entries()) {
    const [entries, leaves] = (await coming[at]) ?? []
    delete coming[at]
    coming[at + AHEAD] = read(tiles[at + AHEAD])
    if (!entries) {
      await Promise.allSettled(coming)
      return index * TILE_WIDTH
    }
    for (const [within, entry] of entries.entries()) check.entry(entry, leaves?.[within])
    tell(check.size)
  }
  return undefined
}

async function bundleOf(source: LogSource, tile: Tile): Promise<Uint8Array[] | undefined> {
  const bytes = await source.tile(tile)
  try {
    return bytes && decodeBundle(bytes, tile.width)
  } catch (error) {
    if (error instanceof IpseError && error.code === 'log_invalid') return undefined
    throw error
  }
}

/** Leaf hashes as the log has them; one without is told apart by its checkpoints alone. */
async function leavesOf(source: LogSource, tile: Tile): Promise<readonly Bytes[] | undefined> {
  const bytes = await source.tile({ ...tile, level: 0 })
  return bytes?.length === tile.width * HASH_BYTES ? decodeTile(bytes, tile.width) : undefined
}

/** The places, at each level, where the tiles have another subtree than the entries make. A source may have no tiles. */
export async function wrongSubtrees(source: LogSource, { subtrees }: EntryCheck): Promise<TreeNode[]> {
  const wrong: TreeNode[] = []
  for (const [level, row = []] of subtrees.entries())
    for (let index = 0; index * TILE_WIDTH < row.length; index++) {
      const width = Math.min(TILE_WIDTH, row.length - index * TILE_WIDTH)
      const bytes = await source.tile({ level, index, width })
      if (bytes?.length !== width * HASH_BYTES) continue
      for (const [at, hash] of decodeTile(bytes, width).entries()) {
        const place = index * TILE_WIDTH + at
        if (!equalBytes(hash, row[place] as Bytes)) wrong.push({ level, index: place })
      }
    }
  return wrong
}
