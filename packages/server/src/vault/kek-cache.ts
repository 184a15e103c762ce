/**
 * Spares a key service the same question again: record keys that were unwrapped a moment ago, few, for a short time, and
 * overwritten when they go. Whoever asks has read the wrapped key from the store just before, so a key that was destroyed
 * there is not answered from here.
 */
import type { KekProvider, WrappedKey } from './kek.ts'

export interface CacheLimits {
  /** Keys. */
  readonly most: number
  /** Milliseconds. */
  readonly lifeMs: number
}

/** A template is compared a few times within a session and then not for days. */
const LIMITS: CacheLimits = { most: 1000, lifeMs: 60_000 }

/** @param now milliseconds since any moment */
export function cachedKeks(
  provider: KekProvider,
  now: () => number,
  limits = LIMITS,
): KekProvider & Required<Pick<KekProvider, 'expire' | 'close'>> {
  /** Oldest first. */
  const kept = new Map<string, { readonly key: Uint8Array; readonly at: number }>()

  function drop(name: string): void {
    kept.get(name)?.key.fill(0)
    kept.delete(name)
  }
  function expire(): void {
    for (const [name, { at }] of kept) {
      const age = now() - at
      if (age >= 0 && age < limits.lifeMs) return
      drop(name)
    }
  }
  /** The wrapped bytes and all they are bound to: nothing is answered for a record that was moved or altered. */
  const nameOf = ({ kekId, wrapped }: WrappedKey, keyId: string, aad: Uint8Array) =>
    [kekId, keyId, base64(wrapped), base64(aad)].join(' ')

  return {
    ...provider,
    async unwrap(wrapped, binding) {
      expire()
      const name = nameOf(wrapped, binding.keyId, binding.aad)
      const found = kept.get(name)
      if (found) return Uint8Array.from(found.key)
      const key = await provider.unwrap(wrapped, binding)
      drop(name)
      kept.set(name, { key: Uint8Array.from(key), at: now() })
      for (const [oldest] of kept) {
        if (kept.size <= limits.most) break
        drop(oldest)
      }
      return key
    },
    expire,
    close() {
      for (const name of kept.keys()) drop(name)
      provider.close?.()
    },
  }
}

const base64 = (bytes: Uint8Array) =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
