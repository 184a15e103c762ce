/** The store for many nodes: the contract on a real PostgreSQL, and what is its own. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { IpseError } from '@ipse/protocol'
import pg from 'pg'
import { openPostgresStore } from '../src/index.ts'
import { keysUrlBeside } from '../src/store/data-keys/place.ts'
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
  assert.deepEqual(await other.findSession('shop', session.id), session)
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

test('postgres: keys are in a schema of their own, or in another database, and never among the data', async () => {
  const key = {
    id: 'dek_1',
    tenant: 'shop',
    owner: 'o',
    kekId: 'k',
    wrapped: new Uint8Array([1]),
    createdAt: 1,
  }
  const tables = async (url: string) => {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    const { rows } = await client.query<{ at: string }>(
      "select schemaname || '.' || tablename as at from pg_tables where tablename in ('data_keys', 'sessions')",
    )
    await client.end()
    return rows.map(({ at }) => at).toSorted()
  }
  const [shared, data, keys] = [
    await server.newDatabase(),
    await server.newDatabase(),
    await server.newDatabase(),
  ]
  for (const options of [{ url: shared }, { url: data, keysUrl: keys }]) {
    const store = await openPostgresStore(options)
    await store.insertDataKey(key)
    assert.deepEqual(await store.findDataKey('dek_1'), key)
    await store.close()
    const again = await openPostgresStore(options)
    assert.deepEqual(await again.findDataKey('dek_1'), key)
    await again.close()
  }
  assert.deepEqual(await tables(shared), ['ipse_keys.data_keys', 'public.sessions'])
  assert.deepEqual(await tables(data), ['public.sessions'])
  assert.deepEqual(await tables(keys), ['public.data_keys'])
})

test('postgres: settings in the address hold for data and keys; only the schema of the keys is their own', async () => {
  const url = new URL(await server.newDatabase())
  url.searchParams.set('options', '-c search_path=ipse_data -c lock_timeout=1234ms')
  const setUp = new pg.Client({ connectionString: url.href })
  await setUp.connect()
  await setUp.query('create schema ipse_data')
  const store = await openPostgresStore({ url: url.href })
  await store.close()
  const { rows } = await setUp.query(
    "select schemaname || '.' || tablename as at from pg_tables where tablename in ('data_keys', 'sessions')",
  )
  await setUp.end()
  assert.deepEqual(rows.map(({ at }) => at).toSorted(), ['ipse_data.sessions', 'ipse_keys.data_keys'])
  const keys = new pg.Client({ connectionString: keysUrlBeside(url.href) })
  await keys.connect()
  const shown = await Promise.all(
    ['lock_timeout', 'search_path'].map(async (name) => (await keys.query(`show ${name}`)).rows[0][name]),
  )
  await keys.end()
  assert.deepEqual(shown, ['1234ms', 'ipse_keys'])
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
  await assert.rejects(store.findSession('shop', 'x'), refused)
})
