/**
 * Nonces that proofs over HTTP must bring, where the operator asks for them (RFC 9449 §8): a proof cannot be made in advance. No
 * process remembers any: a nonce is a keyed hash of the minute, the same on every node.
 */

import type { FastifyReply } from 'fastify'
import { decodeJwt } from 'jose'
import type { Clock } from '../deps.ts'
import type { Keys } from '../keys/keys.ts'

/** The nonce of this window and of the one before are taken, milliseconds. */
const WINDOW_MS = 60_000

export interface Nonces {
  /** For the `DPoP-Nonce` header. */
  current(): string
  /** The nonce that a proof brings, unless it is none of ours or too old. The proof is not verified yet. */
  of(proof: unknown): string | undefined
}

export function createNonces(keys: Pick<Keys, 'mac'>, clock: Pick<Clock, 'now'>): Nonces {
  const nonceOf = (ago: number) => keys.mac('dpop-nonce', Math.floor(clock.now() / WINDOW_MS) - ago)
  return {
    current: () => nonceOf(0),
    of(proof) {
      try {
        const { nonce } = decodeJwt(String(proof))
        // Public values: anybody gets them for asking.
        return [nonceOf(0), nonceOf(1)].find((ours) => ours === nonce)
      } catch {
        return undefined
      }
    },
  }
}

/** Says which nonce the next proof must bring: RFC 9449 §8 and §9. */
export function askForNonce(reply: FastifyReply, nonces: Nonces | undefined): void {
  if (!nonces) return
  reply.header('dpop-nonce', nonces.current()).header('www-authenticate', 'DPoP error="use_dpop_nonce"')
}
