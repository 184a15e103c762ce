/** Makes audit entries: time, id, and a subject only by its keyed hash and pseudonym. */
import { newId, toBase64url } from '@ipse/protocol'
import type { Clock, Random } from '../deps.ts'
import type { AuditDraft, AuditEvent } from '../store/audit-records.ts'

interface Mac {
  mac(context: 'subject', value: readonly [string, string]): string
}

/** 128 random bits: none is drawn twice. */
const PSEUDONYM_BYTES = 16

export type AuditDetails = Omit<AuditDraft, 'id' | 'time' | 'tenant' | 'event' | 'subject' | 'matchScore'> & {
  readonly subject?: string | undefined
  readonly matchScore?: number | undefined
}

export interface Auditor {
  entry(event: AuditEvent, tenant: string, details?: AuditDetails): AuditDraft
}

export function createAuditor(deps: { clock: Clock; random: Random; keys: Mac }): Auditor {
  const named = (tenant: string, subject: string) => ({
    mac: deps.keys.mac('subject', [tenant, subject]),
    pseudonym: `subj_${toBase64url(deps.random.bytes(PSEUDONYM_BYTES))}`,
  })
  return {
    entry(event, tenant, { subject, matchScore, ...details } = {}) {
      return {
        id: newId('audit', (length) => deps.random.bytes(length)),
        time: deps.clock.now(),
        tenant,
        event,
        ...details,
        ...(subject === undefined ? {} : { subject: named(tenant, subject) }),
        ...(matchScore === undefined ? {} : { matchScore: Math.round(matchScore * 100) / 100 }),
      }
    },
  }
}
