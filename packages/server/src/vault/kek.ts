/**
 * What wraps the keys of records: a provider of key-encryption keys. The keyring, the environment, a key service behind HTTP
 * or a module of the operator's own are each one file that does this. A provider that cannot be reached throws
 * `storage_unavailable`, which callers may try again; it never answers with something that merely looks like a key.
 */

/** What a record's key is bound to: what is not the same does not unwrap. */
export interface KeyBinding {
  /** Id of the record key; unique for ever. */
  readonly keyId: string
  /** Canonical bytes of whose key it is. */
  readonly aad: Uint8Array
}

export interface WrappedKey {
  /** Which key-encryption key it takes. */
  readonly kekId: string
  readonly wrapped: Uint8Array
}

export type KekState = 'waiting' | 'wrapping' | 'opening' | 'missing'

export interface KekDescription {
  readonly id: string
  /** Waits for its time, wraps what is new, only opens what is old, or is not there although something needs it. */
  readonly state: KekState
  /** Milliseconds since the epoch, of one that had to wait. */
  readonly wrapsFrom?: number
}

export interface KekProvider {
  /** Newest first; exactly one of them is `wrapping`. */
  list(): Promise<readonly KekDescription[]>
  /** Id of the one that wraps now. */
  current(): Promise<string>
  /** @param key 32 bytes; not changed and not kept */
  wrap(key: Uint8Array, binding: KeyBinding): Promise<WrappedKey>
  /** @returns 32 bytes that the caller zeroises @throws IpseError `internal` for what does not fit */
  unwrap(wrapped: WrappedKey, binding: KeyBinding): Promise<Uint8Array>
  /** The same key under the key-encryption key of now; absent where unwrapping and wrapping is all there is. */
  rewrap?(wrapped: WrappedKey, binding: KeyBinding): Promise<WrappedKey>
  /** Makes a new key-encryption key that wraps from now on; absent where that is done elsewhere. @returns its id */
  rotate?(): Promise<string>
  /** Destroys one that nothing is wrapped with; absent where that is done elsewhere. */
  destroy?(id: string): Promise<void>
  /** Overwrites what it has kept in memory for too long. Called at intervals. */
  expire?(): void
  /** Overwrites all that it keeps in memory. */
  close?(): void
}

export async function rewrapped(
  provider: KekProvider,
  wrapped: WrappedKey,
  binding: KeyBinding,
): Promise<WrappedKey> {
  if (provider.rewrap) return provider.rewrap(wrapped, binding)
  const key = await provider.unwrap(wrapped, binding)
  try {
    return await provider.wrap(key, binding)
  } finally {
    key.fill(0)
  }
}
