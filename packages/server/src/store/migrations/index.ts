/**
 * The forward-only migrations, one file each, never changed once released. They are written in the words of SQLite; what
 * PostgreSQL calls otherwise is translated, so keep to these: text, integer, blob, `primary key autoincrement`, `strict`,
 * `without rowid`, plain and partial indexes, `alter table … add column`, and SQL that both know.
 */
import { sql as first } from './01-first.ts'
import { sql as traces } from './02-traces.ts'
import { sql as callers } from './03-callers.ts'
import { sql as conduct } from './04-conduct.ts'
import { sql as deviceKeys } from './05-device-keys.ts'
import { sql as people } from './06-people.ts'
import { sql as tenants } from './07-tenants.ts'
import { sql as rollout } from './09-rollout.ts'
import { sql as log } from './10-log.ts'

/** In their order: the number of those applied is the version of a database. */
export const MIGRATIONS: readonly string[] = [
  first,
  traces,
  callers,
  conduct,
  deviceKeys,
  people,
  tenants,
  rollout,
  log,
]

/** Text is compared by its bytes, as SQLite does, whatever the language of the database. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/\binteger primary key autoincrement\b/g, 'bigint generated always as identity primary key'],
  [/\)\s*strict(, without rowid)?;/g, ');'],
  [/\btext\b/g, 'text collate "C"'],
  [/\binteger\b/g, 'bigint'],
  [/\bblob\b/g, 'bytea'],
]

export function inPostgres(sql: string): string {
  return WORDS.reduce((text, [word, theirs]) => text.replace(word, theirs), sql)
}

/** How many of the migrations a database at this version still needs. */
export function outstanding(version: number): readonly string[] {
  if (version > MIGRATIONS.length)
    throw new Error(`the database is at version ${version}, this program knows ${MIGRATIONS.length}`)
  return MIGRATIONS.slice(version)
}
