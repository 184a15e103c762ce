/**
 * Checks of inclusion and consistency proofs, RFC 9162 §2.1.3.2 and §2.1.4.2. A proof that does not fit is an answer,
 * not an error; whoever asked decides what it means. Sizes are numbers: above 2^53 nothing is proved.
 */
import { type Bytes, equalBytes, sha256 as webSha256 } from '../encoding.ts'
import { type AnySha256, HASH_BYTES, nodeHash } from './hashing.ts'

export interface Inclusion {
  /** Of the leaf, from 0. */
  readonly index: number
  /** Of the tree. */
  readonly size: number
  /** Hash of the leaf. */
  readonly leaf: Uint8Array
  readonly proof: readonly Uint8Array[]
}

/** The root that the proof leads to; undefined when no tree of that size has such a proof. */
export async function inclusionRoot(
  { index, size, leaf, proof }: Inclusion,
  sha256: AnySha256 = webSha256,
): Promise<Bytes | undefined> {
  if (!isSize(index) || !isSize(size) || index >= size || ![leaf, ...proof].every(isHash)) return undefined
  let [position, last] = [index, size - 1]
  let root = new Uint8Array(leaf)
  for (const hash of proof) {
    if (last === 0) return undefined
    if (position % 2 === 1 || position === last) {
      root = await nodeHash(hash, root, sha256)
      while (position % 2 === 0 && position !== 0) [position, last] = [half(position), half(last)]
    } else root = await nodeHash(root, hash, sha256)
    ;[position, last] = [half(position), half(last)]
  }
  return last === 0 ? root : undefined
}

export async function verifyInclusion(
  inclusion: Inclusion,
  root: Uint8Array,
  sha256: AnySha256 = webSha256,
): Promise<boolean> {
  const found = await inclusionRoot(inclusion, sha256)
  return found !== undefined && equalBytes(found, root)
}

export interface Head {
  readonly size: number
  readonly root: Uint8Array
}

/**
 * Whether the proof shows that the tree `after` begins with all of the tree `before`. Every tree begins with the empty one;
 * to ask for a proof of it is a mistake, and none holds.
 */
export async function verifyConsistency(
  before: Head,
  after: Head,
  proof: readonly Uint8Array[],
  sha256: AnySha256 = webSha256,
): Promise<boolean> {
  if (!isSize(before.size) || !isSize(after.size) || before.size > after.size) return false
  if (before.size === 0) return false
  if (before.size === after.size) return proof.length === 0 && equalBytes(before.root, after.root)
  if (![before.root, after.root, ...proof].every(isHash)) return false
  let [position, last] = [before.size - 1, after.size - 1]
  while (position % 2 === 1) [position, last] = [half(position), half(last)]
  // A tree before of a power of two is a subtree of the other one: its root is not repeated.
  const [first, ...rest] = position === 0 ? [before.root, ...proof] : proof
  if (!first) return false
  let [old, now]: [Uint8Array, Uint8Array] = [first, first]
  for (const hash of rest) {
    if (last === 0) return false
    if (position % 2 === 1 || position === last) {
      old = await nodeHash(hash, old, sha256)
      now = await nodeHash(hash, now, sha256)
      while (position % 2 === 0 && position !== 0) [position, last] = [half(position), half(last)]
    } else now = await nodeHash(now, hash, sha256)
    ;[position, last] = [half(position), half(last)]
  }
  return last === 0 && equalBytes(old, before.root) && equalBytes(now, after.root)
}

const half = (value: number) => Math.floor(value / 2)
const isSize = (value: number) => Number.isSafeInteger(value) && value >= 0
const isHash = (hash: Uint8Array) => hash.length === HASH_BYTES
