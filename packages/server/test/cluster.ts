/** Three nodes over one PostgreSQL, as their parent has them. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createApiKey,
  createClient,
  loadOrCreateKeyring,
  openKeys,
  openPostgresStore,
  SCOPE_NAMES,
} from '../src/index.ts'
import type { ClusterOpening } from './cluster-node.ts'
import { systemRandom } from './fixture.ts'
import type { TestPostgres } from './postgres.ts'
import { newSigner, type Signer } from './tokens.ts'

export const NODES = 3

export interface ClusterNode {
  readonly url: string
  readonly socketUrl: string
}

export interface Cluster extends AsyncDisposable {
  readonly nodes: readonly ClusterNode[]
  /** Of all nodes; it stands still. Milliseconds since the epoch. */
  readonly now: number
  /** A key of a tenant, new when nobody has named it before. */
  newKey(tenant: string): Promise<string>
  newClient(tenant: string): Promise<{ readonly id: string; readonly signer: Signer }>
}

export async function startCluster(
  postgres: TestPostgres,
  more: Pick<ClusterOpening, 'named' | 'flaw'> = {},
): Promise<Cluster> {
  const url = await postgres.newDatabase()
  const folder = mkdtempSync(join(tmpdir(), 'ipse-cluster-'))
  const path = join(folder, 'keyring.json')
  const now = Date.UTC(2026, 10, 21)
  const clock = { now: () => now, monotonicMs: () => 1 }
  const { keyring } = await loadOrCreateKeyring(path, systemRandom.bytes, now)
  const keys = await openKeys(keyring)
  const store = await openPostgresStore({ url, connections: 2 })
  const children = Array.from({ length: NODES }, () => fork(join(import.meta.dirname, 'cluster-node.ts')))
  const nodes = await Promise.all(children.map((child) => open(child, { url, keyring: path, now, ...more })))
  let made = 0
  return {
    nodes,
    now,
    async newKey(tenant) {
      const wish = { tenant, name: `key ${++made}`, scopes: SCOPE_NAMES }
      return (await createApiKey(store, keys, systemRandom, clock, wish)).key
    },
    async newClient(tenant) {
      const signer = newSigner()
      const wish = {
        tenant,
        name: 'program',
        scopes: ['session:read'],
        jwks: { keys: [signer.jwk] },
      } as const
      return { id: (await createClient(store, systemRandom, clock, wish)).id, signer }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(children.map(stop))
      await store.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function open(child: ChildProcess, opening: ClusterOpening): Promise<ClusterNode> {
  const ended = once(child, 'exit').then(() => {
    throw new Error('a node ended before it listened')
  })
  child.send(opening)
  const [port] = await Promise.race([once(child, 'message'), ended])
  // From here on its end is its parent's wish.
  ended.catch(() => {})
  return { url: `http://127.0.0.1:${port}`, socketUrl: `ws://127.0.0.1:${port}/c/v1/capture` }
}

async function stop(child: ChildProcess): Promise<void> {
  const ended = child.exitCode === null ? once(child, 'exit') : undefined
  if (child.connected) child.disconnect()
  await ended
}
