/** The log as `/v1/log` tells it to a relying party. Hashes are base64url. */

/** How far the audit log of a tenant is. */
export interface LogView {
  /** Names the log, its checkpoints and its keys. */
  readonly origin: string
  readonly size: number
  /** Of all entries. */
  readonly root: string
  /** Entries that the newest checkpoint covers. */
  readonly signedSize: number
  readonly signedAt?: string
  /** Verifier keys of C2SP signed-note, the newest first. */
  readonly keys: readonly string[]
}

/** Proof that a log of `size` entries holds one. */
export interface LogInclusion {
  readonly index: number
  readonly size: number
  readonly root: string
  readonly leaf: string
  readonly proof: readonly string[]
}

/** Proof that a log of `to` entries begins with what it was. */
export interface LogConsistency {
  readonly from: number
  readonly to: number
  readonly proof: readonly string[]
}
