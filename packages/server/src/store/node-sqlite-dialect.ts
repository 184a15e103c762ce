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

/** @param path file, or `:memory:` */
export function openNodeSqlite(path: string): { dialect: SqliteDialect; database: DatabaseSync } {
  const database = new DatabaseSync(path)
  database.exec('pragma journal_mode = wal')
  database.exec('pragma synchronous = full')
  database.exec('pragma foreign_keys = on')
  database.exec('pragma busy_timeout = 5000')
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
