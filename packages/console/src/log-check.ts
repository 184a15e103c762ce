/**
 * The audit log, checked in this browser (C2SP tlog-tiles, RFC 9162): the newest entries are hashed here, older ones are known
 * by the hashes of their tiles, and both together must be the root that the checkpoint's signature covers. An entry that was
 * changed, left out or put in gives another root.
 */
import {
  type Bytes,
  type Checkpoint,
  decodeBundle,
  decodeTile,
  equalBytes,
  IpseError,
  type LogEntry,
  leafHash,
  type NoteVerifier,
  nodeHash,
  openCheckpoint,
  parseEntry,
  sha256,
  TILE_WIDTH,
  type Tile,
  tilePath,
  tilesOf,
} from '@ipse/protocol'

/** Bundles of 256 entries that are read at most: what is shown and hashed. */
const MOST_BUNDLES = 8

/** Gives the bytes of a tile by its path, as the service does under `/v1/log/`. */
export type ReadPath = (path: string) => Promise<Uint8Array>

/** The newest entries of a log, in their order, as they came. */
export interface Part {
  /** Place of the first one: a multiple of 256. */
  readonly first: number
  readonly entries: readonly Uint8Array[]
}

export async function readPart(size: number, read: ReadPath): Promise<Part> {
  const from = Math.max(0, Math.ceil(size / TILE_WIDTH) - MOST_BUNDLES)
  const bundles = await Promise.all(
    [...tilesOf('entries', size, from)].map(async (tile) =>
      decodeBundle(await bytesOf(tile, read), tile.width),
    ),
  )
  return { first: from * TILE_WIDTH, entries: bundles.flat() }
}

/** What an entry says. @throws IpseError `log_invalid` for one that is not canonical, or in another place */
export function entriesOf({ first, entries }: Part): LogEntry[] {
  return entries.map((bytes, at) => {
    const entry = parseEntry(bytes)
    if (entry.index !== first + at) throw invalid(`entry ${first + at} says that it is ${entry.index}`)
    return entry
  })
}

/**
 * Holds the entries against a signed checkpoint.
 * @param note the checkpoint as it came
 * @param verifiers keys that are trusted
 * @returns the checkpoint, and how many entries of the part it covers
 * @throws IpseError `log_invalid` saying what is wrong
 */
export async function checkPart(
  part: Part,
  note: string,
  verifiers: readonly NoteVerifier[],
  read: ReadPath,
): Promise<{ readonly checkpoint: Checkpoint; readonly covered: number }> {
  const checkpoint = await openCheckpoint(note, verifiers)
  const { size, root } = checkpoint
  entriesOf(part)
  const covered = Math.min(part.entries.length, Math.max(0, size - part.first))
  if (covered === 0 || size > part.first + part.entries.length)
    throw invalid('the checkpoint is of another part of the log')
  const row = await Promise.all(
    [...tilesOf(1, part.first)].map(async (tile) => decodeTile(await bytesOf(tile, read), tile.width)),
  )
  const leaves = await Promise.all(part.entries.slice(0, covered).map((entry) => leafHash(entry, sha256)))
  // 256 leaves that are complete are to the tree what one leaf is, further up.
  const before = await grow({ count: 0, right: [] }, row.flat())
  const after = await grow({ count: part.first, right: before.right }, leaves)
  if (!equalBytes(await join(after.right), root))
    throw invalid('the entries do not make the root that was signed')
  return { checkpoint, covered }
}

/** The right edge of a tree: its complete subtrees, the largest first. */
interface Edge {
  readonly count: number
  readonly right: readonly Bytes[]
}

async function grow(edge: Edge, hashes: readonly Bytes[]): Promise<Edge> {
  const right = [...edge.right]
  let { count } = edge
  for (const leaf of hashes) {
    let hash = leaf
    for (let index = count; index % 2 === 1; index = (index - 1) / 2)
      hash = await nodeHash(right.pop() as Bytes, hash, sha256)
    right.push(hash)
    count++
  }
  return { count, right }
}

async function join(right: readonly Bytes[]): Promise<Bytes> {
  let root = right.at(-1) as Bytes
  for (const hash of right.slice(0, -1).toReversed()) root = await nodeHash(hash, root, sha256)
  return root
}

function bytesOf(tile: Tile, read: ReadPath): Promise<Uint8Array> {
  return read(tilePath(tile))
}

function invalid(what: string): IpseError {
  return new IpseError('log_invalid', what)
}
