/**
 * The service in a process of its own, so that what it costs can be told from what the bench costs. Speaks over IPC:
 * says `{url, apiKey}` when it listens and answers `'cpu'` with what it has spent so far (`Spent`).
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer as createSocket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createEngine, type Stage } from '@ipse/engine'
import {
  createApiKey,
  createKeyring,
  createServer,
  createSystemRandom,
  openKeys,
  openSqliteStore,
  parseSettings,
  SCOPE_NAMES,
} from '@ipse/server'

/** CPU seconds. */
export interface Spent {
  /** Of the process with all its threads. */
  readonly total: number
  /** Of the main thread: HTTP, the sealed channel, judging, the store. */
  readonly service: number
  /** Of the engine's threads; what is decoded for them is done by others. */
  readonly stages: Readonly<Partial<Record<Stage, number>>>
}

function secondsOf({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1e6
}

const dataDir = mkdtempSync(join(tmpdir(), 'ipse-bench-'))
const port = await new Promise<number>((resolve) => {
  const probe = createSocket().listen(0, '127.0.0.1', () => {
    const address = probe.address()
    probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
  })
})
const url = `http://localhost:${port}`
// Requests are counted as always, and never too many.
const limits = {
  'limits.requestsPerKeyPerMinute': '10000000',
  'limits.requestsPerTenantPerMinute': '10000000',
}
const settings = parseSettings({
  named: { 'server.port': String(port), 'server.publicUrl': url, ...limits },
})
const clock = { now: () => Date.now(), monotonicMs: () => performance.now() }
const random = createSystemRandom()
const stages: Partial<Record<Stage, number>> = {}
const engine = await createEngine({
  threads: settings.engine.concurrency,
  onCosts(costs) {
    for (const [stage, ms] of Object.entries(costs) as [Stage, number][])
      stages[stage] = (stages[stage] ?? 0) + ms / 1000
  },
})
const store = await openSqliteStore(join(dataDir, 'ipse.sqlite'))
const keys = await openKeys(await createKeyring(random.bytes, clock.now()))
const { key: apiKey } = await createApiKey(store, keys, random, clock, {
  tenant: 'bench',
  name: 'bench',
  scopes: SCOPE_NAMES,
})
const app = await createServer({ engine, store, keys, clock, random }, settings)
await app.listen({ host: '127.0.0.1', port })

process.on('message', (message) => {
  if (message !== 'cpu') return
  process.send?.({
    total: secondsOf(process.cpuUsage()),
    service: secondsOf(process.threadCpuUsage()),
    stages,
  } satisfies Spent)
})
process.on('disconnect', async () => {
  await app.close()
  await engine.close()
  await store.close()
  rmSync(dataDir, { recursive: true, force: true })
})
process.send?.({ url, apiKey })
