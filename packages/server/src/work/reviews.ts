/** The review queue of blocked devices, and the operator's way to lift a lock-out. */
import { type DecideReview, IpseError, type Review } from '@ipse/protocol'
import { NEW_STANDING, staleAt } from '../domain/abuse/standing.ts'
import type { AuditDraft } from '../store/audit-records.ts'
import type { ReviewRecord } from '../store/conduct-records.ts'
import { type ConductContext, deviceKey, resolveDevice, subjectKey } from './conduct.ts'

/** Who acts, for the audit trail. */
export interface Actor {
  readonly tenant: string
  readonly actor: string
  readonly requestId: string
}

export function viewReview(record: ReviewRecord): Review {
  const { id, createdAt, score, bruteForce, spoofTypes, sessions, decided } = record
  return {
    id,
    createdAt: new Date(createdAt).toISOString(),
    score: Math.round(score * 100) / 100,
    bruteForce,
    spoofTypes,
    sessions,
    ...(decided === undefined
      ? {}
      : {
          decision: decided.decision,
          reason: decided.reason,
          decidedAt: new Date(decided.at).toISOString(),
          decidedBy: decided.by,
        }),
  }
}

/**
 * Decides a review, once. To allow a device is to give it a fresh correlation id: it begins anew under that one, and the
 * old one, wherever it is still stored, stands for it.
 * @returns the fresh id, of `allow`
 * @throws IpseError `not_found`, `conflict` when it was decided before
 */
export async function decideReview(
  { store, keys, clock, random, auditor }: ConductContext,
  id: string,
  { decision, reason }: DecideReview,
  { tenant, actor, requestId }: Actor,
): Promise<{ readonly review: ReviewRecord; readonly deviceCorrelationId?: string }> {
  const open = await store.findReview(tenant, id)
  if (!open) throw new IpseError('not_found')
  const review: ReviewRecord = { ...open, decided: { decision, reason, at: clock.now(), by: actor } }
  const fresh = decision === 'allow' ? randomGuid(random.bytes(16)) : undefined
  // Words about a person end with the review; what is in the log stays.
  const audit = auditor.entry('review.decided', tenant, { reviewId: id, ruling: decision, actor, requestId })
  const successor = fresh === undefined ? undefined : `device:${keys.mac('device', [tenant, fresh])}`
  const written = await store.decideReview(
    review,
    (before = NEW_STANDING) =>
      successor === undefined
        ? new Map()
        : new Map([
            [open.standing, { ...before, successor }],
            [successor, NEW_STANDING],
          ]),
    audit,
  )
  if (!written) throw new IpseError('conflict', 'the review was decided before')
  return { review, ...(fresh === undefined ? {} : { deviceCorrelationId: fresh }) }
}

/** Forgets the failures of a subject. Captures under way still count. */
export async function unlockSubject(
  context: ConductContext,
  subject: string,
  { tenant, ...by }: Actor,
): Promise<void> {
  const audit = context.auditor.entry('subject.unlocked', tenant, { subject, ...by })
  await unlock(context, subjectKey(context, tenant, subject), audit)
}

/** Lifts the lock-out of a device. A block is not lifted: that is the review's to decide. */
export async function unlockDevice(
  context: ConductContext,
  deviceCorrelationId: string,
  { tenant, ...by }: Actor,
): Promise<void> {
  const key = deviceKey(await resolveDevice(context, tenant, deviceCorrelationId))
  await unlock(context, key, context.auditor.entry('device.unlocked', tenant, by))
}

async function unlock({ store, clock }: ConductContext, key: string, audit: AuditDraft): Promise<void> {
  await store.changeStandings(audit.tenant, [key], (before) => {
    const standing = before.get(key)
    if (!standing) return { standings: new Map(), audit: [audit], result: undefined }
    const { lockedUntil: _lifted, ...rest } = standing
    const freed = { ...rest, failures: [], lockouts: 0, consecutive: 0 }
    const standings = new Map([[key, { ...freed, staleAt: staleAt(freed, clock.now()) }]])
    return { standings, audit: [audit], result: undefined }
  })
}

/** Version 4 of RFC 9562. */
function randomGuid(bytes: Uint8Array): string {
  const octets = Uint8Array.from(bytes)
  octets[6] = ((octets[6] ?? 0) & 0x0f) | 0x40
  octets[8] = ((octets[8] ?? 0) & 0x3f) | 0x80
  const hex = Buffer.from(octets).toString('hex')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
