/** The embedded store: the contract, and what is SQLite's own. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { IpseError } from '@ipse/protocol'
import { openSqliteStore } from '../src/index.ts'
import { contract } from './store/contract.ts'
import { anAudit, aSession } from './store/records.ts'

contract('sqlite', () => openSqliteStore(':memory:'))

test('sqlite: what was answered is on the disk, and a newer database is refused', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ipse-store-'))
  try {
    const path = join(folder, 'ipse.sqlite')
    const store = await openSqliteStore(path)
    const session = aSession()
    await store.insertSession(session, anAudit())
    const other = await openSqliteStore(path)
    assert.deepEqual(await other.findSession('shop', session.id), session)
    assert.ok(await store.changeSession(session, { state: 'bound' }))
    assert.equal(await other.changeSession(session, { state: 'cancelled' }), undefined)
    assert.equal((await store.findSession('shop', session.id))?.state, 'bound', 'the first of two wins')
    await store.close()
    await other.close()

    const raw = new DatabaseSync(path)
    assert.equal(raw.prepare('pragma journal_mode').get()?.journal_mode, 'wal')
    raw.exec('pragma user_version = 99')
    raw.close()
    await assert.rejects(openSqliteStore(path), { code: 'storage_unavailable' })
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('sqlite: a closed store answers storage_unavailable', async () => {
  const store = await openSqliteStore(':memory:')
  await store.close()
  await assert.rejects(
    store.findSession('shop', 'x'),
    (error) => error instanceof IpseError && error.code === 'storage_unavailable',
  )
})

test('sqlite: writes that wait together share a commit, and one that fails takes nothing of the others', async () => {
  const store = await openSqliteStore(':memory:')
  try {
    const [first, second] = [aSession(), aSession()]
    const ends = await Promise.allSettled([
      store.insertSession(first, anAudit()),
      store.insertSession(first, anAudit()),
      store.insertSession(second, anAudit()),
    ])
    assert.deepEqual(
      ends.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    )
    assert.equal((await store.listAudit('shop', 9)).length, 2, 'no entry of what did not happen')
    assert.deepEqual(await store.findSession('shop', second.id), second)
  } finally {
    await store.close()
  }
})
