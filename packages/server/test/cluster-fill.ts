/**
 * Fills the real schema: one person enrols and is verified through the service, and the rows that this leaves are copied under
 * other names and tenants, as many times as wished. By itself it measures what a row takes on the disk, indexes included:
 * `node packages/server/test/cluster-fill.ts [ROWS]` (100 000 of each table when absent).
 */
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import { type Keys, keysFileBeside, openPostgresStore, openSqliteStore, type Store } from '../src/index.ts'
import { CONSENT, createPerson, type Fixture, startFixture } from './fixture.ts'
import { startPostgres } from './postgres.ts'

/** Tables that grow with people and captures, in the order that references allow, and their columns that name something. */
export const GROWING: Readonly<Record<string, readonly string[]>> = {
  sessions: ['id', 'subject', 'consent'],
  reference_templates: ['id', 'subject', 'consent', 'key_id'],
  audit: ['id', 'session_id', 'subject'],
  idempotency: ['key', 'session_id'],
  used_values: ['value'],
  traces: ['mac', 'session_id'],
  decision_records: ['session_id'],
  allowances: ['key'],
  standings: ['key'],
  pseudonyms: ['subject_mac', 'pseudonym'],
  consents: ['id', 'subject'],
}
/** In the store of keys. */
export const GROWING_KEYS: Readonly<Record<string, readonly string[]>> = { data_keys: ['id', 'owner'] }

/** Tenants that the copies are spread over. */
const TENANTS = 20

/** What a name is called in a copy: of the same length and with the same beginning, otherwise random. */
function copyOf(name: string | null, copy: number): string | null {
  if (name === null) return null
  const kept = /^[a-z-]+[:_]/.exec(name)?.[0] ?? name.slice(0, 2)
  const digest = createHash('sha512').update(`${name}#${copy}`).digest('base64url')
  return kept + digest.slice(0, name.length - kept.length)
}

const COPY_IN_POSTGRES = `
create function copy_of(name text, copy bigint) returns text language sql immutable as $$
  select kept || left(translate(encode(sha512(convert_to(name || '#' || copy, 'UTF8')), 'base64'), E'+/=\\n', '-_'),
    length(name) - length(kept))
  from (select coalesce(substring(name from '^[a-z-]+[:_]'), left(name, 2)) as kept) as k
$$`

/** The same statement for both databases. */
function copying(
  table: string,
  names: readonly string[],
  columns: readonly string[],
  rows: number,
  copies: number,
) {
  const value = (column: string) => {
    if (column === 'tenant') return `old.tenant || (n.i % ${TENANTS})`
    if (column === 'position' && table === 'audit') return `old.position + n.i * ${rows}`
    return names.includes(column) ? `copy_of(old.${column}, n.i)` : `old.${column}`
  }
  return `insert into ${table} (${columns.join(', ')})
    with recursive n(i) as (select 1 union all select i + 1 from n where i < ${copies})
    select ${columns.map(value).join(', ')} from ${table} as old, n`
}

/** One person enrols and is verified: rows of each table by then, and those that the verification alone has left. */
export async function leaveRows(fixture: Fixture, count: () => Promise<Record<string, number>>) {
  const subject = 'person-0000001'
  const key = (name: string) => ({ 'idempotency-key': name.padEnd(36, '0') })
  const enrolment = await fixture.call(
    'POST',
    '/v1/sessions',
    { purpose: 'enrolment', subject, consent: CONSENT },
    key('a'),
  )
  const first = await fixture.capture(enrolment.body, createPerson(fixture.clock))
  const before = await count()
  const verification = await fixture.call(
    'POST',
    '/v1/sessions',
    { purpose: 'verification', subject },
    key('b'),
  )
  const second = await fixture.capture(verification.body, createPerson(fixture.clock))
  if (first.outcome?.outcome !== 'pass' || second.outcome?.outcome !== 'pass')
    throw new Error(`the person was not let in: ${JSON.stringify([first, second])}`)
  const after = await count()
  const perVerification = Object.fromEntries(
    Object.entries(after).map(([table, rows]) => [table, rows - (before[table] ?? 0)]),
  )
  return { sessionId: verification.body.id as string, subject, rows: after, perVerification }
}

