/** Tiles, entries and proofs of a tenant's log, out of the store. */
import {
  type Bytes,
  concat,
  consistencyMembers,
  encodeBundle,
  IpseError,
  inclusionMembers,
  type ProofMember,
  proofFromTiles,
  TILE_WIDTH,
  type Tile,
} from '@ipse/protocol'
import { sha256 } from '../node-crypto.ts'
import type { LogStore } from '../store/log-records.ts'

type Reading = Pick<LogStore, 'logHead' | 'readLogEntries' | 'readLogHashes'>

/**
 * The bytes of a tile or bundle. A shorter one than there is may be asked for: somebody may be at an earlier checkpoint.
 * @throws IpseError `not_found` when the log is not that long
 */
export async function readTile(store: Reading, tenant: string, tile: Tile): Promise<Bytes> {
  const { level, index, width } = tile
  const first = index * TILE_WIDTH
  const parts =
    level === 'entries'
      ? await store.readLogEntries(tenant, first, width)
      : await store.readLogHashes(tenant, level, first, width)
  if (parts.length !== width) throw new IpseError('not_found', 'the log is not that long')
  return level === 'entries' ? encodeBundle(parts) : concat(...parts)
}

/** @throws IpseError `invalid_request` unless index < size ≤ size of the log */
export async function proveInclusion(
  store: Reading,
  tenant: string,
  index: number,
  size: number,
): Promise<Bytes[]> {
  return prove(store, tenant, size, () => inclusionMembers(index, size))
}

/** @throws IpseError `invalid_request` unless from ≤ to ≤ size of the log */
export async function proveConsistency(
  store: Reading,
  tenant: string,
  from: number,
  to: number,
): Promise<Bytes[]> {
  return prove(store, tenant, to, () => consistencyMembers(from, to))
}

async function prove(
  store: Reading,
  tenant: string,
  size: number,
  members: () => ProofMember[],
): Promise<Bytes[]> {
  const refuse = () => new IpseError('invalid_request', 'the log is not that long, or the sizes are swapped')
  const { frontier } = await store.logHead(tenant)
  if (size > frontier.size) throw refuse()
  const read = ({ level, index, width }: Tile) =>
    store.readLogHashes(tenant, level as number, index * TILE_WIDTH, width)
  try {
    return await proofFromTiles(members(), size, read, sha256)
  } catch (error) {
    throw error instanceof RangeError ? refuse() : error
  }
}
