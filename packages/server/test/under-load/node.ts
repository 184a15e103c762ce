/**
 * One node of the service in a process of its own, over a store that others may share. Everything in it is real but the engine,
 * whose pictures say what is measured in them, and the clock, which goes on when the parent says so. Waits for `open` with
 * everything imported, so that a node that was killed is followed at once. Speaks over IPC: see `Order` and `Word`.
 */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import {
  createServer,
  loadKeyring,
  openKeys,
  openPostgresStore,
  openSqliteStore,
  parseSettings,
  type Store,
  signCheckpoints,
  sweep,
  watchKeyring,
} from '../../src/index.ts'
import { PUBLIC_URL, systemRandom } from '../fixture.ts'
import { createScriptedEngine } from '../scripted-engine.ts'

/** Where a node finds its store: a file, or the address of a database. */
export type Place = { readonly file: string } | { readonly url: string }

export interface Opening {
  readonly place: Place
  /** File with the keyring. */
  readonly keyring: string
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly named?: Readonly<Record<string, string>>
  /** Pause between two rounds of checkpoints and sweeps, milliseconds of real time; as the service has it when absent. */
  readonly upkeepMs?: number
}

export type Order =
  | { readonly open: Opening }
  /** The clock goes on to there; never back. */
  | { readonly now: number }
  /** After a collection of garbage where the process may ask for one. */
  | { readonly ask: 'memory' }
  | { readonly ask: 'upkeep' }

/** Bytes. */
export type Memory = Pick<
  NodeJS.MemoryUsage,
  'rss' | 'heapUsed' | 'heapTotal' | 'external' | 'arrayBuffers'
> & {
  /** Of the process so far, microseconds. */
  readonly cpuUs: number
}

export type Word =
  | { readonly port: number }
  | { readonly now: number }
  | { readonly memory: Memory }
  /** Sweeps and checkpoints so far, and what failed in them. */
  | { readonly rounds: number; readonly troubles: readonly string[] }

export function openPlace(place: Place): Promise<Store> {
  return 'file' in place ? openSqliteStore(place.file) : openPostgresStore({ url: place.url, connections: 5 })
}

const say = (word: Word) => process.send?.(word)

async function serve({ place, keyring: path, now, named = {}, upkeepMs }: Opening): Promise<void> {
  let time = now
  const clock = { now: () => time, monotonicMs: () => time - now + 1 }
  const random = systemRandom
  const keys = await openKeys(await loadKeyring(path))
  const watch = watchKeyring(path, () => loadKeyring(path), keys, { taken() {}, refused() {} }, 50)
  const store = await openPlace(place)
  const settings = parseSettings({
    named: {
      'server.publicUrl': PUBLIC_URL,
      'server.development': 'true',
      // The clock stands still between captures, so a minute of it holds any number of requests.
      'limits.requestsPerKeyPerMinute': '100000000',
      'limits.requestsPerTenantPerMinute': '100000000',
      'limits.comparisonsPerMinute': '1000000',
      'limits.tokensPerClientPerMinute': '1000000',
      ...named,
    },
  })
  const log = process.env.IPSE_NODE_LOG ? { level: process.env.IPSE_NODE_LOG, stream: process.stderr } : false
  const engine = createScriptedEngine()
  const app = await createServer({ engine, store, keys, clock, random, log }, settings)
  const troubles: string[] = []
  let rounds = 0
  const keepUp = async () => {
    try {
      await sweep({ store, keys, clock, random }, settings)
      await signCheckpoints({ store, keys, clock, publicUrl: PUBLIC_URL })
    } catch (error) {
      troubles.push(error instanceof Error ? `${error.message}: ${String(error.cause)}` : String(error))
    }
    rounds++
  }
  let upkeep: Promise<void> = Promise.resolve()
  const goOn = () => {
    upkeep = upkeep.then(keepUp)
  }
  const timer = upkeepMs && setInterval(goOn, upkeepMs)
  process.on('message', async (order: Order) => {
    if ('now' in order) {
      time = Math.max(time, order.now)
      say({ now: order.now })
    } else if ('ask' in order && order.ask === 'memory') {
      say({ memory: await memory() })
    } else if ('ask' in order) {
      await upkeep
      say({ rounds, troubles })
    }
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  say({ port: (app.server.address() as AddressInfo).port })
  await once(process, 'disconnect')
  clearInterval(timer)
  watch.close()
  await upkeep
  await app.close()
  await store.close()
}

async function memory(): Promise<Memory> {
  globalThis.gc?.()
  await setImmediate()
  const { user, system } = process.cpuUsage()
  return { ...process.memoryUsage(), cpuUs: user + system }
}

if (import.meta.main) {
  const [order] = (await once(process, 'message')) as [Order]
  if ('open' in order) await serve(order.open)
}
