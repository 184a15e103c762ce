/** `ipse erase`, `ipse export`, `ipse retention report` on a real data folder, beside nobody and with a second person. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { verifyErasure } from '@ipse/client'
import { newId } from '@ipse/protocol'
import { openVault } from '@ipse/server'
import { openInstallation, systemClock, systemRandom } from '../src/installation.ts'
import { emptyFolder, ipse, ipseJson as runJson } from './run.ts'

const ISSUER = 'http://localhost:8420'
const data = join(emptyFolder(), 'data')
const settings = ['--data', data, '--tenant', 'shop']
// biome-ignore lint/suspicious/noExplicitAny: looks into answers of every shape
const ipseJson = runJson as (args: readonly string[]) => Promise<{ code: number; json: any }>
const bytes = (length: number) => systemRandom.bytes(length)

/** A template, a session and a consent of each, as a service would have written them. */
async function live(subjects: readonly string[]): Promise<void> {
  await using installation = await openInstallation(data)
  const { store, keys } = installation
  const vault = openVault({ store, keys, clock: systemClock, random: systemRandom })
  const now = systemClock.now()
  const audit = (event: 'session.created' | 'reference.enrolled', subject: string) => ({
    id: newId('audit', bytes),
    time: now,
    tenant: 'shop',
    event,
    subject: { mac: keys.mac('subject', ['shop', subject]), pseudonym: `subj_${newId('audit', bytes)}` },
  })
  for (const subject of subjects) {
    const id = newId('reference', bytes)
    const template = { modelId: 'm/1', vector: Float32Array.from({ length: 128 }, () => Math.random()) }
    const owner = { tenant: 'shop', subject, recordId: id }
    const consent = newId('consent', bytes)
    await store.insertReference(
      {
        ...(await vault.sealTemplate(template, owner, [128])),
        ...owner,
        id,
        source: 'image',
        createdAt: now,
        consent,
      },
      audit('reference.enrolled', subject),
      {
        id: consent,
        tenant: 'shop',
        subject,
        consent: { version: '1', textSha256: 'A'.repeat(43), givenAt: '2026-11-21T10:00:00Z' },
        recordedAt: now,
      },
    )
    await store.insertSession(
      {
        id: newId('session', bytes),
        tenant: 'shop',
        version: 1,
        purpose: 'verification',
        state: 'expired',
        subject,
        policy: { name: 'standard', version: 1 },
        createdAt: now - 31 * 86_400_000,
        expiresAt: now,
        maxAttempts: 1,
        allowedOrigins: [],
        tokenId: newId('token', bytes),
        attempts: [],
        reasons: [],
        assurance: 'none',
        evidence: [],
      },
      audit('session.created', subject),
    )
  }
}

before(() => live(['anna@example.test', 'bert@example.test', 'cora@example.test']))

test('an export is one document, printed or written, and it is of its tenant', async () => {
  const { code, json } = await ipseJson(['export', 'anna@example.test', ...settings])
  assert.equal(code, 0)
  assert.equal(json.format, 'ipse-subject-export/3')
  assert.deepEqual([json.references.length, json.sessions.length, json.consents.length], [1, 1, 1])
  assert.deepEqual(Object.keys(json.references[0]).toSorted(), [
    'consent',
    'createdAt',
    'id',
    'model',
    'source',
  ])
  const file = join(emptyFolder(), 'anna.json')
  const written = await ipse(['export', 'anna@example.test', ...settings, '--output', file])
  assert.equal(written.code, 0)
  assert.equal(JSON.parse(readFileSync(file, 'utf8')).subject, 'anna@example.test')
  const foreign = await ipse(['export', 'anna@example.test', '--data', data])
  assert.deepEqual([foreign.code, /not_found/.test(foreign.stderr)], [2, true])
})

