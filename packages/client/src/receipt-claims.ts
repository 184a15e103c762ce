/**
 * The shape of a receipt, member by member: unknown members of the top level, missing ones and values outside the closed
 * lists are refused, so that no reader of the claims can meet a surprise.
 */
import {
  ASSURANCE_LEVELS,
  ATTESTATION_LEVELS,
  DECISIONS,
  EVIDENCE_WEIGHTS,
  FAILURE_REASONS,
  IpseError,
  isId,
  PURPOSES,
  REASONS,
  type ReceiptClaims,
  SIGNALS,
  VERDICTS,
} from '@ipse/protocol'

type Check = (value: unknown) => boolean
type Shape = Readonly<Record<string, Check>>

const text: Check = (value) => typeof value === 'string' && value.length > 0 && value.length <= 512
const number: Check = (value) => typeof value === 'number' && Number.isFinite(value)
const flag: Check = (value) => typeof value === 'boolean'
const count: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0
const from =
  (list: readonly string[]): Check =>
  (value) =>
    list.includes(value as string)
const keyOf = (list: object): Check => from(Object.keys(list))
const list =
  (item: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(item)
const digest: Check = (value) => typeof value === 'string' && /^[A-Za-z0-9_-]{43}$/.test(value)

/** An object with all members of `shape`, some of `optional`, and no other. */
function object(shape: Shape, optional: Shape = {}): Check {
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
    const members = value as Record<string, unknown>
    return (
      Object.entries(shape).every(([name, check]) => Object.hasOwn(members, name) && check(members[name])) &&
      Object.entries(members).every(([name, member]) => {
        if (Object.hasOwn(shape, name)) return true
        return Object.hasOwn(optional, name) && (optional[name] as Check)(member)
      })
    )
  }
}

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
}

/** @throws IpseError `receipt_invalid` naming the member that is wrong */
export function parseReceiptClaims(payload: Readonly<Record<string, unknown>>): ReceiptClaims {
  for (const [name, check] of Object.entries(REQUIRED)) {
    if (!Object.hasOwn(payload, name) || !check(payload[name])) throw refuse(name)
  }
  for (const [name, value] of Object.entries(payload)) {
    if (Object.hasOwn(REQUIRED, name)) continue
    const check = Object.hasOwn(OPTIONAL, name) ? OPTIONAL[name] : undefined
    if (!check?.(value)) throw refuse(name)
  }
  const claims = payload as unknown as ReceiptClaims
  // A pass with a reason against it contradicts itself: fail closed.
  if (claims.decision === 'accept' && claims.reasons.length > 0) throw refuse('reasons')
  return claims
}

function refuse(member: string): IpseError {
  return new IpseError('receipt_invalid', `the claim ${JSON.stringify(member.slice(0, 64))} is not as agreed`)
}
