/**
 * A receipt and the audit log: that the receipt's own proof holds, and later that the log still holds what it proved. Both
 * offline; whoever keeps receipts can show years later that a decision was recorded then and not since.
 */
import {
  type AuditClaim,
  fromBase64url,
  IpseError,
  openCheckpoint,
  parseVerifier,
  type SignedCheckpoint,
  sameHead,
  verifyConsistency,
  verifyInclusion,
} from '@ipse/protocol'
import { refuse } from './signed.ts'

/** The proof in a receipt, whose signature was verified before. @throws IpseError `receipt_invalid` */
export async function checkAuditClaim({ index, size, leaf, root, proof }: AuditClaim): Promise<void> {
  const inclusion = { index, size, leaf: fromBase64url(leaf), proof: proof.map(fromBase64url) }
  if (!(await verifyInclusion(inclusion, fromBase64url(root))))
    throw refuse('the proof of its place in the audit log does not hold')
}

export interface LaterLog {
  /** A later checkpoint of the log, as a signed note. */
  readonly checkpoint: string
  /** Proof that it begins with the log that the receipt was signed of: hashes in base64url, empty for the same size. */
  readonly consistency: readonly string[]
  /** Verifier keys (C2SP signed-note) of the log, and of the witnesses that count. Keep them: do not take them from the service. */
  readonly logKeys: readonly string[]
  /** How many witnesses must have cosigned; 0 when absent. */
  readonly witnesses?: number
}

/**
 * Shows that a later log still holds what a verified receipt proved.
 * @throws IpseError `log_invalid` when it does not: keep receipt and checkpoint, together they convict the service
 */
export async function verifyAudit(claim: AuditClaim, later: LaterLog): Promise<SignedCheckpoint> {
  const { checkpoint, consistency, logKeys, witnesses = 0 } = later
  const opened = await openCheckpoint(checkpoint, await Promise.all(logKeys.map(parseVerifier)))
  if (opened.origin !== claim.log) throw invalid('a checkpoint of another log')
  if (opened.cosignatures.length < witnesses) throw invalid('fewer witnesses than asked for')
  const before = { size: claim.size, root: fromBase64url(claim.root) }
  const holds =
    opened.size === claim.size
      ? sameHead(before, opened)
      : await verifyConsistency(before, opened, consistency.map(fromBase64url))
  if (!holds) throw invalid('the log does not begin with what the receipt proved')
  return opened
}

function invalid(what: string): IpseError {
  return new IpseError('log_invalid', what)
}
