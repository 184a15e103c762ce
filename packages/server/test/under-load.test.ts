/**
 * Rotation of every key, rewrapping, backups, sweeps and checkpoints while clients work: no request fails, nothing is lost.
 * `IPSE_LOAD_SECONDS=300 node --test packages/server/test/under-load.test.ts` is the long form.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomFrom } from './fuzz/random.ts'
import { startPostgres } from './postgres.ts'
import { type ChoreReport, runChores } from './under-load/chores.ts'

const SECONDS = Number(process.env.IPSE_LOAD_SECONDS ?? 8)

function checkReport(report: ChoreReport): string {
  const { failures, losses, troubles, ...figures } = report
  assert.deepEqual(failures, [])
  assert.deepEqual(losses, [])
  assert.deepEqual(troubles, [])
  for (const [what, count] of Object.entries(report.rotations))
    assert.ok(count > 0, `${what} was not rotated`)
  assert.ok(report.backups > 0 && report.checkpoints > 0 && report.sweeps > 0)
  assert.ok(report.rewrapped > 0, 'keys were wrapped anew')
  assert.equal(report.swept, report.aged, 'the sweeps deleted what was old')
  return JSON.stringify(figures)
}

test('sqlite: no request fails while keys rotate, logs are signed, data is swept and backed up', async (t) => {
  t.diagnostic(checkReport(await runChores(SECONDS, randomFrom(1))))
})

test('postgres: the same', async (t) => {
  await using server = await startPostgres()
  const url = await server.newDatabase()
  t.diagnostic(checkReport(await runChores(SECONDS, randomFrom(2), { url })))
})
