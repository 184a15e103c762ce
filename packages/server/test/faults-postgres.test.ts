/** A connection to PostgreSQL that dies in the middle of a transaction takes the transaction with it, and nothing else. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { poolOf } from '../src/store/postgres/connect.ts'
import { startPostgres } from './postgres.ts'

const server = await startPostgres()
after(() => server.stop())

test('the process outlives a connection that dies between two statements, and the pool has another one', async () => {
  const pool = poolOf(await server.newDatabase(), 2)
  try {
    const client = await pool.connect()
    await client.query('begin')
    const { rows } = await client.query('select pg_backend_pid() as pid')
    // Nobody waits for an answer of this connection now: its end is an event.
    const ended = new Promise<void>((resolve) => client.once('end', resolve))
    await pool.query('select pg_terminate_backend($1)', [rows[0].pid])
    await ended
    await assert.rejects(client.query('select 1'))
    client.release(true)
    assert.equal((await pool.query('select 1 as one')).rows[0].one, 1)
  } finally {
    await pool.end()
  }
})
