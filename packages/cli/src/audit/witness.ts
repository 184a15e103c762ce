/**
 * A witness: looks at a log's newest checkpoint, insists that the log still begins with all that it was when it was looked at
 * last, and says so with a cosignature (C2SP tlog-witness). It remembers before it signs: it never signs two faces.
 */
import {
  type Bytes,
  consistencyMembers,
  decodeTile,
  formatNote,
  IpseError,
  type NoteSigner,
  type NoteVerifier,
  openCheckpoint,
  proofFromTiles,
  type Sha256,
  type SignedCheckpoint,
  sameHead,
  signNote,
  type Tile,
  verifyConsistency,
} from '@ipse/protocol'
import type { Anchor } from './anchors.ts'
import type { LogProblem } from './problems.ts'
import type { LogSource } from './source.ts'

export interface Witnessed {
  readonly checkpoint: SignedCheckpoint
  /** The note with the cosignature. */
  readonly note: string
}

export type WitnessAnswer =
  | { readonly ok: true; readonly witnessed: Witnessed }
  | { readonly ok: false; readonly problem: LogProblem }

export interface WitnessOptions {
  readonly source: LogSource
  /** Of the log. */
  readonly verifiers: readonly NoteVerifier[]
  readonly signer: NoteSigner
  /** Absent at the first look, which believes what it sees. */
  readonly remembered: Anchor | undefined
  remember(checkpoint: SignedCheckpoint, note: string): Promise<void>
  readonly now: number
  readonly sha256: Sha256
}

/** @throws IpseError `log_invalid` for a log that has no checkpoint or one that is not signed */
export async function witness(options: WitnessOptions): Promise<WitnessAnswer> {
  const { source, verifiers, signer, remembered, now } = options
  const newest = await source.checkpoint()
  if (newest === undefined) throw new IpseError('log_invalid', `${source.name} has no checkpoint`)
  const checkpoint = await openCheckpoint(newest, verifiers)
  const problem = remembered && (await inconsistency(options, remembered, checkpoint, newest))
  if (problem) return { ok: false, problem }
  await options.remember(checkpoint, newest)
  const note = formatNote(await signNote(checkpoint.note, signer, now))
  return { ok: true, witnessed: { checkpoint, note } }
}

async function inconsistency(
  { source, sha256 }: WitnessOptions,
  before: Anchor,
  after: SignedCheckpoint,
  newest: string,
): Promise<LogProblem | undefined> {
  const evidence = [before.note, newest].filter((note) => note !== undefined)
  if (before.origin !== after.origin)
    return {
      kind: 'signature',
      what: `this is ${after.origin}, what was remembered is ${before.origin}`,
      evidence,
    }
  if (after.size < before.size)
    return {
      kind: 'rolled-back',
      what: `the log had ${before.size} entries and has ${after.size} now`,
      evidence,
    }
  if (before.size === 0 || sameHead(before, after)) return undefined
  if (after.size > before.size) {
    const proof = await proofOf(source, before.size, after.size, sha256)
    if (await verifyConsistency(before, after, proof, sha256)) return undefined
  }
  const what = `the log of ${after.size} entries does not begin with the ${before.size} that it had`
  return { kind: 'forked', what, evidence }
}

function proofOf(source: LogSource, from: number, size: number, sha256: Sha256): Promise<Bytes[]> {
  const read = async (tile: Tile) => {
    const bytes = await source.tile(tile)
    if (!bytes) throw new IpseError('log_invalid', `${source.name} lacks a tile of its checkpoint`)
    return decodeTile(bytes, tile.width)
  }
  return proofFromTiles(consistencyMembers(from, size), size, read, sha256)
}
