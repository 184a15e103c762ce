/**
 * The schema and the statements carry a distributed database: the contract holds over tables partitioned as shards would be, and
 * each statement that the contract makes the store send touches one partition, but for those of the methods that are named here.
 */
import assert from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { openPostgresStore, type Store } from '../src/index.ts'
import { KEYS_SCHEMA, keysUrlBeside } from '../src/store/data-keys/place.ts'
import { dataKeyStore } from '../src/store/parts/data-keys.ts'
import { postgresAccess } from '../src/store/postgres/access.ts'
import { takeAllowances } from '../src/store/postgres/allowances.ts'
import { endPool, poolOf } from '../src/store/postgres/connect.ts'
import { SHARD_COLUMN } from '../src/store/shards.ts'
import { storeOn } from '../src/store/sql-store.ts'
import type { Tables } from '../src/store/tables.ts'
import { partition, partitionsRead } from './partitioned.ts'
import { startPostgres } from './postgres.ts'
import { contract } from './store/contract.ts'

/** Methods that ask or change what several shards hold: none is part of a request about one tenant's sessions or subjects. */
const ACROSS = [
  // Sweeps and checkpoints.
  'listOverdueSessions',
  'sweepEnded',
  'listUnsignedHeads',
  'oldestUnsigned',
  'listUnsentCheckpoints',
  'listCanaries',
  'knownDataKeys',
  'listDueDataKeys',
  'checkDataKeys',
  'deleteDataKeys',
  // The operator's commands.
  'findSessionAnywhere',
  'listLogs',
  'listAllReferences',
  'listDataKeysNotOf',
  'countDataKeys',
  'countKeysBeside',
  // An erasure, in the store of keys; allowances that were refused, each of its own hash.
  'shredDataKeys',
  'takeAllowances',
]

const server = await startPostgres(['-c', 'fsync=off'])
after(() => server.stop())

let data: pg.Pool
let keys: pg.Pool
const tables: string[] = []
before(async () => {
  const url = await server.newDatabase()
  await (await openPostgresStore({ url })).close()
  {
    await using connection = await connected(url)
    for (const schema of ['public', KEYS_SCHEMA]) {
      const found = await partition(connection.client, schema)
      tables.push(...found.map((name) => `${schema}.${name}`))
    }
  }
  ;[data, keys] = [poolOf(url, 10), poolOf(keysUrlBeside(url), 2)]
})
after(async () => {
  for (const pool of [data, keys]) await endPool(pool)
})

async function connected(url: string) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  return { client, [Symbol.asyncDispose]: () => client.end() }
}

/** A statement as it was sent, and the method that sent it. */
interface Sent {
  readonly method: string
  readonly sql: string
  readonly parameters: readonly unknown[]
}

const method = new AsyncLocalStorage<string>()
const sent = new Map<string, Sent>()
let methods: readonly string[] = []

function note({ sql, parameters }: Omit<Sent, 'method'>): void {
  const name = method.getStore() ?? ''
  sent.set(`${name} ${sql}`, { method: name, sql, parameters })
}

function heard(pool: pg.Pool) {
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }), log: ({ query }) => note(query) })
}

/** The store of many nodes, put together as `openPostgresStore` does it, empty, whose statements are heard. */
async function openHeard(): Promise<Store> {
  await data.query(tables.map((name) => `delete from ${name}`).join('; '))
  const db = heard(data)
  const store: Store = {
    ...storeOn(postgresAccess(db)),
    ...dataKeyStore(postgresAccess(heard(keys))),
    takeAllowances: (takes) => takeAllowances(db, takes),
    settle: async () => {},
    // Connections stay for the next part of the contract.
    close: async () => {},
  }
  methods = Object.keys(store)
  const named = Object.entries(store).map(([name, work]) => [
    name,
    (...given: unknown[]) => method.run(name, () => (work as (...given: unknown[]) => unknown)(...given)),
  ])
  return Object.fromEntries(named) as Store
}

contract('partitioned postgres', openHeard)

test('every table of the schema has a shard column or none for a reason', () => {
  assert.deepEqual(
    tables.map((name) => name.replace(/.*\./, '')).toSorted(),
    Object.keys(SHARD_COLUMN).toSorted(),
  )
})

test('a unique constraint that lacks the shard column is refused', async () => {
  const url = await server.newDatabase()
  await (await openPostgresStore({ url })).close()
  await using connection = await connected(url)
  await connection.client.query('create unique index careless on consents (id)')
  await assert.rejects(partition(connection.client, 'public'), /must include all partitioning columns/)
})

test('every statement touches one partition, but for those that are named', async () => {
  const across = new Set<string>()
  let explained = 0
  for (const { method: name, sql, parameters } of sent.values()) {
    if (!/^\s*(select|insert|update|delete)\b/i.test(sql)) continue
    const { rows } = await (sql.includes('data_keys') ? keys : data).query(`explain (format json) ${sql}`, [
      ...parameters,
    ])
    explained++
    if (partitionsRead(rows[0]['QUERY PLAN'][0].Plan) > 1) across.add(name)
  }
  assert.ok(explained > 100, `${explained} statements`)
  const asked = new Set([...sent.values()].map(({ method: name }) => name))
  assert.deepEqual(
    methods.filter((name) => !asked.has(name)),
    ['settle', 'close'],
    'the contract asks for everything else',
  )
  assert.deepEqual([...across].toSorted(), ACROSS.toSorted())
})

test('docs/scaling.md names every table and every method across shards', () => {
  const page = readFileSync(new URL('../../../docs/scaling.md', import.meta.url), 'utf8')
  for (const name of [...Object.keys(SHARD_COLUMN), ...ACROSS]) assert.ok(page.includes(`\`${name}\``), name)
})