test('an export with pictures puts them beside the document, for their owner only, and the log has each', async () => {
  const picture = bytes(2000)
  {
    await using installation = await openInstallation(data)
    const { store, keys } = installation
    const [session] = await store.listSessions('shop', { subject: 'bert@example.test', limit: 1 })
    assert.ok(session)
    const vault = openVault({ store, keys, clock: systemClock, random: systemRandom })
    const owner = { tenant: 'shop', subject: 'bert@example.test', recordId: session.id }
    const createdAt = systemClock.now()
    const expiresAt = createdAt + 3_600_000
    const sealed = await vault.sealBytes(picture, owner, { type: 'image/jpeg', n: 0 }, expiresAt)
    const kept = { ...sealed, tenant: 'shop', sessionId: session.id, n: 0, createdAt, expiresAt }
    await store.changeSession(session, {}, { media: { keep: [kept] } })
  }
  const folder = join(emptyFolder(), 'bert', 'pictures')
  const { code, json } = await ipseJson(['export', 'bert@example.test', ...settings, '--media', folder])
  assert.equal(code, 0)
  const [{ file }] = json.pictures
  assert.deepEqual(readFileSync(join(folder, file.name)), Buffer.from(picture))
  assert.deepEqual(
    [file.bytes, file.sha256, 'data' in file],
    [picture.length, createHash('sha256').update(picture).digest('hex'), false],
  )
  assert.deepEqual(
    [statSync(folder), statSync(join(folder, file.name))].map(({ mode }) => mode & 0o077),
    [0, 0],
  )
  const told = (json.audit as { event: string }[]).map(({ event }) => event)
  assert.deepEqual(told.slice(-2), ['subject.exported', 'media.read'])
  chmodSync(folder, 0o755)
  const open = await ipse(['export', 'bert@example.test', ...settings, '--media', folder])
  assert.equal(open.code, 2)
  assert.match(open.stderr, /others may enter/)
  chmodSync(folder, 0o700)
  const wrong = await ipse(['export', 'bert@example.test', ...settings, '--media', join(folder, file.name)])
  assert.deepEqual([wrong.code, /invalid_request/.test(wrong.stderr)], [2, true])
  const without = await ipseJson(['export', 'bert@example.test', ...settings])
  assert.deepEqual([without.json.pictures.length, without.json.pictures[0].file], [1, undefined])
})

test('the report says what a purge then deletes', async () => {
  const { code, json } = await ipseJson(['retention', 'report', ...settings])
  assert.equal(code, 0)
  const due = (json.due as { rule: string; count: number }[]).filter(({ count }) => count > 0)
  assert.deepEqual(
    due.map(({ rule, count }) => [rule, count]),
    [['session', 3]],
  )
  const kept = await ipseJson(['retention', 'report', ...settings, '--set', 'retention.sessionDays=40'])
  assert.ok((kept.json.due as { count: number }[]).every(({ count }) => count === 0))
  const text = await ipse(['retention', 'report', ...settings])
  assert.match(text.stdout, /A finished session .* ends 30 days after it was created/)
})

test('an erasure with its search: found before, gone after, and the receipt verifies offline', async () => {
  const beside = join(emptyFolder(), 'notes')
  writeFileSync(beside, 'nothing of interest')
  const args = ['erase', 'anna@example.test', ...settings, '--verify', '--scan', beside]
  const { code, json } = await ipseJson(args)
  assert.equal(code, 0, JSON.stringify(json.verified))
  assert.deepEqual([json.erased.references, json.erased.sessions, json.erased.dataKeys], [1, 1, 1])
  assert.equal(json.proofsKept, 1)
  assert.deepEqual(json.verified.found, [])
  assert.ok(json.verified.foundBefore >= 8 && json.verified.filesSearched >= 4)
  await using installation = await openInstallation(data)
  const expected = { keys: installation.keys.jwks(), issuer: ISSUER, expectedSubject: 'anna@example.test' }
  const claims = await verifyErasure(json.receipt, expected)
  assert.deepEqual(claims.erased, json.erased)
  assert.equal((await ipse(['export', 'anna@example.test', ...settings])).code, 2)
  assert.equal(
    (await ipse(['export', 'bert@example.test', ...settings])).code,
    0,
    'of others nothing is gone',
  )
})

test('what lies outside the store is found, named, and makes the answer no', async () => {
  const beside = join(emptyFolder(), 'notes')
  writeFileSync(beside, 'once called bert@example.test here')
  const { code, json } = await ipseJson(['erase', 'bert@example.test', ...settings, '--scan', beside])
  assert.equal(code, 1)
  assert.deepEqual(json.verified.found, [{ file: beside, of: 'subject', offset: 12 }])
})

test('where the tenant asks for a second person the command waits for one, too', async () => {
  {
    await using installation = await openInstallation(data)
    const rules = { preset: 'gdpr', days: {}, approvals: ['erase'] } as const
    const audit = { id: newId('audit', bytes), time: 1, tenant: 'shop', event: 'rules.changed' } as const
    await installation.store.changeTenantRules('shop', rules, audit)
  }
  const { code, stderr } = await ipse(['erase', 'cora@example.test', ...settings])
  assert.equal(code, 2)
  const [id = ''] = /apr_[\w-]{22}/.exec(stderr) ?? []
  assert.match(stderr, /approval_required/)
  {
    await using installation = await openInstallation(data)
    const audit = { id: newId('audit', bytes), time: 2, tenant: 'shop', event: 'approval.granted' } as const
    const change = { state: 'approved', decidedBy: 'per_1', decidedAt: 2 } as const
    assert.ok(
      await installation.store.changeApproval({ tenant: 'shop', id, state: 'waiting' }, change, audit),
    )
  }
  assert.equal((await ipse(['erase', 'cora@example.test', ...settings])).code, 0)
})
