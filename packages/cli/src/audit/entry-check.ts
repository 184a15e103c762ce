/**
 * Judges the entries of a log one after the other: their form, their places, their hashes against the tiles, and the tree that
 * they make against every anchor on the way. The first anchor that does not fit tells between which two checkpoints the log
 * was changed; the tiles tell which entry it was. Pure.
 */
import {
  appendLeaf,
  type Bytes,
  EMPTY_FRONTIER,
  equalBytes,
  type Frontier,
  IpseError,
  leafHash,
  parseEntry,
  rootOf,
  type Sha256,
  TILE_HEIGHT,
} from '@ipse/protocol'
import type { Anchor } from './anchors.ts'
import type { LogProblem } from './problems.ts'

/** More problems are not listed: the first one is what matters. */
const LISTED = 100

/** Places of entries, both included. */
export interface Range {
  readonly from: number
  readonly to: number
}

export interface EntryCheck {
  readonly size: number
  readonly root: Bytes
  readonly problems: readonly LogProblem[]
  /** Where the first entry is that was found wrong; a range when only checkpoints tell that one is. */
  readonly bad: Range | undefined
  /** Hashes of complete subtrees of 256^level leaves, for the tiles above the leaves. */
  readonly subtrees: readonly (readonly Bytes[])[]
  /** @param expected leaf hash of the tile, if there is one */
  entry(bytes: Uint8Array, expected: Bytes | undefined): void
  /** What no anchor covers is judged by itself. */
  end(): void
}

/** @param anchors the smallest first */
export function createEntryCheck(
  anchors: readonly Anchor[],
  newest: string | undefined,
  sha256: Sha256,
): EntryCheck {
  const waiting = anchors.filter(({ size }) => size > 0)
  const problems: LogProblem[] = []
  const subtrees: Bytes[][] = []
  let entries: Frontier = EMPTY_FRONTIER
  /** The tree of the tiles' leaf hashes, since it has differed from the entries'. */
  let tiles: Frontier | undefined
  let suspects: LogProblem[] = []
  let bad: Range | undefined
  let good = 0

  const list = (problem: LogProblem) => {
    if (problems.length < LISTED) problems.push(problem)
  }
  const report = (found: readonly LogProblem[]) => {
    for (const problem of found) list(problem)
    const [first] = found
    if (first) bad ??= { from: first.index as number, to: first.index as number }
  }

  function settle(anchor: Anchor): void {
    const fits = (tree: Frontier | undefined) =>
      tree !== undefined && equalBytes(rootOf(tree, sha256), anchor.root)
    const changed = suspects.filter(({ kind }) => kind === 'changed')
    if (fits(entries)) {
      // The entries are what was signed, so it is the tile that lies.
      report(suspects.filter(({ kind }) => kind !== 'changed'))
      for (const { index } of changed)
        list(tileProblem(`the tile has another hash for entry ${index}`, index))
    } else {
      report(suspects)
      if (!fits(tiles)) {
        const what = `entries ${good} to ${anchor.size - 1} do not lead to the root of ${anchor.from}`
        const evidence = [anchor.note, newest].filter((note) => note !== undefined)
        list({ kind: 'root', what, evidence })
        bad ??= { from: good, to: anchor.size - 1 }
      }
      // Every later root hangs on this one.
      waiting.length = 0
    }
    suspects = []
    tiles = undefined
    good = anchor.size
  }

  return {
    get size() {
      return entries.size
    },
    get root() {
      return rootOf(entries, sha256)
    },
    get bad() {
      return bad
    },
    problems,
    subtrees,
    entry(bytes, expected) {
      const index = entries.size
      const leaf = leafHash(bytes, sha256)
      const changed = expected !== undefined && !equalBytes(leaf, expected)
      const found = entryProblem(bytes, index, changed)
      if (found && suspects.length < LISTED) suspects.push(found)
      if (changed) tiles ??= entries
      entries = appendLeaf(entries, leaf, sha256, (level, at, hash) => {
        if (level % TILE_HEIGHT !== 0) return
        const row = subtrees[level / TILE_HEIGHT] ?? []
        row[at] = hash
        subtrees[level / TILE_HEIGHT] = row
      })
      if (tiles) tiles = appendLeaf(tiles, expected ?? leaf, sha256)
      while (waiting[0]?.size === entries.size) settle(waiting.shift() as Anchor)
    },
    end() {
      report(suspects)
      suspects = []
    },
  }
}

export function tileProblem(what: string, index?: number): LogProblem {
  return { kind: 'tile', what, ...(index === undefined ? {} : { index }) }
}

/** An entry that was moved says more than that its hash differs. */
function entryProblem(bytes: Uint8Array, index: number, changed: boolean): LogProblem | undefined {
  const other = { kind: 'changed' as const, index, what: `entry ${index} is not the one that was signed` }
  try {
    const { index: own } = parseEntry(bytes)
    if (own !== index) return { kind: 'moved', index, what: `entry ${index} says that it is entry ${own}` }
    return changed ? other : undefined
  } catch (error) {
    if (!(error instanceof IpseError)) throw error
    if (changed) return other
    return { kind: 'not-canonical', index, what: `entry ${index}: ${error.message}` }
  }
}
