/** Erasure: everything goes, the receipt says so, and the raw files of the store hold nothing of it. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  ERASED_KIND_NAMES,
  ERASURE_TYPE,
  type ErasureClaims,
  fromBase64url,
  verifyInclusion,
} from '@ipse/protocol'
import { createLocalJWKSet, jwtVerify } from 'jose'
import { Value } from 'typebox/value'
import { openSqliteStore } from '../src/index.ts'
import { SubjectExportSchema } from '../src/routes/privacy-schemas.ts'
import { markersOf, scanFiles } from '../src/work/erasure-scan.ts'
import { CONSENT, createPerson, type Fixture, PUBLIC_URL, startFixture } from './fixture.ts'
import { scriptedImage } from './scripted-engine.ts'

const DEVICE = '3f0c1f5e-3a52-4d0e-9d1c-0a8f2f1c9b11'

function inFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'ipse-erasure-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) }
}

/** Everything that a person can leave behind: a capture that enrolled, one that verified, a failed one, a comparison. */
async function live(fixture: Fixture, subject: string, person: number): Promise<void> {
  const enrolment = await fixture.createSession({ purpose: 'enrolment', subject, consent: CONSENT })
  await fixture.capture(enrolment, createPerson(fixture.clock, { person }))
  const named = { purpose: 'verification', subject, deviceCorrelationId: DEVICE } as const
  const again = await fixture.call('POST', '/v1/sessions', named, { 'idempotency-key': `of-${subject}` })
  await fixture.capture(again.body, createPerson(fixture.clock, { person }))
  const failed = await fixture.createSession(named)
  await fixture.capture(failed, createPerson(fixture.clock, { person: person + 50 }))
  const probe = { image: Buffer.from(scriptedImage({ person })).toString('base64') }
  await fixture.call('POST', '/v1/comparisons', { probe, reference: { subject } })
}

async function claimsOf(fixture: Fixture, receipt: string): Promise<ErasureClaims> {
  const jwks = (await fixture.call('GET', '/.well-known/jwks.json')).body
  const { payload } = await jwtVerify(receipt, createLocalJWKSet(jwks), {
    algorithms: ['ES256'],
    typ: ERASURE_TYPE,
    issuer: PUBLIC_URL,
    audience: 'shop',
    currentDate: new Date(fixture.clock.now()),
  })
  return payload as unknown as ErasureClaims
}

test('an erasure deletes all that is held, and its receipt says what, until when, and where it is recorded', async () => {
  await using fixture = await startFixture({ named: { 'lockout.enabled': 'true' } })
  await live(fixture, 'anna', 1)
  const exported = await fixture.call('GET', '/v1/subjects/anna/export')
  assert.ok(Value.Check(SubjectExportSchema, exported.body))
  assert.equal(exported.body.sessions.length, 3)
  assert.equal(exported.body.consents.length, 1)
  const { decisions } = exported.body
  assert.ok(decisions.length >= 3 && decisions.every(({ signals }) => signals.length > 20))
  assert.equal(exported.body.standing?.failures, 1)
  const told = (exported.body.audit as { event: string; actor?: string }[]).map(({ event }) => event)
  for (const event of ['session.created', 'capture.decided', 'comparison.made', 'subject.exported'])
    assert.ok(told.includes(event), event)
  assert.ok(
    exported.body.audit.every((entry: object) => !('actor' in entry)),
    'who acted is about others',
  )

  const { status, body } = await fixture.call('DELETE', '/v1/subjects/anna')
  assert.equal(status, 200)
  const claims = await claimsOf(fixture, body.receipt)
  assert.equal(claims.sub, 'anna')
  assert.deepEqual(claims.erased, body.erased)
  assert.deepEqual(Object.keys(claims.erased).sort(), [...ERASED_KIND_NAMES].sort())
  const { references, sessions, traces, idempotencyKeys, standings, pseudonyms } = claims.erased
  assert.deepEqual([references, sessions, idempotencyKeys, pseudonyms], [1, 3, 1, 1])
  assert.ok(traces > 3 && standings >= 1)
  assert.equal(claims.proofsKept, 1)
  assert.equal(claims.backupsUntil, claims.iat + 30 * 86_400)
  const entries = await fixture.store.listAudit('shop', 999)
  const { index, size, leaf, root, proof, log } = claims.audit
  const entry = entries.find((logged) => logged.index === index)
  assert.equal(log, 'ipse.test/log/shop')
  const inclusion = { index, size, leaf: fromBase64url(leaf), proof: proof.map(fromBase64url) }
  assert.ok(await verifyInclusion(inclusion, fromBase64url(root)))
  assert.deepEqual([entry?.event, entry?.erasure], ['subject.erased', claims.jti])
  for (const path of ['', '/export'])
    assert.equal((await fixture.call('GET', `/v1/subjects/anna${path}`)).status, 404)
  assert.equal((await fixture.call('GET', '/v1/sessions')).body.items.length, 0)
  assert.deepEqual((await fixture.call('GET', '/v1/subjects/anna/consents')).body.items, [])
  const again = await fixture.call('DELETE', '/v1/subjects/anna')
  assert.equal(again.body.erased.sessions, 0, 'asking twice is no mistake')
  assert.equal(fixture.log().includes('anna'), false)
})

