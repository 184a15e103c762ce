/**
 * The service in a process of its own, so that what it costs can be told from what the bench costs. Speaks over IPC:
 * says `{url, apiKey}` when it listens and answers `'cpu'` with the CPU seconds that it has used so far.
 */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer as createSocket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createEngine } from '@ipse/engine'
import {
  createApiKey,
  createKeyring,
  createServer,
  openKeys,
  openSqliteStore,
  parseSettings,
  SCOPE_NAMES,
} from '@ipse/server'

const dataDir = mkdtempSync(join(tmpdir(), 'ipse-bench-'))
const port = await new Promise<number>((resolve) => {
  const probe = createSocket().listen(0, '127.0.0.1', () => {
    const address = probe.address()
    probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
  })
})
const url = `http://localhost:${port}`
const settings = parseSettings({ named: { 'server.port': String(port), 'server.publicUrl': url } })
const clock = { now: () => Date.now(), monotonicMs: () => performance.now() }
const random = { bytes: (length: number) => randomBytes(length) }
const engine = await createEngine({ threads: settings.engine.concurrency })
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
  const { user, system } = process.cpuUsage()
  process.send?.({ cpuSeconds: (user + system) / 1e6 })
})
process.on('disconnect', async () => {
  await app.close()
  await engine.close()
  await store.close()
  rmSync(dataDir, { recursive: true, force: true })
})
process.send?.({ url, apiKey })
