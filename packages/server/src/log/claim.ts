/** What a receipt says of the audit log: where the entry of its decision stands, and the proof that it stands there. */
import { type AuditClaim, appendLeaf, nextLeafProof, rootOf, toBase64url } from '@ipse/protocol'
import { sha256 } from '../node-crypto.ts'
import type { LogPlace } from '../store/log-records.ts'

/** @param log the log's origin */
export function auditClaim(log: string, { index, leaf, before }: LogPlace): AuditClaim {
  const after = appendLeaf(before, leaf, sha256)
  return {
    log,
    index,
    size: after.size,
    root: toBase64url(rootOf(after, sha256)),
    leaf: toBase64url(leaf),
    proof: nextLeafProof(before).map(toBase64url),
  }
}
