/** Records for tests of the store: complete, and different where the test says so. */
import type { RetentionRule } from '@ipse/protocol'
import type { AuditDraft } from '../../src/store/audit-records.ts'
import type { ReviewRecord } from '../../src/store/conduct-records.ts'
import type { PersonRecord } from '../../src/store/people-records.ts'
import type { StoredConsent } from '../../src/store/privacy-records.ts'
import type {
  ApiKeyRecord,
  ClientRecord,
  ReferenceRecord,
  SessionRecord,
  Store,
} from '../../src/store/store.ts'

let counter = 0
export const unique = (prefix: string) => `${prefix}_${++counter}`

export function anAudit(change: Partial<AuditDraft> = {}): AuditDraft {
  return { id: unique('aud'), time: 1000, tenant: 'shop', event: 'session.created', ...change }
}

export function aSession(change: Partial<SessionRecord> = {}): SessionRecord {
  return {
    id: unique('ses'),
    tenant: 'shop',
    version: 1,
    purpose: 'liveness',
    state: 'created',
    policy: { name: 'standard', version: 1 },
    createdAt: 1000,
    expiresAt: 2000,
    maxAttempts: 3,
    allowedOrigins: ['https://shop.test'],
    allowedNetworks: ['192.0.2.0/24', '2001:db8::/32'],
    tokenId: 'token',
    attempts: [],
    reasons: [],
    assurance: 'none',
    evidence: [],
    ...change,
  }
}

export function aReference(change: Partial<ReferenceRecord> = {}): ReferenceRecord {
  return {
    id: unique('ref'),
    tenant: 'shop',
    subject: 'anna',
    source: 'capture',
    createdAt: 1000,
    model: 'm/1',
    scheme: 's/1',
    sealed: new Uint8Array([1, 2, 3]),
    key: { id: unique('dek') },
    ...change,
  }
}

export const aKey = (change: Partial<ApiKeyRecord> = {}): ApiKeyRecord => ({
  kid: unique('kid'),
  tenant: 'shop',
  name: 'backend',
  scopes: ['session:create'],
  secretMac: 'mac',
  createdAt: 1000,
  ...change,
})

export const aClient = (change: Partial<ClientRecord> = {}): ClientRecord => ({
  id: unique('cli'),
  tenant: 'shop',
  name: 'till',
  scopes: ['session:create'],
  createdAt: 1000,
  ...change,
})

export function aConsent(change: Partial<StoredConsent> = {}): StoredConsent {
  const consent = { version: '1', textSha256: 'A'.repeat(43), givenAt: '2026-11-21T10:00:00Z' }
  return { id: unique('con'), tenant: 'shop', subject: 'anna', consent, recordedAt: 1000, ...change }
}

/** Deletes what a rule of retention selects, of the tenant `shop`. How many there were. */
export function sweepBy(store: Store, rule: RetentionRule, before: number, limit = 100): Promise<number> {
  const due = { rule, kind: 'session', from: 'creation', days: 0, before } as const
  return store.deleteDue('shop', due, limit, (by, count) =>
    anAudit({ event: 'retention.swept', rule: by, count }),
  )
}

export const sweepSessions = (store: Store, before: number) => sweepBy(store, 'session', before)

export function aReview(change: Partial<ReviewRecord> = {}): ReviewRecord {
  const id = unique('rev')
  return {
    id,
    tenant: 'shop',
    standing: `device:${id}`,
    createdAt: 1000,
    score: 12,
    bruteForce: true,
    spoofTypes: ['surface'],
    sessions: ['ses_1'],
    ...change,
  }
}

export function aPerson(change: Partial<PersonRecord> = {}): PersonRecord {
  return { id: unique('per'), tenant: 'shop', name: 'Ada', roles: ['owner'], createdAt: 1000, ...change }
}

export const aPasskey = (personId: string, id = unique('cred')) => ({
  id,
  personId,
  publicKey: new Uint8Array([1, 2]),
  counter: 0,
  createdAt: 1000,
})
