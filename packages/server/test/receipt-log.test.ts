/** Every receipt proves that the audit log holds its decision, and the log names nobody. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  appendLeaf,
  EMPTY_FRONTIER,
  fromBase64url,
  fromUtf8,
  leafHash,
  parseEntry,
  type ReceiptClaims,
  rootOf,
  toBase64url,
  verifyInclusion,
} from '@ipse/protocol'
import { decodeJwt } from 'jose'
import { sha256 } from '../src/node-crypto.ts'
import { CONSENT, createPerson, type Fixture, startFixture } from './fixture.ts'

async function claimsOf(fixture: Fixture, id: string): Promise<ReceiptClaims> {
  return decodeJwt((await fixture.readSession(id)).receipt ?? '') as unknown as ReceiptClaims
}

/** That the receipt's proof holds, and that the entry there is that of the receipt. */
async function assertRecorded({ store }: Fixture, claims: ReceiptClaims): Promise<void> {
  const { audit } = claims
  assert.ok(audit)
  assert.match(audit.log, /\/log\/shop$/)
  const proof = audit.proof.map(fromBase64url)
  const { index, size } = audit
  assert.ok(
    await verifyInclusion({ index, size, leaf: fromBase64url(audit.leaf), proof }, fromBase64url(audit.root)),
  )
  const [bytes] = await store.readLogEntries(claims.aud, index, 1)
  assert.ok(bytes)
  assert.equal(toBase64url(leafHash(bytes, sha256)), audit.leaf)
  const entry = parseEntry(bytes)
  assert.deepEqual(
    [entry.receipt, entry.sessionId, entry.decision, entry.transcript],
    [claims.jti, claims.sid, claims.decision, claims.transcript],
  )
  const earlier = await store.readLogEntries(claims.aud, 0, size)
  const tree = earlier.reduce(
    (frontier, entry) => appendLeaf(frontier, leafHash(entry, sha256), sha256),
    EMPTY_FRONTIER,
  )
  assert.equal(toBase64url(rootOf(tree, sha256)), audit.root, 'the root is that of the log at that moment')
}

test('receipts of all outcomes are proved by the log of their tenant', async () => {
  await using fixture = await startFixture()
  const enrolment = await fixture.createSession({ purpose: 'enrolment', subject: 'anna', consent: CONSENT })
  await fixture.capture(enrolment, createPerson(fixture.clock))
  const passed = await fixture.createSession({ purpose: 'verification', subject: 'anna' })
  await fixture.capture(passed, createPerson(fixture.clock))
  const other = await fixture.createSession({ purpose: 'verification', subject: 'anna', maxAttempts: 1 })
  await fixture.capture(other, createPerson(fixture.clock, { person: 2 }))
  const places = new Set<number>()
  const decisions = new Set<string>()
  for (const { id } of [enrolment, passed, other]) {
    const claims = await claimsOf(fixture, id)
    await assertRecorded(fixture, claims)
    places.add(claims.audit?.index ?? -1)
    decisions.add(claims.decision)
  }
  assert.equal(places.size, 3)
  assert.deepEqual(decisions, new Set(['accept', 'reject']))
})

test('the log names nobody, and is whole after an erasure that leaves nothing to find them by', async () => {
  await using fixture = await startFixture()
  const enrolment = await fixture.createSession({
    purpose: 'enrolment',
    subject: 'anna@example.com',
    consent: CONSENT,
  })
  await fixture.capture(enrolment, createPerson(fixture.clock))
  const claims = await claimsOf(fixture, enrolment.id)
  assert.equal((await fixture.call('DELETE', '/v1/subjects/anna@example.com')).status, 200)
  await assertRecorded(fixture, claims)
  const { frontier } = await fixture.store.logHead('shop')
  const entries = await fixture.store.readLogEntries('shop', 0, frontier.size)
  const tree = entries.reduce(
    (tree, entry) => appendLeaf(tree, leafHash(entry, sha256), sha256),
    EMPTY_FRONTIER,
  )
  assert.deepEqual(rootOf(tree, sha256), rootOf(frontier, sha256))
  const mac = fixture.keys.mac('subject', ['shop', 'anna@example.com'])
  for (const bytes of entries) {
    const text = fromUtf8(bytes)
    assert.ok(!text.includes('anna') && !text.includes(mac), text)
    assert.ok(!text.includes(CONSENT.textSha256))
  }
})
