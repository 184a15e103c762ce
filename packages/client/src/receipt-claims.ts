/** The shape of a receipt. */
import {
  ASSURANCE_LEVELS,
  ATTESTATION_LEVELS,
  DECISIONS,
  EVIDENCE_WEIGHTS,
  FAILURE_REASONS,
  isId,
  PURPOSES,
  REASONS,
  type ReceiptClaims,
  SIGNALS,
  VERDICTS,
} from '@ipse/protocol'
import {
  auditClaim,
  type Check,
  checkMembers,
  count,
  digest,
  flag,
  from,
  keyOf,
  list,
  number,
  object,
  refuseMember,
  type Shape,
  text,
} from './shape.ts'

const measurement: Check = (value) =>
  object({ status: from(['assessed']), native: number, score: number })(value) ||
  object({ status: from(['failure-to-assess']), reason: from(FAILURE_REASONS) })(value)

const evidence = object(
  {
    signal: keyOf(SIGNALS),
    measurement,
    samples: count,
    verdict: keyOf(VERDICTS),
    weight: keyOf(EVIDENCE_WEIGHTS),
  },
  { model: text, reason: keyOf(REASONS), atLeast: number, fmr: number, apcer: number },
)

const REQUIRED: Shape = {
  iss: text,
  aud: text,
  iat: count,
  exp: count,
  jti: text,
  sid: (value) => typeof value === 'string' && isId('session', value),
  purpose: from(PURPOSES),
  decision: keyOf(DECISIONS),
  reasons: list(keyOf(REASONS)),
  assurance: keyOf(ASSURANCE_LEVELS),
  attempt: count,
  policy: object({ name: text, version: count, digest }),
  models: list(object({ id: text, version: text, sha256: text })),
  challenge: object({ version: text, digest }),
  evidence: list(evidence),
  device: object({ jkt: digest, virtualCamera: flag }, { attestation: keyOf(ATTESTATION_LEVELS) }),
}
const OPTIONAL: Shape = {
  sub: text,
  transcript: digest,
  match: object({ score: number, threshold: number, fmr: number, model: text }),
  audit: auditClaim,
}

/** @throws IpseError `receipt_invalid` naming the member that is wrong */
export function parseReceiptClaims(payload: Readonly<Record<string, unknown>>): ReceiptClaims {
  checkMembers(payload, REQUIRED, OPTIONAL)
  const claims = payload as unknown as ReceiptClaims
  // A pass with a reason against it contradicts itself: fail closed.
  if (claims.decision === 'accept' && claims.reasons.length > 0) throw refuseMember('reasons')
  return claims
}
