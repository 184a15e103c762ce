/**
 * No table that grows with people and captures is read from its beginning to its end by anything that the service does for them:
 * PostgreSQL counts such reads itself, so these are the queries as they are, not copies of them.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { openPostgresStore, signCheckpoints, sweep } from '../src/index.ts'
import { fillPostgres, GROWING, GROWING_KEYS, leaveRows, rawClient, startService } from './cluster-fill.ts'
import { CONSENT, createPerson, PUBLIC_URL, systemRandom } from './fixture.ts'
import { startPostgres, type TestPostgres } from './postgres.ts'

/** Rows of each table: enough for the planner to prefer an index wherever there is one. */
const ROWS = 4_000
const TABLES = Object.keys({ ...GROWING, ...GROWING_KEYS })

let postgres: TestPostgres
before(async () => {
  postgres = await startPostgres(['-c', 'fsync=off'])
})
after(() => postgres?.stop())

test('every query of captures, callers, sweeps and erasures finds its rows by an index', async () => {
  const url = await postgres.newDatabase()
  const store = () => openPostgresStore({ url, connections: 3 })
  await using rows = await rawClient(url)
  const { client } = rows
  const first = await startService(store)
  const { sessionId, subject } = await leaveRows(first, async () => ({}))
  await first[Symbol.asyncDispose]()
  await fillPostgres(client, ROWS)
  await client.query('select pg_stat_force_next_flush()')
  await client.query('select pg_stat_reset()')

  {
    await using fixture = await startService(store, first.keys)
    const get = async (path: string) => assert.equal((await fixture.call('GET', path)).status, 200, path)
    const session = await fixture.createSession({ purpose: 'verification', subject })
    const { outcome } = await fixture.capture(session, createPerson(fixture.clock))
    assert.equal(outcome?.outcome, 'pass')
    const other = await fixture.createSession({ purpose: 'enrolment', subject: 'ben', consent: CONSENT })
    await fixture.capture(other, createPerson(fixture.clock, { person: 3 }))
    await get(`/v1/sessions/${sessionId}`)
    await get('/v1/sessions')
    assert.equal((await fixture.store.listSessions('shop', { limit: 10, subject })).length, 3)
    await fixture.store.listSessionAudit('shop', sessionId, 100)
    assert.ok((await signCheckpoints({ ...fixture, publicUrl: PUBLIC_URL })) > 0)
    assert.ok((await fixture.store.readLogEntries('shop', 0, 10)).length > 0)
    await sweep({ ...fixture, random: systemRandom }, fixture.settings)
    const { status } = await fixture.call('DELETE', `/v1/subjects/${subject}`)
    assert.ok(status >= 200 && status < 300, String(status))
  }
  // A connection tells its statistics when it ends, and that it does a moment after it was closed.
  const open = async () =>
    Number(
      (await client.query(`select count(*) as n from pg_stat_activity where application_name = 'ipse'`))
        .rows[0].n,
    )
  while ((await open()) > 0) await pause(50)

  const { rows: read } = await client.query<{ table: string; whole: string; found: string }>(
    `select relname as table, seq_scan as whole, idx_scan as found from pg_stat_user_tables
     where relname = any($1) order by relname`,
    [TABLES],
  )
  assert.deepEqual(
    read.filter(({ whole }) => Number(whole) > 0).map(({ table }) => table),
    [],
    'tables that are read whole',
  )
  assert.deepEqual(
    read.filter(({ found }) => Number(found) > 0).map(({ table }) => table),
    TABLES.toSorted(),
    'every one of them was asked for something',
  )
})
