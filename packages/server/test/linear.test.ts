/**
 * Three nodes over one PostgreSQL behave as one: no concurrent history of a session, a value, a limit or a key says otherwise.
 * `IPSE_HISTORIES` makes more of them than the few of an ordinary run.
 */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { KINDS, makeHistories } from './linear-histories.ts'
import { startPostgres } from './postgres.ts'

const count = Number(process.env.IPSE_HISTORIES ?? 40)
const server = await startPostgres()
after(() => server.stop())

test('every history has an order that one node could have answered in', async () => {
  const told = await makeHistories(server, { count, seed: 1 })
  assert.equal(told.length, count)
  assert.deepEqual(
    told.filter(({ linearizable }) => !linearizable).map(({ kind, why }) => `${kind}: ${why}`),
    [],
  )
  for (const kind of KINDS)
    assert.ok(
      told.some((one) => one.kind === kind && one.operations > 3),
      `no history of ${kind}`,
    )
})

for (const [flaw, kind] of [
  ['values', 'proofs'],
  ['allowances', 'limit'],
  ['reads', 'session'],
] as const)
  test(`nodes that keep their own ${flaw} are found out`, async () => {
    const told = await makeHistories(server, { count: 8, seed: 2, kinds: () => kind, flaw })
    assert.ok(
      told.some(({ linearizable }) => !linearizable),
      'nobody noticed',
    )
  })
