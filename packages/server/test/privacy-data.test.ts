/** The table of data, the home of docs/privacy.md, against the stores themselves, the settings and the erasure: both ways. */
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { ERASED_KIND_NAMES, RETENTION_RULE_KEYS } from '@ipse/protocol'
import { DATA, GROUNDS } from '../src/domain/retention/data.ts'
import { openSqliteStore, SETTINGS } from '../src/index.ts'

test('every table of the stores has its line, and every line its tables', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ipse-data-'))
  try {
    const store = await openSqliteStore(join(folder, 'ipse.sqlite'))
    await store.close()
    const files = readdirSync(folder).filter((file) => file.endsWith('.sqlite'))
    assert.equal(files.length, 2, 'data and keys')
    const found = files.flatMap((file) => {
      const database = new DatabaseSync(join(folder, file))
      const tables = database.prepare("select name from sqlite_master where type = 'table'").all()
      database.close()
      return tables.map(({ name }) => String(name)).filter((name) => !name.startsWith('sqlite_'))
    })
    const named = DATA.flatMap(({ tables }) => tables)
    assert.deepEqual([...named].sort(), [...new Set(found)].sort())
    assert.equal(new Set(named).size, named.length, 'each table once')
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('every rule of retention ends a datum, every kind of an erasure is one, every ground is used', () => {
  const rules = DATA.flatMap(({ ends }) => (typeof ends === 'string' ? [] : ends))
  assert.deepEqual(rules.toSorted(), [...RETENTION_RULE_KEYS].sort())
  const erased = DATA.flatMap(({ erased }) => erased ?? [])
  assert.deepEqual([...new Set(erased)].sort(), [...ERASED_KIND_NAMES].sort())
  assert.deepEqual([...new Set(DATA.map(({ ground }) => ground))].sort(), Object.keys(GROUNDS).sort())
  const settings = DATA.flatMap(({ ends }) =>
    typeof ends === 'string' ? [...ends.matchAll(/`([a-z]+\.[a-zA-Z]+)`/g)].map(([, name]) => name) : [],
  )
  for (const name of settings)
    assert.ok(
      SETTINGS.some((setting) => setting.name === name),
      name,
    )
})
