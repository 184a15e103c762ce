/**
 * Kills at length; the tests run the same in short. Nodes are ended with SIGKILL at random moments under load: one over SQLite,
 * then two that share a PostgreSQL, which is killed itself every tenth time.
 *   node tools/kill.ts [--sqlite 1000] [--postgres 300] [--seed 1]
 * Prints one JSON document; ends with 1 when anything was lost.
 */
import { parseArgs } from 'node:util'
import { randomFrom } from '../packages/server/test/fuzz/random.ts'
import { startPostgres } from '../packages/server/test/postgres.ts'
import { type KillReport, runKills } from '../packages/server/test/under-load/kills.ts'

const { values } = parseArgs({
  options: {
    sqlite: { type: 'string', default: '1000' },
    postgres: { type: 'string', default: '300' },
    seed: { type: 'string', default: '1' },
  },
})
const seed = Number(values.seed)
const tell = ({ kills, databaseKills, answers, seconds, checked, losses, failures }: KillReport) => {
  if (kills % 10 !== 0 && losses.length === 0) return
  const answered = Object.values(answers).reduce((sum, n) => sum + n, 0)
  const words = [
    `${kills} kills (${databaseKills} of the database)`,
    `${Math.round(seconds)} s`,
    `${answered} answers`,
    `${checked} statements held`,
    `${losses.length} losses`,
    `${failures.length} failures`,
  ]
  console.error(words.join(', '))
}

async function onPostgres(kills: number): Promise<KillReport> {
  await using server = await startPostgres()
  const { crash } = server
  const place = { url: await server.newDatabase() }
  const crashes = crash === undefined ? {} : { crash, crashEvery: 10 }
  return await runKills({ kills, nodes: 2, place, random: randomFrom(seed), tell, ...crashes })
}

const [sqlite, postgres] = [Number(values.sqlite), Number(values.postgres)]
const report: Record<string, KillReport> = {}
if (sqlite > 0) report.sqlite = await runKills({ kills: sqlite, nodes: 1, random: randomFrom(seed), tell })
if (postgres > 0) report.postgres = await onPostgres(postgres)
console.log(JSON.stringify(report, null, 2))
const good = ({ losses, failures }: KillReport) => losses.length + failures.length === 0
process.exitCode = Object.values(report).every(good) ? 0 : 1
