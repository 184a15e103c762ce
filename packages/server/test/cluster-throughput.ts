/**
 * How many transactions a second the store commits for one tenant, whose lock they all wait for, and for many: each appends to
 * the audit log, as every one that matters does. `node packages/server/test/cluster-throughput.ts [SECONDS] [CONNECTIONS]` (5
 * and 16 when absent).
 */
import { openPostgresStore } from '../src/index.ts'
import { startPostgres } from './postgres.ts'
import { anAudit } from './store/records.ts'

const [seconds = '5', connections = '16'] = process.argv.slice(2)
await using postgres = await startPostgres()
const store = await openPostgresStore({ url: await postgres.newDatabase(), connections: Number(connections) })

/** @returns commits a second */
async function commits(tenants: number): Promise<number> {
  const begun = performance.now()
  const end = begun + 1000 * Number(seconds)
  let done = 0
  await Promise.all(
    Array.from({ length: Number(connections) }, async (_, i) => {
      while (performance.now() < end) {
        await store.appendAudit(anAudit({ tenant: `t${i % tenants}`, id: crypto.randomUUID() }))
        done++
      }
    }),
  )
  return Math.round(done / ((performance.now() - begun) / 1000))
}

await commits(Number(connections))
const [one, many] = [await commits(1), await commits(Number(connections))]
await store.close()
console.log(JSON.stringify({ seconds: Number(seconds), connections: Number(connections), one, many }))
