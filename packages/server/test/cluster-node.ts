/** One node of a cluster in a process of its own: real but for the engine, whose pictures say what is measured, and the clock, which stands. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import {
  createServer,
  loadKeyring,
  openKeys,
  openPostgresStore,
  POLICIES,
  parseSettings,
  type Store,
} from '../src/index.ts'
import { PUBLIC_URL, systemRandom } from './fixture.ts'
import { createScriptedEngine } from './scripted-engine.ts'

const { passive } = POLICIES
/** Keeping still, and that not for long: the cheapest capture that is decided. Its pictures come faster than any camera's. */
export const BRIEF = {
  ...passive!,
  name: 'brief',
  challenge: { ...passive!.challenge, holdFrames: 12, holdSpread: 0 },
  rules: passive!.rules.filter(({ signal }) => signal !== 'frame-cadence'),
}

/** What a node keeps for itself that all must share: histories of such a cluster must be found out. */
export type Flaw = 'values' | 'allowances' | 'reads'

export interface ClusterOpening {
  /** Address of the database. */
  readonly url: string
  /** File with the keyring. */
  readonly keyring: string
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly named?: Readonly<Record<string, string>>
  readonly flaw?: Flaw
}

async function serve({ url, keyring, now, named, flaw }: ClusterOpening): Promise<void> {
  const store = await openPostgresStore({ url, connections: 6 })
  const deps = {
    engine: createScriptedEngine(),
    store: flaw === undefined ? store : FLAWS[flaw](store),
    keys: await openKeys(await loadKeyring(keyring)),
    clock: { now: () => now, monotonicMs: () => performance.now() },
    random: systemRandom,
    policies: { ...POLICIES, brief: BRIEF },
    log: { level: 'error', stream: process.stderr },
  }
  const settings = parseSettings({
    named: {
      'server.publicUrl': PUBLIC_URL,
      'server.development': 'true',
      'limits.tokensPerClientPerMinute': '1000000',
      ...named,
    },
  })
  const app = await createServer(deps, settings)
  await app.listen({ host: '127.0.0.1', port: 0 })
  process.send?.((app.server.address() as AddressInfo).port)
  await once(process, 'disconnect')
  await app.close()
  await store.close()
}

const FLAWS: Readonly<Record<Flaw, (store: Store) => Store>> = {
  values(store) {
    const used = new Set<string>()
    return {
      ...store,
      useOnce: async (kind, value) =>
        !used.has(`${kind} ${value}`) && used.add(`${kind} ${value}`) !== undefined,
    }
  },
  allowances(store) {
    const used = new Map<string, number>()
    return {
      ...store,
      takeAllowances: async (takes) => {
        const allowances = takes.map((take) => ({ ...take, used: (used.get(take.key) ?? 0) + 1 }))
        const taken = allowances.every((allowance) => allowance.used <= allowance.most)
        if (taken) for (const { key, used: now } of allowances) used.set(key, now)
        return { taken, allowances }
      },
    }
  },
  reads(store) {
    const kept = new Map<string, ReturnType<Store['findSession']>>()
    return {
      ...store,
      findSession(tenant, id) {
        const found = kept.get(id) ?? store.findSession(tenant, id)
        kept.set(id, found)
        return found
      },
      async changeSession(session, ...rest) {
        kept.delete(session.id)
        return store.changeSession(session, ...rest)
      },
    }
  },
}

if (import.meta.main) {
  const [opening] = (await once(process, 'message')) as [ClusterOpening]
  await serve(opening)
}
