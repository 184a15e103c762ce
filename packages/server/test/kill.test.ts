/**
 * Nothing that was acknowledged is lost, and nothing is decided twice, when a node is killed at any moment under load: one node
 * over SQLite, two over PostgreSQL, and PostgreSQL itself. `node tools/kill.ts` is the long form.
 */
import assert from 'node:assert/strict'
import { copyFileSync, existsSync } from 'node:fs'
import { test } from 'node:test'
import { randomFrom } from './fuzz/random.ts'
import { startPostgres } from './postgres.ts'
import { type KillReport, runKills } from './under-load/kills.ts'

const KILLS = Number(process.env.IPSE_KILLS ?? 8)
const NODE_KILLS = Number(process.env.IPSE_NODE_KILLS ?? 4)

function checkReport(report: KillReport, kills: number): string {
  assert.deepEqual(report.losses, [])
  assert.deepEqual(report.failures, [])
  assert.equal(report.kills, kills)
  assert.ok(report.cutOff > 0, 'a kill cut something off')
  assert.ok(report.checkpoints > 0 && report.auditEntries > kills, 'the log grew and was signed')
  const { answers: _, losses: __, failures: ___, ...figures } = report
  return JSON.stringify(figures)
}

test(`sqlite: nothing acknowledged is lost in ${KILLS} kills`, async (t) => {
  t.diagnostic(checkReport(await runKills({ kills: KILLS, nodes: 1, random: randomFrom(1) }), KILLS))
})

test(`postgres: nothing acknowledged is lost in ${NODE_KILLS} kills of nodes and database`, async (t) => {
  await using server = await startPostgres()
  const place = { url: await server.newDatabase() }
  const { crash } = server
  const crashes = crash === undefined ? {} : { crash, crashEvery: 3 }
  const options = { kills: NODE_KILLS, nodes: 2, place, random: randomFrom(2), ...crashes } as const
  t.diagnostic(checkReport(await runKills(options), NODE_KILLS))
})

test('the same check finds what a store that went back would lose', async () => {
  let round = 0
  const report = await runKills({
    kills: 2,
    nodes: 1,
    random: randomFrom(3),
    async spoil(place) {
      const file = 'file' in place ? place.file : ''
      for (const part of [file, `${file}-wal`]) {
        if (round === 0 && existsSync(part)) copyFileSync(part, `${part}.before`)
        if (round === 1 && existsSync(`${part}.before`)) copyFileSync(`${part}.before`, part)
      }
      round++
    },
  })
  assert.ok(report.losses.some((loss) => loss.includes('is gone')))
  assert.ok(report.losses.some((loss) => loss.includes('shorter')))
})