/** @param keys of a service over the same store */
export const startService = (open: () => Promise<Store>, keys?: Keys) =>
  startFixture({
    open,
    named: { 'lockout.enabled': 'true' },
    ...(keys === undefined ? {} : { more: { keys } }),
  })

async function countIn(client: pg.Client, tables: readonly string[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const table of tables)
    counts[table] = Number((await client.query(`select count(*) as n from ${table}`)).rows[0].n)
  return counts
}

const TABLES = Object.keys(GROWING)
const KEY_TABLES = Object.keys(GROWING_KEYS)

/** Until every table has so many rows more. @returns bytes a row */
export async function fillPostgres(client: pg.Client, wanted: number): Promise<Record<string, number>> {
  const sizes: Record<string, number> = {}
  await client.query(COPY_IN_POSTGRES)
  for (const [table, names] of Object.entries({ ...GROWING, ...GROWING_KEYS })) {
    const { rows: columns } = await client.query(
      `select attname as name from pg_attribute where attrelid = '${table}'::regclass and attnum > 0 and not attisdropped`,
    )
    const rows = (await countIn(client, [table]))[table] ?? 0
    if (rows === 0) throw new Error(`nothing in ${table} to copy`)
    const size = async () =>
      Number((await client.query(`select pg_total_relation_size('${table}') as n`)).rows[0].n)
    const before = await size()
    const copies = Math.ceil(wanted / rows)
    await client.query(
      copying(
        table,
        names,
        columns.map(({ name }) => name),
        rows,
        copies,
      ),
    )
    sizes[table] = Math.round(((await size()) - before) / (rows * copies))
  }
  await client.query('analyze')
  return sizes
}

function fillSqlite(file: string, growing: typeof GROWING, wanted: number): Record<string, number> {
  const database = new DatabaseSync(file)
  database.function('copy_of', (name, copy) => copyOf(name as string | null, Number(copy)))
  database.exec('pragma journal_mode = delete')
  const sizes: Record<string, number> = {}
  for (const [table, names] of Object.entries(growing)) {
    const columns = database
      .prepare(`pragma table_info(${table})`)
      .all()
      .map(({ name }) => String(name))
    const rows = Number(database.prepare(`select count(*) as n from ${table}`).get()?.n)
    const before = statSync(file).size
    const copies = Math.ceil(wanted / rows)
    database.exec(copying(table, names, columns, rows, copies))
    sizes[table] = Math.round((statSync(file).size - before) / (rows * copies))
  }
  database.close()
  return sizes
}

/** Past the store. */
export async function rawClient(url: string): Promise<{ readonly client: pg.Client } & AsyncDisposable> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  await client.query('set search_path = public, ipse_keys')
  return { client, [Symbol.asyncDispose]: () => client.end() }
}

async function measurePostgres(wanted: number) {
  await using postgres = await startPostgres(['-c', 'fsync=off'])
  const url = await postgres.newDatabase()
  await using rows = await rawClient(url)
  const { client } = rows
  await using fixture = await startService(() => openPostgresStore({ url, connections: 3 }))
  const left = await leaveRows(fixture, () => countIn(client, [...TABLES, ...KEY_TABLES]))
  const bytes = await fillPostgres(client, wanted)
  return { ...left, bytes }
}

async function measureSqlite(wanted: number): Promise<Record<string, number>> {
  const folder = mkdtempSync(join(tmpdir(), 'ipse-fill-'))
  const file = join(folder, 'ipse.sqlite')
  try {
    const fixture = await startService(() => openSqliteStore(file))
    await leaveRows(fixture, async () => ({}))
    await fixture[Symbol.asyncDispose]()
    return {
      ...fillSqlite(file, GROWING, wanted),
      ...fillSqlite(keysFileBeside(file), GROWING_KEYS, wanted),
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

if (import.meta.main) {
  const wanted = Number(process.argv[2] ?? 100_000)
  const { perVerification, rows, bytes } = await measurePostgres(wanted)
  const sqlite = await measureSqlite(wanted)
  const table = Object.keys(bytes).map((name) => ({
    table: name,
    rowsOfPerson: rows[name],
    rowsPerVerification: perVerification[name],
    postgres: bytes[name],
    sqlite: sqlite[name],
  }))
  console.log(JSON.stringify(table, null, 2))
}
