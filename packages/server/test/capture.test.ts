/** Whole captures over a real WebSocket, with a scripted person in front of it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RECEIPT_TYPE, type ReceiptClaims } from '@ipse/protocol'
import { createLocalJWKSet, jwtVerify } from 'jose'
import { CONSENT, createPerson, type Fixture, PUBLIC_URL, startFixture } from './fixture.ts'

async function verifiedReceipt(fixture: Fixture, receipt: string | undefined): Promise<ReceiptClaims> {
  const jwks = (await fixture.call('GET', '/.well-known/jwks.json')).body
  const { payload } = await jwtVerify(receipt ?? '', createLocalJWKSet(jwks), {
    algorithms: ['ES256'],
    typ: RECEIPT_TYPE,
    issuer: PUBLIC_URL,
    audience: 'shop',
    currentDate: new Date(fixture.clock.now()),
  })
  return payload as unknown as ReceiptClaims
}

test('a person who enrols and then signs in passes twice, and the receipts verify', async () => {
  await using fixture = await startFixture()
  const enrolment = await fixture.createSession({ purpose: 'enrolment', subject: 'anna', consent: CONSENT })
  const first = await fixture.capture(enrolment, createPerson(fixture.clock))
  const enrolled = await fixture.readSession(enrolment.id)
  assert.deepEqual(enrolled.reasons, [], JSON.stringify(enrolled.evidence))
  assert.equal(first.outcome?.outcome, 'pass')
  assert.equal(first.closeCode, 1000)
  assert.equal(enrolled.state, 'passed')

  const session = await fixture.createSession({ purpose: 'verification', subject: 'anna' })
  const second = await fixture.capture(session, createPerson(fixture.clock))
  assert.equal(second.outcome?.outcome, 'pass')
  const verified = await fixture.readSession(session.id)
  const claims = await verifiedReceipt(fixture, verified.receipt)
  assert.equal(claims.sid, session.id)
  assert.equal(claims.decision, 'accept')
  assert.equal(claims.assurance, 'active-geometry')
  assert.equal(claims.sub, 'anna')
  assert.equal(claims.match?.fmr, 0.001)
  assert.equal(claims.device.virtualCamera, false)
  assert.match(claims.transcript ?? '', /^[\w-]{43}$/)
  assert.equal(verified.attempts[0]?.asked.length, 3)
})
