/** A session as the relying party sees it. */
import { type Conduct, isTerminal, type Session, SIGNALS } from '@ipse/protocol'
import type { SessionRecord } from '../store/store.ts'

/** @param conduct of the session's device and subject, where it was asked for */
export function viewSession(record: SessionRecord, conduct?: Conduct): Session {
  const { id, purpose, state, subject, policy, createdAt, expiresAt, decision, receipt, hindrance } = record
  const { allowedNetworks, consent } = record
  const ended = isTerminal(state)
  return {
    id,
    purpose,
    state,
    ...(subject === undefined ? {} : { subject }),
    policy: { name: policy.name, version: policy.version },
    createdAt: new Date(createdAt).toISOString(),
    expiresAt: new Date(expiresAt).toISOString(),
    ...(allowedNetworks === undefined ? {} : { allowedNetworks }),
    ...(consent === undefined ? {} : { consent }),
    // The directions of a running challenge are nobody's business until it has ended.
    attempts: record.attempts.map((attempt) =>
      attempt.endedAt === undefined && !ended ? { ...attempt, asked: [] } : attempt,
    ),
    attemptsLeft: ended ? 0 : Math.max(0, record.maxAttempts - record.attempts.length),
    ...(decision === undefined ? {} : { decision }),
    reasons: record.reasons,
    assurance: record.assurance,
    evidence: record.evidence.map((line) => ({ ...line, meaning: SIGNALS[line.signal] })),
    ...(receipt === undefined ? {} : { receipt }),
    ...(hindrance === undefined
      ? {}
      : { hindrance: { code: hindrance.code, at: new Date(hindrance.at).toISOString() } }),
    ...(conduct === undefined ? {} : { conduct }),
  }
}
