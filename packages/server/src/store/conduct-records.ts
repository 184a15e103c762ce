/** The part of the store that knows how callers, devices and subjects behaved: allowances, standings, reviews. */
import type { ReviewDecision, SpoofType } from '@ipse/protocol'
import type { Standing } from '../domain/abuse/standing.ts'
import type { AuditDraft, AuditEntry } from './audit-records.ts'
import type { PageQuery } from './store.ts'

/** One of so many until a moment, milliseconds since the epoch; the same for all who take until then. */
export interface Take {
  readonly key: string
  readonly most: number
  readonly endsAt: number
}

/** How an allowance stands after a take; used up when it was refused. */
export interface Allowance extends Take {
  readonly used: number
}

export interface Taken {
  readonly taken: boolean
  /** In the order of the takes. */
  readonly allowances: readonly Allowance[]
}

export interface ReviewRecord {
  readonly id: string
  readonly tenant: string
  /** Key of the standing that was blocked. */
  readonly standing: string
  readonly createdAt: number
  readonly score: number
  readonly bruteForce: boolean
  readonly spoofTypes: readonly SpoofType[]
  readonly sessions: readonly string[]
  readonly decided?: {
    readonly decision: ReviewDecision
    readonly reason: string
    readonly at: number
    /** Id of the API key, client or person that decided. */
    readonly by: string
  }
}

/** What a change of standings leads to; all of it in one transaction. */
export interface StandingsChange<T> {
  readonly standings: ReadonlyMap<string, Standing & { readonly staleAt: number | undefined }>
  readonly audit?: readonly AuditDraft[]
  readonly reviews?: readonly ReviewRecord[]
  readonly result: T
}

export interface ConductStore {
  /**
   * Takes one of every allowance, or none of any when one of them is used up; exact however many processes take. An
   * allowance whose end is later than the take's goes on to that later end: of several clocks the fastest counts.
   */
  takeAllowances(takes: readonly Take[]): Promise<Taken>

  findStandings(tenant: string, keys: readonly string[]): Promise<ReadonlyMap<string, Standing>>
  /** Nobody else changes these standings in between. `change` is pure: it may run again. */
  changeStandings<T>(
    tenant: string,
    keys: readonly string[],
    change: (standings: ReadonlyMap<string, Standing>) => StandingsChange<T>,
  ): Promise<T>

  findReview(tenant: string, id: string): Promise<ReviewRecord | undefined>
  /** Newest first; those that wait, or those that were decided. */
  listReviews(tenant: string, state: 'open' | 'decided', query: PageQuery): Promise<ReviewRecord[]>
  /** False, and nothing is written, when the review was decided before. `change` sees the standing that was blocked. */
  decideReview(
    decided: ReviewRecord,
    change: (standing: Standing | undefined) => ReadonlyMap<string, Standing>,
    audit: AuditDraft,
  ): Promise<boolean>

  /** The audit trail of one session, oldest first. */
  listSessionAudit(tenant: string, sessionId: string, limit: number): Promise<AuditEntry[]>
}
