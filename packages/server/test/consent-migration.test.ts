/** A store from before consents were records: they become some, and what rested on them goes on to. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { openSqliteStore } from '../src/index.ts'
import { MIGRATIONS } from '../src/store/migrations/index.ts'
import { CONSENT } from './fixture.ts'
import { anAudit } from './store/records.ts'

/** Version of the last store in which consents were copies. */
const BEFORE = 7

test('consents of an earlier version are kept as records of their references', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ipse-consents-'))
  try {
    const path = join(folder, 'ipse.sqlite')
    const old = new DatabaseSync(path)
    for (const step of MIGRATIONS.slice(0, BEFORE)) old.exec(step)
    old.exec(`pragma user_version = ${BEFORE}`)
    const insert = old.prepare(
      `insert into reference_templates (id, tenant, subject, source, consent, created_at, model, scheme, kek_id, sealed, wrapped_key)
       values (?, 'shop', ?, 'image', ?, 1000, 'm', 's', 'k', x'00', x'00')`,
    )
    insert.run('ref_AAAAAAAAAAAAAAAAAAAAAA', 'anna', JSON.stringify(CONSENT))
    insert.run('ref_BBBBBBBBBBBBBBBBBBBBBA', 'bert', null)
    const body = JSON.stringify({
      purpose: 'liveness',
      consent: CONSENT,
      policy: { name: 'standard', version: 1 },
    })
    old
      .prepare(
        `insert into sessions (id, tenant, version, state, subject, created_at, expires_at, body) values (?, 'shop', 1, 'passed', 'anna', 1000, 2000, ?)`,
      )
      .run('ses_1', body)
    const entry = old.prepare(
      "insert into audit (id, time, tenant, event, entry) values (?, 1, 'shop', 'session.created', ?)",
    )
    for (const mac of ['mac-anna', 'mac-bert'])
      entry.run(mac, JSON.stringify({ id: mac, subjectMac: mac, time: 1 }))
    old.close()

    const store = await openSqliteStore(path)
    const id = 'con_AAAAAAAAAAAAAAAAAAAAAA'
    assert.deepEqual(await store.listConsents('shop', 'anna'), [
      { id, tenant: 'shop', subject: 'anna', consent: CONSENT, recordedAt: 1000 },
    ])
    assert.equal((await store.listReferences('shop', 'anna'))[0]?.consent, id)
    assert.equal((await store.listReferences('shop', 'bert'))[0]?.consent, undefined)
    assert.equal((await store.findSession('shop', 'ses_1'))?.consent, undefined)
    await store.withdrawConsent('shop', id, anAudit({ event: 'consent.withdrawn' }))
    assert.deepEqual(await store.listReferences('shop', 'anna'), [])
    const subject = { mac: 'mac-anna', pseudonym: 'subj_1' }
    await store.eraseSubject('shop', 'anna', anAudit({ event: 'subject.erased', subject }))
    await store.close()
    const raw = new DatabaseSync(path)
    const entries = raw.prepare('select entry from audit_before order by position').all()
    raw.close()
    assert.deepEqual(
      entries.map((row) => JSON.parse(String(row.entry)).subjectMac),
      ['', 'mac-bert'],
      'old entries about the erased lead to nobody',
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
})
