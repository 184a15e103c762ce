/** What the server is given: it creates neither engine nor store, and reads neither clock nor entropy itself. */

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Engine } from '@ipse/engine'
import type { FastifyServerOptions } from 'fastify'
import type { AttestationTrust } from './attestation/trust.ts'
import type { Policies } from './domain/policies/index.ts'
import type { Keys } from './keys/keys.ts'
import type { Store } from './store/store.ts'
import type { KekProvider } from './vault/kek.ts'

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Milliseconds since any fixed moment; never goes back. */
  monotonicMs(): number
}

export interface Random {
  /** That many bytes from a CSPRNG. */
  bytes(length: number): Uint8Array
}

export interface Dependencies {
  readonly engine: Engine
  readonly store: Store
  readonly keys: Keys
  readonly clock: Clock
  readonly random: Random
  /** Wraps the keys of what is kept of faces; the keyring's own key-encryption keys when absent. */
  readonly kek?: KekProvider
  /** The policies that sessions may name; those that come with Ipse when absent. */
  readonly policies?: Policies
  /** Roots and keys that device attestations are checked against; none counts when absent. */
  readonly attestation?: AttestationTrust
  /** Fastify's `logger` option; silent when absent. */
  readonly log?: FastifyServerOptions['logger']
  /** Answers requests for paths that Ipse does not own, on the same port: the example site in development. */
  readonly fallback?: (request: IncomingMessage, reply: ServerResponse) => void
}
