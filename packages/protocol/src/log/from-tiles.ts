/** Proofs and roots made out of tiles, wherever these lie: in a store, in a folder, behind an address. */
import type { Bytes } from '../encoding.ts'
import { foldRight } from './frontier.ts'
import { nodeHash, type Sha256 } from './hashing.ts'
import { type ProofMember, subtreesOf, type TreeNode } from './prove.ts'
import { rowLength, runOf, TILE_WIDTH, type Tile } from './tile.ts'

/** Gives the hashes of a tile, as many as its width says. */
export type ReadTile = (tile: Tile) => Promise<readonly Bytes[]>

/**
 * The hashes of a proof. Every tile is read once.
 * @param size of the log that the tiles are of; the proof may be about an earlier size
 */
export async function proofFromTiles(
  members: readonly ProofMember[],
  size: number,
  read: ReadTile,
  sha256: Sha256,
): Promise<Bytes[]> {
  const tiles = new Map<string, Promise<readonly Bytes[]>>()
  const nodeOf = async (node: TreeNode): Promise<Bytes> => {
    const { level, first, count } = runOf(node)
    const index = Math.floor(first / TILE_WIDTH)
    const name = `${level}/${index}`
    const width = Math.min(TILE_WIDTH, rowLength(level, size) - index * TILE_WIDTH)
    const hashes = tiles.get(name) ?? read({ level, index, width })
    tiles.set(name, hashes)
    const at = first - index * TILE_WIDTH
    return foldComplete((await hashes).slice(at, at + count), sha256)
  }
  return Promise.all(
    members.map(async (member) => foldRight(await Promise.all(member.map(nodeOf)), sha256) as Bytes),
  )
}

/** Root of the first `size` leaves of a log that has `of`. @throws RangeError for an empty tree, which needs no tiles */
export async function rootFromTiles(
  size: number,
  of: number,
  read: ReadTile,
  sha256: Sha256,
): Promise<Bytes> {
  if (!(size > 0 && size <= of)) throw new RangeError('no such size')
  const [root] = await proofFromTiles([subtreesOf(0, size)], of, read, sha256)
  return root as Bytes
}

/** Joins a power of two of neighbours into the node above them. */
export function foldComplete(hashes: readonly Bytes[], sha256: Sha256): Bytes {
  let row = hashes
  while (row.length > 1)
    row = Array.from({ length: row.length / 2 }, (_, at) =>
      nodeHash(row[2 * at] as Bytes, row[2 * at + 1] as Bytes, sha256),
    )
  return row[0] as Bytes
}
