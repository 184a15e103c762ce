/**
 * The store of keys: what the keys of sealed records are wrapped in, apart from the records themselves, so that a backup of the
 * data opens nothing and destroying a key needs no search through it. Every method is one transaction of that store alone.
 */

export interface DataKeyRecord {
  readonly id: string
  readonly tenant: string
  /** Keyed hash of the subject, or id of the session, whose records the key opens. */
  readonly owner: string
  readonly kekId: string
  readonly wrapped: Uint8Array
  readonly createdAt: number
  /** Deleted from then on, whatever it opens. */
  readonly expiresAt?: number
  /** Deleted from then on, unless a record names it: whoever made it may have died before the record was written. */
  readonly checkAt?: number
}

export interface DataKeyStore {
  insertDataKey(key: DataKeyRecord): Promise<void>
  findDataKey(id: string): Promise<DataKeyRecord | undefined>
  /** Compare-and-set: true when the key was still wrapped with `before`. */
  rewrapDataKey(
    id: string,
    before: string,
    after: { readonly kekId: string; readonly wrapped: Uint8Array },
  ): Promise<boolean>
  /** Those that are wrapped with anything else, by id, after an id. */
  listDataKeysNotOf(
    kekId: string,
    query: { readonly after?: string; readonly limit: number },
  ): Promise<DataKeyRecord[]>
  /** How many are wrapped with each key-encryption key. */
  countDataKeys(): Promise<ReadonlyMap<string, number>>
  /** How many there were. */
  deleteDataKeys(ids: readonly string[]): Promise<number>
  /** All of one owner. How many there were. */
  shredDataKeys(tenant: string, owner: string): Promise<number>
  /** Sets the moment from which a key without a record is deleted. */
  checkDataKeys(ids: readonly string[], checkAt: number): Promise<void>
  /** Those whose end or whose check has come. */
  listDueDataKeys(now: number, limit: number): Promise<DataKeyRecord[]>
}
