/**
 * Turns an empty store on PostgreSQL into one whose tables are partitioned as a distributed database would spread them. PostgreSQL
 * refuses a primary key or unique index that lacks the partition's column, which is the rule of Citus, too.
 */
import type pg from 'pg'
import { SHARD_COLUMN, type TableName } from '../src/store/shards.ts'

/** Partitions of each table. */
export const PARTITIONS = 4

interface Reference {
  readonly of: string
  readonly name: string
  readonly definition: string
}

/** @returns the tables that were there, partitioned or not, but for the version of the schema; those that others refer to come last */
export async function partition(client: pg.Client, schema: string): Promise<readonly string[]> {
  await client.query(`set search_path to ${schema}`)
  const { rows: tables } = await client.query<{ name: string }>(
    `select relname as name from pg_class where relkind = 'r' and relnamespace = $1::regnamespace and relname <> 'schema_version'
     order by exists (select 1 from pg_constraint where contype = 'f' and confrelid = pg_class.oid), relname`,
    [schema],
  )
  const { rows: references } = await client.query<Reference>(
    `select conrelid::regclass as of, conname as name, pg_get_constraintdef(oid) as definition from pg_constraint
     where contype = 'f' and connamespace = $1::regnamespace`,
    [schema],
  )
  for (const { of, name } of references) await client.query(`alter table ${of} drop constraint ${name}`)
  for (const { name } of tables) {
    const column = SHARD_COLUMN[name as TableName]
    if (column === undefined) continue
    await client.query(`alter table ${name} rename to whole`)
    await client.query(`create table ${name} (like whole including all) partition by hash (${column})`)
    for (let n = 0; n < PARTITIONS; n++)
      await client.query(
        `create table ${name}_p${n} partition of ${name} for values with (modulus ${PARTITIONS}, remainder ${n})`,
      )
    await client.query('drop table whole')
  }
  for (const { of, name, definition } of references)
    await client.query(`alter table ${of} add constraint ${name} ${definition}`)
  return tables.map(({ name }) => name)
}

interface Plan {
  readonly 'Relation Name'?: string
  readonly Plans?: readonly Plan[]
}

/** The most partitions of one table that a plan reads; 0 when it only writes where the row belongs. */
export function partitionsRead(plan: Plan): number {
  const read = new Map<string, Set<string>>()
  const walk = (node: Plan) => {
    const name = node['Relation Name'] ?? ''
    const [, table] = /^(.*)_p\d$/.exec(name) ?? []
    if (table !== undefined) read.set(table, (read.get(table) ?? new Set()).add(name))
    for (const inner of node.Plans ?? []) walk(inner)
  }
  walk(plan)
  return Math.max(0, ...[...read.values()].map(({ size }) => size))
}
