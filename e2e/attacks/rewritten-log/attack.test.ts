/** Somebody with the database and the keyring makes a rejection an acceptance, and the log fits. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { verifyAudit, verifyReceipt } from '@ipse/client'
import {
  type AuditClaim,
  type Decision,
  fromBase64url,
  logOrigin,
  newId,
  type ReceiptClaims,
  toBase64url,
  toVerifierText,
  verifyInclusion,
} from '@ipse/protocol'
import {
  auditClaim,
  createAuditor,
  createKeyring,
  type Keys,
  openKeys,
  openSqliteStore,
  proveConsistency,
  type Store,
  signCheckpoints,
} from '@ipse/server'

const ISSUER = 'https://ipse.test'
const TENANT = 'shop'
const LOG = logOrigin(ISSUER, TENANT)
const NOW = Date.parse('2026-11-21T12:00:00Z')
const bytes = (length: number) => new Uint8Array(randomBytes(length))
const clock = { now: () => NOW, monotonicMs: () => 0 }
const SESSION = newId('session', bytes)
const DIGEST = toBase64url(bytes(32))

/** Everything before the decision, the decision with its receipt, and what came after. @returns the receipt */
async function live(store: Store, keys: Keys, decision: Decision): Promise<string> {
  const auditor = createAuditor({ clock, random: { bytes }, keys })
  const others = async (count: number) => {
    for (let done = 0; done < count; done++) await store.appendAudit(auditor.entry('session.created', TENANT))
  }
  await others(20)
  const jti = newId('receipt', bytes)
  const entry = auditor.entry('capture.decided', TENANT, { sessionId: SESSION, decision, receipt: jti })
  const place = await store.appendAudit(entry)
  await others(30)
  const iat = NOW / 1000
  const claims: ReceiptClaims = {
    iss: ISSUER,
    aud: TENANT,
    iat,
    exp: iat + 600,
    jti,
    sid: SESSION,
    purpose: 'liveness',
    decision,
    reasons: decision === 'accept' ? [] : ['challenge_not_answered'],
    assurance: 'none',
    attempt: 1,
    policy: { name: 'standard', version: 1, digest: DIGEST },
    models: [],
    challenge: { version: 'challenge/1', digest: DIGEST },
    evidence: [],
    device: { jkt: DIGEST, virtualCamera: false },
    audit: auditClaim(LOG, place),
  }
  return keys.signReceipt(claims)
}

async function claimOf(receipt: string, keys: Keys): Promise<AuditClaim> {
  const { claims } = await verifyReceipt(receipt, {
    keys: keys.jwks(),
    issuer: ISSUER,
    expectedSession: SESSION,
    expectedPurpose: 'liveness',
    now: new Date(NOW),
    requireAudit: true,
  })
  assert.ok(claims.audit)
  return claims.audit
}

/** What the service answers when it is asked to prove that the receipt's log is the beginning of its log. */
async function later(store: Store, keys: Keys, claim: AuditClaim) {
  await signCheckpoints({ store, keys, clock, publicUrl: ISSUER })
  const checkpoint = await store.lastCheckpoint(TENANT)
  assert.ok(checkpoint)
  return {
    checkpoint: checkpoint.note,
    consistency: (await proveConsistency(store, TENANT, claim.size, checkpoint.size)).map(toBase64url),
    logKeys: (await keys.logVerifiers(LOG)).map(toVerifierText),
  }
}

test('a rejection that became an acceptance is convicted by the receipt of the rejection', async () => {
  const keys = await openKeys(await createKeyring(bytes, NOW))
  const store = await openSqliteStore(':memory:')
  const forged = await openSqliteStore(':memory:')
  try {
    const kept = await live(store, keys, 'reject')
    const claim = await claimOf(kept, keys)
    assert.equal((await verifyAudit(claim, await later(store, keys, claim))).size, 51)

    // The same history with one word in it changed, everything else as the service itself would have written and signed it.
    const other = await live(forged, keys, 'accept')
    const otherClaim = await claimOf(other, keys)
    const forgedLog = await later(forged, keys, otherClaim)
    await verifyAudit(otherClaim, forgedLog)

    await assert.rejects(verifyAudit(claim, await later(forged, keys, claim)), { code: 'log_invalid' })
    assert.equal(otherClaim.index, claim.index)
    assert.notEqual(otherClaim.root, claim.root, 'two signed roots of one log at one size')
    const { index, size, proof } = otherClaim
    const moved = { index, size, leaf: fromBase64url(claim.leaf), proof: proof.map(fromBase64url) }
    assert.ok(!(await verifyInclusion(moved, fromBase64url(otherClaim.root))))
  } finally {
    await store.close()
    await forged.close()
  }
})
