/** The part of the store that knows the audit log: one Merkle tree for each tenant, and what was signed of it. */
import type { Bytes, Frontier } from '@ipse/protocol'

/** Where an entry went, told within the transaction that appended it. */
export interface LogPlace {
  /** Place of the entry in the tenant's log, from 0. */
  readonly index: number
  readonly leaf: Bytes
  /** The log before the entry: it holds the entry's inclusion proof already. */
  readonly before: Frontier
}

/** How far a tenant's log is, and how far it was signed. */
export interface LogHead {
  readonly tenant: string
  readonly frontier: Frontier
  /** Size of the last checkpoint; 0 when there is none. */
  readonly signedSize: number
}

export interface CheckpointRecord {
  readonly tenant: string
  readonly size: number
  /** When it was signed, milliseconds since the epoch. */
  readonly time: number
  /** The signed note. */
  readonly note: string
}

export interface LogStore {
  logHead(tenant: string): Promise<LogHead>
  /** Heads of the logs that have grown since their last checkpoint. */
  listUnsignedHeads(limit: number): Promise<LogHead[]>
  /** Tenants with a log. */
  listLogs(): Promise<string[]>
  /** The exact bytes of entries, in their order: what is there of [first, first + count). */
  readLogEntries(tenant: string, first: number, count: number): Promise<Uint8Array[]>
  /**
   * Hashes of a row of tiles, in their order: leaves at level 0, complete subtrees of 256^level leaves above; what is there of
   * [first, first + count).
   */
  readLogHashes(tenant: string, level: number, first: number, count: number): Promise<Bytes[]>

  /** False, and nothing is written, when a checkpoint of that size or a later one is there: somebody else was faster. */
  insertCheckpoint(checkpoint: CheckpointRecord): Promise<boolean>
  lastCheckpoint(tenant: string): Promise<CheckpointRecord | undefined>
  /** Those of more than `after` entries, oldest first. */
  listCheckpoints(tenant: string, after: number, limit: number): Promise<CheckpointRecord[]>
  /** When the oldest entry that no checkpoint covers was written, of any log; undefined when all are covered. */
  oldestUnsigned(): Promise<number | undefined>
  /** Those that were not shipped yet, oldest first. */
  listUnsentCheckpoints(limit: number): Promise<CheckpointRecord[]>
  markCheckpointSent(checkpoint: Pick<CheckpointRecord, 'tenant' | 'size'>, at: number): Promise<void>
}
