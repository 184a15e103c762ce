/** A store of before the tenant led every primary key: whatever was in it is there afterwards, column for column. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import pg from 'pg'
import { openPostgresStore, openSqliteStore } from '../src/index.ts'
import { tablesOf } from '../src/store/backup/tables.ts'
import { MIGRATIONS } from '../src/store/migrations/index.ts'
import { migrate as migratePostgres } from '../src/store/postgres/migrate.ts'
import { migrate as migrateSqlite } from '../src/store/sqlite/migrate.ts'
import { startPostgres } from './postgres.ts'

/** Version of the last store whose rows were found by an id alone. */
const BEFORE = MIGRATIONS.slice(0, 12)
/** Rows of each table; every other one leaves out what may be left out. */
const ROWS = 4

type Value = string | number | Uint8Array | null
type Row = Readonly<Record<string, Value>>

interface Column {
  readonly name: string
  readonly type: string
  readonly notnull: number
  readonly pk: number
}

/** What the tables of that version may hold, parents before children. */
function rowsBefore(): ReadonlyMap<string, readonly Row[]> {
  const database = new DatabaseSync(':memory:')
  migrateSqlite(database, BEFORE)
  const filled = new Map<string, Row[]>()
  for (const { name: table } of tablesOf(database)) {
    const columns = database.prepare(`pragma table_info(${table})`).all() as unknown as Column[]
    const rows = Array.from({ length: ROWS }, (_, i) =>
      Object.fromEntries(columns.map((column) => [column.name, cellOf(table, column, i)])),
    )
    filled.set(table, rows)
  }
  database.close()
  return filled
}

function cellOf(table: string, { name, type, notnull, pk }: Column, i: number): Value {
  if (notnull === 0 && pk === 0 && i % 2 === 1) return null
  if (type === 'BLOB') return new Uint8Array([i, 255 - i])
  if (type === 'INTEGER') return i + 1
  const named: Readonly<Record<string, string>> = { id: table, session_id: 'sessions', person_id: 'people' }
  if (name === 'tenant')
    return table === 'tenants' || table === 'tenant_rules' ? `tenant-${i}` : `tenant-${i % 2}`
  return `${named[name] ?? `${table}.${name}`} ${i}`
}

const plain = (rows: readonly Record<string, unknown>[]) =>
  rows
    .map((row) =>
      JSON.stringify(
        Object.entries(row)
          .map(([k, v]) => [k, v instanceof Uint8Array ? [...v] : v])
          .toSorted(),
      ),
    )
    .toSorted()

const inserting = (table: string, row: Row, parameter: (n: number) => string) =>
  `insert into ${table} (${Object.keys(row).join(', ')}) values (${Object.keys(row)
    .map((_, n) => parameter(n + 1))
    .join(', ')})`

test('sqlite: a filled store of version 12 loses nothing', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ipse-tenants-'))
  try {
    const path = join(folder, 'ipse.sqlite')
    const old = new DatabaseSync(path)
    migrateSqlite(old, BEFORE)
    const rows = rowsBefore()
    for (const [table, all] of rows)
      for (const row of all) old.prepare(inserting(table, row, () => '?')).run(...Object.values(row))
    old.close()
    const store = await openSqliteStore(path)
    assert.equal((await store.listReferences('tenant-0', 'reference_templates.subject 0')).length, 1)
    await store.close()
    const migrated = new DatabaseSync(path)
    assert.deepEqual(
      tablesOf(migrated)
        .map(({ name }) => name)
        .toSorted(),
      [...rows.keys()].toSorted(),
    )
    for (const [table, all] of rows)
      assert.deepEqual(plain(migrated.prepare(`select * from ${table}`).all()), plain(all), table)
    assert.deepEqual(migrated.prepare('pragma foreign_key_check').all(), [])
    migrated.close()
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('postgres: a filled store of version 12 loses nothing', async () => {
  await using server = await startPostgres(['-c', 'fsync=off'])
  const url = await server.newDatabase()
  await migratePostgres(url, BEFORE)
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const rows = rowsBefore()
  for (const [table, all] of rows)
    for (const row of all)
      await client.query(
        inserting(table, row, (n) => `$${n}`),
        Object.values(row),
      )
  const store = await openPostgresStore({ url })
  assert.equal((await store.listReferences('tenant-0', 'reference_templates.subject 0')).length, 1)
  await store.close()
  for (const [table, all] of rows) {
    const found = (await client.query(`select * from ${table}`)).rows
    // The plain client reads int8 as text.
    const numbers = found.map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([name, value]) => [
          name,
          typeof all[0]?.[name] === 'number' && value !== null ? Number(value) : value,
        ]),
      ),
    )
    assert.deepEqual(plain(numbers), plain(all), table)
  }
  await client.end()
})
