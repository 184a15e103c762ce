/** The store for many nodes: the contract on a real PostgreSQL, and what is its own. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { IpseError } from '@ipse/protocol'
import pg from 'pg'
import { openPostgresStore } from '../src/index.ts'
import { startPostgres } from './postgres.ts'
import { contract } from './store/contract.ts'
import { anAudit, aSession } from './store/records.ts'

const server = await startPostgres()
after(() => server.stop())

contract('postgres', async () => openPostgresStore({ url: await server.newDatabase() }))

test('postgres: nodes that start together migrate once, and a newer database is refused', async () => {
  const url = await server.newDatabase()
  const nodes = await Promise.all(Array.from({ length: 6 }, () => openPostgresStore({ url, connections: 2 })))
  const [one, other] = nodes
  assert.ok(one && other)
  const session = aSession()
  await one.insertSession(session, anAudit())
  assert.deepEqual(await other.findSession(session.id), session)
  const changes = await Promise.all(
    nodes.map((node, i) => node.changeSession(session, { state: 'bound', jkt: `node${i}` })),
  )
  assert.equal(changes.filter(Boolean).length, 1, 'one of six wins')
  await Promise.all(nodes.map((node) => node.close()))
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  assert.equal((await client.query('select * from schema_version')).rowCount, 1)
  await client.query('update schema_version set version = 99')
  await client.end()
  await assert.rejects(openPostgresStore({ url }), { code: 'storage_unavailable' })
})

test('postgres: nobody there, a wrong password, a closed store: storage_unavailable', async () => {
  const url = await server.newDatabase()
  const wrong = new URL(url)
  wrong.password = 'wrong'
  const refused = (error: unknown) =>
    error instanceof IpseError && error.code === 'storage_unavailable' && !error.message.includes('wrong')
  if (server.folder) await assert.rejects(openPostgresStore({ url: wrong.href }), refused)
  const nowhere = new URL(url)
  nowhere.port = '1'
  await assert.rejects(openPostgresStore({ url: nowhere.href }), refused)
  const store = await openPostgresStore({ url })
  await store.close()
  await assert.rejects(store.findSession('x'), refused)
})
