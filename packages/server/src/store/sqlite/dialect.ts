/** Kysely's SQLite dialect over `node:sqlite`: the few methods that its driver needs, with prepared statements kept. */
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { SqliteDialect, type SqliteStatement } from 'kysely'

/** Prepared statements that are kept; the server has fewer different ones. */
const KEPT_STATEMENTS = 200

function adapt(statement: StatementSync): SqliteStatement {
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...(parameters as SQLInputValue[])),
    run: (parameters) => statement.run(...(parameters as SQLInputValue[])),
    iterate: (parameters) => statement.iterate(...(parameters as SQLInputValue[])),
  }
}

/** How long a process waits for another one's write, milliseconds: many times the longest transaction. */
const BUSY_TIMEOUT_MS = 5_000
/** Tries and pause of the change to the write-ahead log, which SQLite does not wait for by itself. */
const WAL_TRIES = 50
const WAL_PAUSE_MS = 20

/** Two processes may open a new store at the same time: the one that comes second is told "busy" at once. */
function enterWal(database: DatabaseSync): void {
  for (let tried = 1; ; tried++) {
    try {
      database.exec('pragma journal_mode = wal')
      return
    } catch (error) {
      if (tried === WAL_TRIES) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAL_PAUSE_MS)
    }
  }
}

/** @param path file, or `:memory:` */
export function openNodeSqlite(path: string): { dialect: SqliteDialect; database: DatabaseSync } {
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS })
  enterWal(database)
  database.exec('pragma synchronous = full')
  database.exec('pragma foreign_keys = on')
  database.exec('pragma secure_delete = on')
  const kept = new Map<string, SqliteStatement>()
  const dialect = new SqliteDialect({
    database: {
      close: () => database.close(),
      prepare(sql) {
        const known = kept.get(sql)
        if (known) return known
        // A transaction that will write takes the write lock at its begin, or two processes can deadlock.
        const statement = adapt(database.prepare(sql === 'begin' ? 'begin immediate' : sql))
        if (kept.size < KEPT_STATEMENTS) kept.set(sql, statement)
        return statement
      },
    },
  })
  return { dialect, database }
}
