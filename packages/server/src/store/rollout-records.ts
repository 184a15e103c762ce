/** The part of the store that keeps policy versions, what candidates decided, decisions to be made again, and model sets. */
import type { Policy, ReceiptClaims } from '@ipse/protocol'
import type { OutcomeCount } from '../domain/rollout/outcomes.ts'
import type { DecisionBasis, DecisionRecord } from '../domain/rollout/replay.ts'
import type { PolicyVersion } from '../domain/rollout/stages.ts'
import type { AuditDraft } from './audit-records.ts'

/** The models that a node was started with. */
export interface ModelSet {
  /** Of the models: SHA-256 of their canonical JSON, base64url. */
  readonly digest: string
  readonly models: ReceiptClaims['models']
  /** Milliseconds since the epoch: the first and the last start. */
  readonly firstAt: number
  readonly lastAt: number
}

/** What an attempt was decided from, with what many decisions share. */
export interface Decided {
  readonly record: DecisionRecord
  readonly basis: DecisionBasis
}

export interface RecordsQuery {
  /** Milliseconds since the epoch. */
  readonly since: number
  readonly limit: number
  /** Only what comes after this one, oldest first. */
  readonly after?: Pick<DecisionRecord, 'decidedAt' | 'sessionId' | 'attempt'>
}

export interface RolloutStore {
  /** False, and nothing is written, when the tenant has that version of that name. */
  insertPolicyVersion(version: PolicyVersion, policy: Policy, audit: AuditDraft): Promise<boolean>
  /** By name and version; of one name when it is given. */
  listPolicyVersions(tenant: string, name?: string): Promise<PolicyVersion[]>
  findPublishedPolicy(tenant: string, name: string, version: number): Promise<Policy | undefined>
  /**
   * Nobody else changes versions of this name in between. `change` is pure: it may run again, and what it throws leaves
   * everything as it is.
   */
  changePolicyVersions(
    tenant: string,
    name: string,
    change: (versions: readonly PolicyVersion[]) => {
      readonly versions: readonly PolicyVersion[]
      readonly audit: readonly AuditDraft[]
    },
  ): Promise<readonly PolicyVersion[]>
  /** Canaries of all tenants. */
  listCanaries(): Promise<Pick<PolicyVersion, 'tenant' | 'name'>[]>

  /** Adds to what was counted before. */
  countOutcomes(tenant: string, name: string, counts: readonly OutcomeCount[]): Promise<void>
  listOutcomes(tenant: string, name: string): Promise<OutcomeCount[]>

  /** Of one session, by attempt. They leave with their session. */
  findDecisionRecords(tenant: string, sessionId: string): Promise<DecisionRecord[]>
  /** Oldest first. */
  listDecisionRecords(tenant: string, query: RecordsQuery): Promise<DecisionRecord[]>
  /** Of all sessions of a subject, oldest first. */
  listSubjectDecisions(tenant: string, subject: string, limit: number): Promise<DecisionRecord[]>
  findDecisionBasis(tenant: string, digest: string): Promise<DecisionBasis | undefined>

  /** Notes a start; the audit entry is written only when the set is another one than that of the start before. */
  noteModelSet(set: Omit<ModelSet, 'firstAt' | 'lastAt'>, at: number, audit: AuditDraft): Promise<boolean>
  /** The one that was started last comes first. */
  listModelSets(): Promise<ModelSet[]>
}
