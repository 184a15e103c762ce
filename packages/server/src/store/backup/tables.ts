/** The tables of a store as the file of a backup has them: their names, parents before children, and their columns. */
import type { DatabaseSync } from 'node:sqlite'

export interface TableShape {
  readonly name: string
  readonly columns: readonly string[]
}

export function tablesOf(database: DatabaseSync): readonly TableShape[] {
  const texts = (sql: string, column: string) =>
    database
      .prepare(sql)
      .all()
      .map((row) => String(row[column]))
  const names = texts(
    "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' order by name",
    'name',
  )
  const placed = new Set<string>()
  const place = (name: string) => {
    if (placed.has(name)) return
    for (const parent of texts(`pragma foreign_key_list(${quoted(name)})`, 'table')) place(parent)
    placed.add(name)
  }
  for (const name of names) place(name)
  return [...placed].map((name) => ({ name, columns: texts(`pragma table_info(${quoted(name)})`, 'name') }))
}

/** An identifier; both databases quote them the same way. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
