/** The erasure of a subject: the keys first, then all that they opened, then a signed receipt of it. */
import { type Erasure, type ErasureClaims, logOrigin, newId } from '@ipse/protocol'
import type { Clock } from '../deps.ts'
import type { Keys } from '../keys/keys.ts'
import { auditClaim } from '../log/claim.ts'
import type { Settings } from '../settings.ts'
import type { Store } from '../store/store.ts'
import type { Vault } from '../vault/vault.ts'
import { type ApprovalContext, assertApproved } from './approvals.ts'
import type { Actor } from './reviews.ts'

const DAY_S = 86_400

export type ErasureContext = ApprovalContext & {
  readonly store: Store
  readonly vault: Pick<Vault, 'shred'>
  readonly keys: Keys
  readonly clock: Clock
  readonly settings: Pick<Settings, 'retention' | 'server'>
}

/**
 * Erases everything about a subject; one of which nothing is held too, so that asking twice is no mistake.
 * @throws IpseError `approval_required` where the tenant wants a second person to agree
 */
export async function eraseSubject(context: ErasureContext, subject: string, by: Actor): Promise<Erasure> {
  const { store, vault, clock, random, auditor, keys, settings } = context
  const approval = await assertApproved(context, 'erase', subject, by)
  const { tenant, ...actor } = by
  const jti = newId('erasure', (length) => random.bytes(length))
  const audit = auditor.entry('subject.erased', tenant, { subject, erasure: jti, ...approval, ...actor })
  // Keys first: whatever happens then, nothing opens any more. Once more, for what was sealed meanwhile.
  const before = await vault.shred(tenant, subject)
  const { erased: rows, proofsKept, place } = await store.eraseSubject(tenant, subject, audit)
  const erased = { dataKeys: before + (await vault.shred(tenant, subject)), ...rows }
  const erasedAt = clock.now()
  const iat = Math.floor(erasedAt / 1000)
  const { backupDays } = settings.retention
  const { publicUrl } = settings.server
  const claims: ErasureClaims = {
    iss: publicUrl,
    aud: tenant,
    iat,
    jti,
    sub: subject,
    erased,
    proofsKept,
    ...(backupDays === 0 ? {} : { backupsUntil: iat + backupDays * DAY_S }),
    audit: auditClaim(logOrigin(publicUrl, tenant), place),
  }
  const receipt = await keys.signErasure(claims)
  return { subject, erasedAt: new Date(erasedAt).toISOString(), erased, proofsKept, receipt }
}
