/** Makes audit entries: time, id, and only the keyed hash of a subject. */
import { newId } from '@ipse/protocol'
import type { Clock, Random } from '../deps.ts'
import type { AuditEntry, AuditEvent } from '../store/store.ts'

interface Mac {
  mac(context: 'subject', value: readonly [string, string]): string
}

export type AuditDetails = Omit<
  AuditEntry,
  'id' | 'time' | 'tenant' | 'event' | 'subjectMac' | 'matchScore'
> & {
  readonly subject?: string | undefined
  readonly matchScore?: number | undefined
}

export interface Auditor {
  entry(event: AuditEvent, tenant: string, details?: AuditDetails): AuditEntry
}

export function createAuditor(deps: { clock: Clock; random: Random; keys: Mac }): Auditor {
  return {
    entry(event, tenant, { subject, matchScore, ...details } = {}) {
      return {
        id: newId('audit', (length) => deps.random.bytes(length)),
        time: deps.clock.now(),
        tenant,
        event,
        ...details,
        ...(subject === undefined ? {} : { subjectMac: deps.keys.mac('subject', [tenant, subject]) }),
        ...(matchScore === undefined ? {} : { matchScore: Math.round(matchScore * 100) / 100 }),
      }
    },
  }
}
