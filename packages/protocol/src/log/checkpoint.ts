/**
 * A checkpoint, C2SP tlog-checkpoint: which log, how long it is, and the root of all of it. Signed as a note; two
 * checkpoints that no consistency proof joins convict the log.
 */
import { type Bytes, equalBytes } from '../encoding.ts'
import { IpseError } from '../errors.ts'
import { fromBase64, toBase64 } from './base64.ts'
import { HASH_BYTES } from './hashing.ts'
import { type Note, type NoteVerifier, parseNote, type Signed, verifyNote } from './note.ts'

export interface Checkpoint {
  /** Names the log; the key that signs has the same name. */
  readonly origin: string
  readonly size: number
  readonly root: Bytes
}

/** The origin of a tenant's log; the installation itself, which is nobody's, has the one without a name. */
export function logOrigin(publicUrl: string, tenant: string): string {
  const { host, pathname } = new URL(publicUrl)
  return `${host}${pathname.replace(/\/$/, '')}/log${tenant === '' ? '' : `/${encodeURIComponent(tenant)}`}`
}

export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${toBase64(root)}\n`
}

/** Accepts what {@link formatCheckpoint} writes; our logs have no further lines. @throws IpseError `log_invalid` */
export function parseCheckpoint(text: string): Checkpoint {
  const lines = text.split('\n')
  const [origin = '', count = '', root = '', end] = lines
  const size = Number(count)
  if (
    lines.length !== 4 ||
    end !== '' ||
    origin === '' ||
    !/^(0|[1-9]\d*)$/.test(count) ||
    !Number.isSafeInteger(size)
  )
    throw new IpseError('log_invalid', 'no checkpoint')
  const bytes = fromBase64(root)
  if (bytes.length !== HASH_BYTES) throw new IpseError('log_invalid', 'the root has the wrong length')
  return { origin, size, root: bytes }
}

export interface SignedCheckpoint extends Checkpoint {
  readonly note: Note
  /** Of witnesses that are known. */
  readonly cosignatures: readonly Signed[]
}

/**
 * Reads a checkpoint and insists on the log's own signature.
 * @param verifiers keys of the log, whose names are its origin, and of witnesses
 * @throws IpseError `log_invalid`
 */
export async function openCheckpoint(
  note: string,
  verifiers: readonly NoteVerifier[],
): Promise<SignedCheckpoint> {
  const parsed = parseNote(note)
  const checkpoint = parseCheckpoint(parsed.text)
  const signed = await verifyNote(parsed, verifiers)
  const own = ({ verifier }: Signed) => verifier.type === 'note' && verifier.name === checkpoint.origin
  if (!signed.some(own))
    throw new IpseError('log_invalid', `${checkpoint.origin} has not signed the checkpoint with a known key`)
  return {
    ...checkpoint,
    note: parsed,
    cosignatures: signed.filter(({ verifier }) => verifier.type === 'cosignature'),
  }
}

/** Whether two checkpoints of one size say the same. */
export function sameHead(
  a: Pick<Checkpoint, 'size' | 'root'>,
  b: Pick<Checkpoint, 'size' | 'root'>,
): boolean {
  return a.size === b.size && equalBytes(a.root, b.root)
}
