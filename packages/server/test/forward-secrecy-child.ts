/**
 * The service in a process of its own, so that all that it knows can be dumped. Speaks over IPC: says `{port, apiKey}` when it
 * listens; answers `collect` with the number of private sealing keys that are still reachable, `snapshot <path>` when the heap
 * is written there, and `tick` when its clock has gone on by a tenth of a second.
 */
import crypto from 'node:crypto'
import { once } from 'node:events'
import { syncBuiltinESMExports } from 'node:module'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { writeHeapSnapshot } from 'node:v8'
import {
  createApiKey,
  createServer,
  loadOrCreateKeyring,
  openKeys,
  openSqliteStore,
  parseSettings,
} from '../src/index.ts'
import { createTestClock, PUBLIC_URL, systemRandom } from './fixture.ts'
import { createScriptedEngine } from './scripted-engine.ts'

const [folder = ''] = process.argv.slice(2)
const clock = createTestClock()
const random = systemRandom
const engine = createScriptedEngine()

/** Private keys that captures are sealed to, by what agrees with them, for as long as something holds them. */
const sealing: WeakRef<object>[] = []
const { diffieHellman } = crypto
crypto.diffieHellman = ((...given: Parameters<typeof diffieHellman>) => {
  sealing.push(new WeakRef(given[0].privateKey as object))
  return diffieHellman(...given)
}) as typeof diffieHellman
syncBuiltinESMExports()

const store = await openSqliteStore(join(folder, 'ipse.sqlite'))
const { keyring } = await loadOrCreateKeyring(join(folder, 'keyring.json'), random.bytes, clock.now())
const keys = await openKeys(keyring)
const wish = { tenant: 'shop', name: 'test', scopes: ['session:create', 'session:read'] } as const
const { key: apiKey } = await createApiKey(store, keys, random, clock, wish)
const named = { 'server.publicUrl': PUBLIC_URL, 'server.development': 'true' }
const app = await createServer({ engine, store, keys, clock, random }, parseSettings({ named }))
await app.listen({ host: '127.0.0.1', port: 0 })

async function answer(message: string): Promise<unknown> {
  if (message === 'tick') return clock.advance(100)
  if (message.startsWith('snapshot ')) return writeHeapSnapshot(message.slice('snapshot '.length))
  for (let round = 0; round < 5; round++) {
    globalThis.gc?.()
    await setImmediate()
  }
  return sealing.filter((key) => key.deref() !== undefined).length
}
process.on('message', async (message) => process.send?.({ answer: await answer(String(message)) }))
process.send?.({ port: (app.server.address() as AddressInfo).port, apiKey })
await once(process, 'disconnect')
await app.close()
await store.close()
