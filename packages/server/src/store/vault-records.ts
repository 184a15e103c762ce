/** What the vault keeps beside templates: where their keys are, and pictures of captures for a short time. */

import type { AuditDraft } from './audit-records.ts'
import type { DataKeyStore } from './data-key-records.ts'
import type { ReferenceRecord, SealedTemplate } from './store.ts'

/** The key of a sealed record lies in the store of keys. */
export interface KeyReference {
  readonly id: string
}

/** Before there was a store of keys, the wrapped key lay beside the record. */
export interface WrappedBeside {
  readonly kekId: string
  /** iv ‖ wrapped data key ‖ tag. */
  readonly wrapped: Uint8Array
}

/** A sealed picture of a capture. */
export interface MediaRecord {
  readonly tenant: string
  readonly sessionId: string
  /** From 0 within the session. */
  readonly n: number
  readonly key: KeyReference
  readonly sealed: Uint8Array
  readonly createdAt: number
  /** Served and kept until then. */
  readonly expiresAt: number
  /** Who looked first, and may alone look again. */
  readonly reader?: string
}

/** What a change of a session does to its pictures, within its transaction. */
export interface MediaChange {
  /** Takes the place of all that is there. */
  readonly keep: readonly MediaRecord[]
}

export interface VaultStore extends DataKeyStore {
  /** Of these ids of keys those that an enrolled reference or a picture names. */
  knownDataKeys(ids: readonly string[]): Promise<string[]>
  /** Enrolled references of all tenants, by tenant and id, after one of them. */
  listAllReferences(query: {
    readonly after?: Pick<ReferenceRecord, 'tenant' | 'id'>
    readonly limit: number
  }): Promise<ReferenceRecord[]>
  /** Compare-and-set: true when the reference was still sealed as `before`. */
  resealReference(before: ReferenceRecord, after: SealedTemplate): Promise<boolean>
  /** Takes back a reference whose key an erasure has destroyed meanwhile. */
  dropReference(reference: Pick<ReferenceRecord, 'tenant' | 'id'>, audit: AuditDraft): Promise<void>
  /** How many records bring their wrapped key along, by key-encryption key. */
  countKeysBeside(): Promise<ReadonlyMap<string, number>>

  /** Without their bytes, in their order. Those past their time are left out. */
  listMedia(tenant: string, sessionId: string, now: number): Promise<Omit<MediaRecord, 'sealed'>[]>
  /**
   * Gives a picture to its first reader, and to nobody else ever after; the audit entry is written in the same transaction,
   * before the bytes are given out.
   */
  claimMedia(
    picture: Pick<MediaRecord, 'tenant' | 'sessionId' | 'n'>,
    reader: string,
    audit: AuditDraft,
  ): Promise<MediaRecord | 'claimed' | undefined>
  /** A picture for the person it shows: whoever has looked or looks later. The audit entry as with `claimMedia`. */
  copyMedia(
    picture: Pick<MediaRecord, 'tenant' | 'sessionId' | 'n'>,
    audit: AuditDraft,
  ): Promise<MediaRecord | undefined>
}
