/**
 * Which hashes a proof is made of: for each of its members the complete subtrees that it joins. Pure arithmetic; where the
 * hashes come from (a store, tiles in a folder, tiles over HTTP) is the caller's affair.
 */

/** The subtree over the leaves [index · 2^level, (index + 1) · 2^level). */
export interface TreeNode {
  readonly level: number
  readonly index: number
}

/** One member of a proof: neighbouring subtrees, the largest first. */
export type ProofMember = readonly TreeNode[]

/** @throws RangeError unless 0 ≤ index < size */
export function inclusionMembers(index: number, size: number): ProofMember[] {
  if (!(Number.isSafeInteger(index) && Number.isSafeInteger(size) && index >= 0 && index < size))
    throw new RangeError('no such leaf')
  const members: ProofMember[] = []
  let [begin, end] = [0, size]
  while (end - begin > 1) {
    const middle = begin + largestPowerBelow(end - begin)
    if (index < middle) {
      members.unshift(subtreesOf(middle, end))
      end = middle
    } else {
      members.unshift(subtreesOf(begin, middle))
      begin = middle
    }
  }
  return members
}

/** @throws RangeError unless 0 ≤ from ≤ size */
export function consistencyMembers(from: number, size: number): ProofMember[] {
  if (!(Number.isSafeInteger(from) && Number.isSafeInteger(size) && from >= 0 && from <= size))
    throw new RangeError('no such sizes')
  if (from === 0 || from === size) return []
  const members: ProofMember[] = []
  let [begin, end] = [0, size]
  while (from < end) {
    const middle = begin + largestPowerBelow(end - begin)
    if (from <= middle) {
      members.unshift(subtreesOf(middle, end))
      end = middle
    } else {
      members.unshift(subtreesOf(begin, middle))
      begin = middle
    }
  }
  // The verifier knows the root of a tree that is a whole subtree of ours.
  return begin === 0 ? members : [subtreesOf(begin, end), ...members]
}

/** The complete subtrees that make up the leaves [begin, end), the largest first; `begin` is where a subtree begins. */
export function subtreesOf(begin: number, end: number): TreeNode[] {
  const nodes: TreeNode[] = []
  let at = begin
  while (at < end) {
    let level = 0
    while (2 ** (level + 1) <= end - at) level++
    nodes.push({ level, index: at / 2 ** level })
    at += 2 ** level
  }
  return nodes
}

/** The largest power of two smaller than `count`, which is 2 at least. */
function largestPowerBelow(count: number): number {
  let power = 1
  while (power * 2 < count) power *= 2
  return power
}
