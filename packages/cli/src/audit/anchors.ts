/**
 * What a log is held against: every checkpoint that somebody kept, in its own folder or far away, and the head that was
 * remembered. Two of one size that differ need no log any more.
 */
import {
  formatNote,
  IpseError,
  type NoteVerifier,
  openCheckpoint,
  type SignedCheckpoint,
  sameHead,
} from '@ipse/protocol'
import type { LogProblem } from './problems.ts'

export interface Anchor extends Pick<SignedCheckpoint, 'origin' | 'size' | 'root'> {
  /** The signed note; absent for a head that nobody signed. */
  readonly note?: string
  readonly from: string
  readonly cosignatures: number
}

export interface Anchors {
  /** By size, the smallest first; one for each size. */
  readonly anchors: readonly Anchor[]
  readonly problems: readonly LogProblem[]
}

export interface GivenNote {
  readonly note: string
  readonly from: string
}

/** @param origin of the log, when it is known; checkpoints of other logs are passed over, for a file may hold many */
export async function readAnchors(
  notes: readonly GivenNote[],
  verifiers: readonly NoteVerifier[],
  origin: string | undefined,
  unsigned: readonly Anchor[] = [],
): Promise<Anchors> {
  const problems: LogProblem[] = []
  const found = new Map<number, Anchor>()
  const add = (anchor: Anchor) => {
    const other = found.get(anchor.size)
    if (other && !sameHead(other, anchor))
      problems.push({
        kind: 'forked',
        what: `${other.from} and ${anchor.from} have two roots for ${anchor.size} entries`,
        evidence: [other.note, anchor.note].filter((note) => note !== undefined),
      })
    else if (!other?.note) found.set(anchor.size, anchor)
  }
  for (const anchor of unsigned) add(anchor)
  for (const { note, from } of notes) {
    if (origin !== undefined && !note.startsWith(`${origin}\n`)) continue
    try {
      const opened = await openCheckpoint(note, verifiers)
      const { size, root, cosignatures } = opened
      add({
        origin: opened.origin,
        size,
        root,
        note: formatNote(opened.note),
        from,
        cosignatures: cosignatures.length,
      })
    } catch (error) {
      if (!(error instanceof IpseError)) throw error
      problems.push({ kind: 'signature', what: `${from}: ${error.message}`, evidence: [note] })
    }
  }
  return { anchors: [...found.values()].toSorted((a, b) => a.size - b.size), problems }
}
