/**
 * All that a growing log must remember: the hashes of the complete subtrees along its right edge, at most one for each
 * bit of its size. Appending costs two hashes on average, however long the log is.
 */
import { type Bytes, concat } from '../encoding.ts'
import { HASH_BYTES, nodeHash, type Sha256 } from './hashing.ts'

export interface Frontier {
  /** Number of leaves. */
  readonly size: number
  /** Of complete subtrees, the largest and leftmost first: one for each set bit of `size`. */
  readonly hashes: readonly Bytes[]
}

export const EMPTY_FRONTIER: Frontier = { size: 0, hashes: [] }

/**
 * @param leaf hash of the leaf
 * @param completed is told of every subtree that the leaf completes: 2^level leaves, the index-th of that level
 */
export function appendLeaf(
  { size, hashes }: Frontier,
  leaf: Bytes,
  sha256: Sha256,
  completed?: (level: number, index: number, hash: Bytes) => void,
): Frontier {
  const kept = [...hashes]
  let hash = leaf
  let index = size
  for (let level = 1; index % 2 === 1; level++) {
    hash = nodeHash(kept.pop() as Bytes, hash, sha256)
    index = (index - 1) / 2
    completed?.(level, index, hash)
  }
  kept.push(hash)
  return { size: size + 1, hashes: kept }
}

/** Root of the tree; SHA-256 of nothing when it is empty (RFC 9162 §2.1.1). */
export function rootOf({ hashes }: Frontier, sha256: Sha256): Bytes {
  return foldRight(hashes, sha256) ?? sha256(new Uint8Array())
}

/** Joins neighbouring complete subtrees, the largest first, into the node above them. */
export function foldRight(hashes: readonly Bytes[], sha256: Sha256): Bytes | undefined {
  let folded = hashes.at(-1)
  for (let at = hashes.length - 2; at >= 0; at--)
    folded = nodeHash(hashes[at] as Bytes, folded as Bytes, sha256)
  return folded
}

/** Inclusion proof of the leaf that is about to be appended: everything before it is to its left. */
export function nextLeafProof({ hashes }: Frontier): readonly Bytes[] {
  return hashes.toReversed()
}

/** The hashes one after the other: how a frontier is stored beside its size. */
export function packHashes({ hashes }: Frontier): Bytes {
  return concat(...hashes)
}

/** @throws RangeError when the hashes cannot be those of a log of that size */
export function unpackFrontier(size: number, packed: Uint8Array): Frontier {
  const hashes: Bytes[] = []
  for (let at = 0; at < packed.length; at += HASH_BYTES)
    hashes.push(new Uint8Array(packed.subarray(at, at + HASH_BYTES)))
  if (packed.length !== setBits(size) * HASH_BYTES) throw new RangeError('not the frontier of that size')
  return { size, hashes }
}

function setBits(size: number): number {
  let bits = 0
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) bits += rest % 2
  return bits
}
