/** The service's published receipt keys, fetched when needed and kept while this process lives. */
import type { JWK } from 'jose'
import { type Jwks, parseJwks } from './jwks.ts'

/** An unknown `kid` makes us fetch again at most this often, milliseconds: receipts are other people's input. */
const REFETCH_PAUSE_MS = 30_000

export interface KeyCache {
  /** Undefined when the service does not publish such a key. */
  find(kid: string): Promise<JWK | undefined>
}

/** @param fetchJwks returns the parsed `/.well-known/jwks.json` */
export function createKeyCache(
  fetchJwks: () => Promise<unknown>,
  monotonicMs = () => performance.now(),
): KeyCache {
  let known: Jwks = { keys: [] }
  let fetchedAt = Number.NEGATIVE_INFINITY
  let pending: Promise<void> | undefined

  async function refresh(): Promise<void> {
    known = parseJwks(await fetchJwks())
    fetchedAt = monotonicMs()
  }

  return {
    async find(kid) {
      const here = () => known.keys.find((key) => key.kid === kid)
      if (here() || monotonicMs() - fetchedAt < REFETCH_PAUSE_MS) return here()
      pending ??= refresh().finally(() => {
        pending = undefined
      })
      await pending
      return here()
    },
  }
}