test('a capture that is under way when its subject is erased leaves nothing behind', async () => {
  await using fixture = await startFixture()
  const session = await fixture.createSession({ purpose: 'enrolment', subject: 'anna', consent: CONSENT })
  const person = createPerson(fixture.clock)
  let erased: Promise<unknown> | undefined
  const result = await fixture.capture(session, {
    ...person,
    onStep(...step) {
      erased ??= fixture.call('DELETE', '/v1/subjects/anna')
      person.onStep?.(...step)
    },
  })
  await erased
  assert.notEqual(result.outcome?.outcome, 'pass')
  assert.equal(await fixture.store.findSession('shop', session.id), undefined)
  assert.deepEqual(await fixture.store.listReferences('shop', 'anna', { withdrawn: true }), [])
})

test('sqlite: of what was erased nothing is left in the files, and the search would have found it', async () => {
  using folder = inFolder()
  const path = join(folder.path, 'ipse.sqlite')
  await using fixture = await startFixture({ open: () => openSqliteStore(path) })
  const gone = ['anna@example.test', 'bert-4711', 'subject-of-many-letters']
  const kept = 'kept-for-comparison'
  for (const [index, subject] of [...gone, kept].entries()) await live(fixture, subject, 10 + index)
  const markers = (await Promise.all(gone.map((subject) => markersOf(fixture, 'shop', subject)))).flat()
  const others = await markersOf(fixture, 'shop', kept)
  await fixture.store.settle()
  const before = await scanFiles([folder.path], markers)
  assert.equal(new Set(before.hits.map(({ of }) => of)).size, 6, 'every kind is found while it is there')
  assert.ok(before.hits.length >= markers.length)
  for (const subject of gone) await fixture.call('DELETE', `/v1/subjects/${subject}`)
  await fixture.store.settle()
  const after = await scanFiles([folder.path], markers)
  assert.deepEqual(after.hits, [])
  assert.ok(after.bytes > 100_000, `${after.bytes} bytes were searched`)
  const left = await scanFiles([folder.path], others)
  assert.ok(left.hits.length >= others.length, 'what belongs to others is all there')
  assert.equal((await fixture.call('GET', `/v1/subjects/${kept}`)).status, 200)
})

test('the search finds what lies across two reads, at both ends, and in folders below', async () => {
  using folder = inFolder()
  const marker = { of: 'm', bytes: Buffer.from('0123456789abcdef') }
  const across = Buffer.alloc((4 << 20) + 100)
  marker.bytes.copy(across, (4 << 20) - 7)
  writeFileSync(join(folder.path, 'across'), across)
  writeFileSync(join(folder.path, 'begin'), Buffer.concat([marker.bytes, Buffer.alloc(9)]))
  writeFileSync(join(folder.path, 'end'), Buffer.concat([Buffer.alloc(9), marker.bytes]))
  writeFileSync(join(folder.path, 'none'), marker.bytes.subarray(1))
  const { hits, files } = await scanFiles([folder.path, join(folder.path, 'missing')], [marker])
  assert.equal(files, 4)
  assert.deepEqual(hits.map(({ file, offset }) => [file.split('/').at(-1), offset]).toSorted(), [
    ['across', (4 << 20) - 7],
    ['begin', 0],
    ['end', 9],
  ])
})
