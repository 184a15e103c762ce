/** How Ipse talks to PostgreSQL: what is waited for, and which types rows have. */
import { Socket } from 'node:net'
import pg from 'pg'

/** A statement that takes longer has met a lock that nobody lets go of, milliseconds. */
const STATEMENT_TIMEOUT_MS = 10_000
/**
 * A connection that says nothing for longer is dead, whatever the network makes of it: a statement was ended before, and idle
 * connections are closed after ten seconds. Milliseconds.
 */
const SILENCE_MS = 15_000
/** For a connection: a node of the load balancer is asked whether it is ready about as often. */
const CONNECT_TIMEOUT_MS = 5_000
/** A client that holds a transaction open and says nothing, its process stopped or its network gone, loses it. */
const IDLE_TRANSACTION_MS = 10_000

/** int8: times and counters are below 2⁵³, so numbers keep them. numeric: sums and counts of them. */
const NUMBERS = new Set([20, 1700])
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    NUMBERS.has(oid) && format !== 'binary'
      ? Number
      : pg.types.getTypeParser(oid, format)) as pg.CustomTypesConfig['getTypeParser'],
}

/** @param url postgres://user:password@host:port/database?sslmode=verify-full */
export function poolOf(url: string, connections: number, silenceMs = SILENCE_MS): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_TRANSACTION_MS,
    application_name: 'ipse',
    keepAlive: true,
    types,
  })
  // A connection that dies while nobody uses it is replaced with the next use. One that dies between two statements of a
  // transaction says so to the next of them; without a listener its error would end the process.
  pool.on('error', () => {})
  pool.on('connect', (client) => {
    client.on('error', () => {})
    const { stream } = client.connection
    if (stream instanceof Socket)
      stream.setTimeout(silenceMs, () => stream.destroy(new Error('the database says nothing')))
  })
  return pool
}

/** One connection for long work: it may take its time. */
export async function connectTo(url: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'ipse upkeep',
    types,
  })
  client.on('error', () => {})
  await client.connect()
  return client
}

/** Kysely ends a pool only if it has used it. */
export async function endPool(pool: pg.Pool): Promise<void> {
  if (!pool.ended) await pool.end()
}
