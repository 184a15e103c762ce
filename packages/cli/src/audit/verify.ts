/** Verifies a log from beginning to end: signatures, every entry, every checkpoint, and what was remembered of it. */
import {
  type NoteVerifier,
  parseVerifier,
  type Sha256,
  TILE_WIDTH,
  type TreeNode,
  toBase64,
  toVerifierText,
} from '@ipse/protocol'
import { type Anchor, type GivenNote, readAnchors } from './anchors.ts'
import { createEntryCheck, type Range, tileProblem } from './entry-check.ts'
import type { LogProblem } from './problems.ts'
import { readEntries, wrongSubtrees } from './read-entries.ts'
import { type KeptReceipt, receiptProblem } from './receipt.ts'
import type { LogSource } from './source.ts'

export interface VerifyOptions {
  /** Verifier keys that are believed. Those that the log itself names when absent: then only who holds the log is believed. */
  readonly keys?: readonly string[]
  /** Checkpoints from elsewhere. */
  readonly notes?: readonly GivenNote[]
  /** What the log was when it was looked at last. */
  readonly remembered?: Anchor
  /** How long the log is, where its newest checkpoint does not say it. */
  readonly size?: number
  /** What nobody has signed: the head that a store keeps. */
  readonly head?: Anchor
  /** Receipts that somebody kept. */
  readonly receipts?: readonly KeptReceipt[]
  readonly sha256: Sha256
  tell?(done: number, total: number): void
}

export interface LogReport {
  readonly ok: boolean
  readonly source: string
  readonly origin: string | undefined
  /** Entries that were there. */
  readonly size: number
  readonly root: string
  /** Place of the first entry that may be wrong, and of the last one, from 0; the same entry when only one is given. */
  readonly firstBad?: number
  readonly firstBadUpTo?: number
  readonly problems: readonly LogProblem[]
  /** Checkpoints that the entries were held against. */
  readonly checkpoints: number
  /** Entries that a checkpoint covers. */
  readonly signedSize: number
  /** Witnesses that have cosigned the newest. */
  readonly cosignatures: number
  readonly keys: readonly string[]
  readonly keysFrom: 'given' | 'log'
  /** The newest checkpoint. */
  readonly note?: string
}

/** @throws IpseError `log_invalid` for a key that is none, and what the source throws */
export async function verifyLog(source: LogSource, options: VerifyOptions): Promise<LogReport> {
  const { keys: given, notes = [], remembered, head, receipts = [], sha256, tell } = options
  const verifiers = await Promise.all((given ?? (await source.keys())).map(parseVerifier))
  const newest = await source.checkpoint()
  const origin = newest?.split('\n')[0] ?? head?.origin ?? remembered?.origin ?? soleOrigin(verifiers)
  const last = newest === undefined ? [] : [{ note: newest, from: 'the newest checkpoint' }]
  const own = (await source.checkpoints()).map((note) => ({ note, from: nameOf(note) }))
  const kept = receipts.map(({ anchor }) => anchor)
  const unsigned = [remembered, head, ...kept].filter((anchor) => anchor !== undefined)
  const read = await readAnchors([...last, ...own, ...notes], verifiers, origin, unsigned)
  const { anchors } = read
  const signed = anchors.filter(({ note }) => note !== undefined)
  const problems = [...read.problems]
  if (anchors.length === 0 && problems.length === 0)
    problems.push({ kind: 'signature', what: 'there is no checkpoint: nothing proves the entries' })
  if (remembered && remembered.origin !== origin)
    problems.push({
      kind: 'signature',
      what: `this is ${origin}, what was remembered is ${remembered.origin}`,
    })

  const [latest] = (await readAnchors(last, verifiers, origin)).anchors
  const size = options.size ?? head?.size ?? latest?.size ?? signed.at(-1)?.size ?? 0
  const covered = anchors.filter((anchor) => anchor.size <= size)
  const check = createEntryCheck(covered, newest, sha256)
  const missing = await readEntries(source, size, check, (done) => tell?.(done, size))
  check.end()
  problems.push(...check.problems)
  const wrong = await wrongSubtrees(source, check)
  if (check.bad === undefined)
    for (const { level, index } of wrong)
      problems.push(tileProblem(`the tiles have another hash for subtree ${index} of level ${level}`))
  if (missing !== undefined)
    problems.push({
      kind: 'missing',
      index: missing,
      what: `entries from ${missing} on are missing or damaged`,
    })
  for (const anchor of anchors.filter((anchor) => anchor.size > size))
    problems.push(tooShort(anchor, size, newest, remembered))
  for (const receipt of receipts) {
    const problem = await receiptProblem(source, check.size, receipt, sha256)
    if (problem) problems.push(problem)
  }
  const short = problems.some(({ kind }) => kind === 'missing' || kind === 'rolled-back')
  const bad = narrowed(check.bad, wrong) ?? (short ? { from: check.size, to: check.size } : undefined)
  return {
    ok: problems.length === 0,
    source: source.name,
    origin,
    size: check.size,
    root: toBase64(check.root),
    ...(bad === undefined ? {} : { firstBad: bad.from }),
    ...(bad === undefined || bad.from === bad.to ? {} : { firstBadUpTo: bad.to }),
    problems,
    checkpoints: signed.length,
    signedSize: signed.at(-1)?.size ?? 0,
    cosignatures: latest?.cosignatures ?? 0,
    keys: verifiers.map(toVerifierText),
    keysFrom: given === undefined ? 'log' : 'given',
    ...(newest === undefined ? {} : { note: newest }),
  }
}

/** Where the checkpoints tell only a range, the tile above the leaves may tell which 256 entries. */
function narrowed(bad: Range | undefined, wrong: readonly TreeNode[]): Range | undefined {
  const first = wrong.find(({ level }) => level === 1)
  if (bad === undefined || bad.from === bad.to || first === undefined) return bad
  const from = Math.max(bad.from, first.index * TILE_WIDTH)
  const to = Math.min(bad.to, (first.index + 1) * TILE_WIDTH - 1)
  return from <= to ? { from, to } : bad
}

function tooShort(
  anchor: Anchor,
  size: number,
  newest: string | undefined,
  remembered: Anchor | undefined,
): LogProblem {
  const what = `${anchor.from} says ${anchor.size} entries, the log shows ${size}`
  const evidence = [anchor.note, newest].filter((note) => note !== undefined)
  return { kind: anchor === remembered ? 'rolled-back' : 'missing', index: size, what, evidence }
}

/** For people: which of many checkpoints is meant. */
function nameOf(note: string): string {
  return `the checkpoint of ${note.split('\n')[1]} entries`
}

function soleOrigin(verifiers: readonly NoteVerifier[]): string | undefined {
  const names = new Set(verifiers.filter(({ type }) => type === 'note').map(({ name }) => name))
  return names.size === 1 ? [...names][0] : undefined
}
