/** What a receipt says of the audit log, bent in every member; and a log that no longer holds it. */
import assert from 'node:assert/strict'
import { createHash, type webcrypto } from 'node:crypto'
import { suite, test } from 'node:test'
import {
  type AuditClaim,
  appendLeaf,
  type Bytes,
  consistencyMembers,
  createVerifier,
  EMPTY_FRONTIER,
  type Frontier,
  foldRight,
  formatCheckpoint,
  formatNote,
  leafHash,
  type NoteSigner,
  nextLeafProof,
  rootOf,
  signNote,
  subtreesOf,
  toBase64url,
  toVerifierText,
  utf8,
} from '@ipse/protocol'
import { verifyAudit, verifyReceipt } from '../src/index.ts'
import { CLAIMS, HEADER, ISSUER, NOW, publicKey, SESSION, sign } from './receipts.ts'

const LOG = 'ipse.example/log/shop'
const sha256 = (bytes: Uint8Array): Bytes => new Uint8Array(createHash('sha256').update(bytes).digest())

const treeOf = (entries: readonly string[]): Frontier =>
  entries.reduce((tree, entry) => appendLeaf(tree, leafHash(utf8(entry), sha256), sha256), EMPTY_FRONTIER)
const ENTRIES = Array.from({ length: 11 }, (_, at) => `entry ${at}`)

/** As the service claims when entry 6 is appended. */
const before = treeOf(ENTRIES.slice(0, 6))
const after = treeOf(ENTRIES.slice(0, 7))
const CLAIM: AuditClaim = {
  log: LOG,
  index: 6,
  size: 7,
  root: toBase64url(rootOf(after, sha256)),
  leaf: toBase64url(leafHash(utf8('entry 6'), sha256)),
  proof: nextLeafProof(before).map(toBase64url),
}
const OTHER = toBase64url(new Uint8Array(32).fill(1))

const verify = async (audit: unknown, requireAudit = false) =>
  verifyReceipt(await sign(HEADER, audit === undefined ? CLAIMS : { ...CLAIMS, audit }), {
    keys: { keys: [publicKey] },
    issuer: ISSUER,
    expectedSession: SESSION,
    expectedPurpose: 'verification',
    now: NOW,
    requireAudit,
  })
const refused = { code: 'receipt_invalid' }

suite('the place in the audit log that a receipt names', () => {
  test('is proved by the receipt itself', async () => {
    const { accepted, claims } = await verify(CLAIM, true)
    assert.ok(accepted)
    assert.deepEqual(claims.audit, CLAIM)
  })

  test('may be absent, unless it is asked for', async () => {
    assert.ok((await verify(undefined)).accepted)
    await assert.rejects(verify(undefined, true), refused)
  })

  const bent: Record<string, Partial<Record<keyof AuditClaim, unknown>>> = {
    'another place': { index: 5 },
    'a place beyond the end': { index: 7 },
    'another size': { size: 8 },
    'another root': { root: OTHER },
    'another leaf': { leaf: OTHER },
    'a hash too few': { proof: CLAIM.proof.slice(1) },
    'a hash too many': { proof: [...CLAIM.proof, OTHER] },
    'another hash': { proof: [OTHER, ...CLAIM.proof.slice(1)] },
    'a hash that is none': { proof: ['x'] },
    'no log': { log: '' },
    'a member more': { more: 1 } as never,
    'a size that is no number': { size: '7' },
  }
  for (const [how, change] of Object.entries(bent))
    test(`is refused with ${how}`, () => assert.rejects(verify({ ...CLAIM, ...change }), refused))
})

async function signer(name: string, type: 'note' | 'cosignature' = 'note'): Promise<NoteSigner> {
  const pair = await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])
  const { privateKey, publicKey } = pair as webcrypto.CryptoKeyPair
  const raw = new Uint8Array(await crypto.subtle.exportKey('raw', publicKey))
  return {
    verifier: await createVerifier(name, raw, type),
    sign: async (message) =>
      new Uint8Array(await crypto.subtle.sign('Ed25519', privateKey, message as Bytes)),
  }
}
const log = await signer(LOG)
const logKeys = [toVerifierText(log.verifier)]

/** A later checkpoint over these entries, and the proof that it begins with the first seven of them. */
async function later(entries: readonly string[], by = log) {
  const tree = treeOf(entries)
  const text = formatCheckpoint({ origin: by.verifier.name, size: tree.size, root: rootOf(tree, sha256) })
  const leaves = entries.map((entry) => leafHash(utf8(entry), sha256))
  const hashOf = (from: number, to: number) => rootOf(treeOf(entries.slice(from, to)), sha256)
  const members = tree.size > 7 ? consistencyMembers(7, tree.size) : []
  assert.ok(leaves.length === tree.size && subtreesOf(0, 7).length === 3)
  const consistency = members.map((member) => {
    const hashes = member.map(({ level, index }) => hashOf(index * 2 ** level, (index + 1) * 2 ** level))
    return toBase64url(foldRight(hashes, sha256) as Bytes)
  })
  const note = await signNote({ text, signatures: [] }, by, 0)
  return { checkpoint: formatNote(note), note, consistency, logKeys }
}
const convicted = { code: 'log_invalid' }

suite('a later log', () => {
  test('still holds what the receipt proved', async () => {
    assert.equal((await verifyAudit(CLAIM, await later(ENTRIES))).size, 11)
    assert.equal((await verifyAudit(CLAIM, await later(ENTRIES.slice(0, 7)))).size, 7)
  })

  test('is convicted when an entry before the receipt was changed, dropped or moved', async () => {
    for (const entries of [
      ENTRIES.with(2, 'another'),
      ENTRIES.with(6, 'another'),
      ENTRIES.toSpliced(3, 1),
      ENTRIES.with(0, ENTRIES[1] as string).with(1, ENTRIES[0] as string),
      ENTRIES.slice(0, 7).with(6, 'another'),
    ])
      await assert.rejects(async () => verifyAudit(CLAIM, await later(entries)), convicted)
  })

  test('is no proof when it is shorter, of another log, or signed by somebody else', async () => {
    const whole = await later(ENTRIES)
    await assert.rejects(verifyAudit({ ...CLAIM, size: 12, index: 11 }, whole), convicted)
    await assert.rejects(verifyAudit({ ...CLAIM, log: 'ipse.example/log/other' }, whole), convicted)
    const stranger = await signer(LOG)
    await assert.rejects(async () => verifyAudit(CLAIM, await later(ENTRIES, stranger)), convicted)
    await assert.rejects(verifyAudit(CLAIM, { ...whole, consistency: [] }), convicted)
  })

  test('needs as many witnesses as are asked for, each counted once', async () => {
    const whole = await later(ENTRIES)
    await assert.rejects(verifyAudit(CLAIM, { ...whole, witnesses: 1 }), convicted)
    const witness = await signer('witness.example', 'cosignature')
    const once = await signNote(whole.note, witness, 1_795_000_000_000)
    const keys = [...logKeys, toVerifierText(witness.verifier)]
    const cosigned = { ...whole, checkpoint: formatNote(once), logKeys: keys }
    assert.equal((await verifyAudit(CLAIM, { ...cosigned, witnesses: 1 })).cosignatures.length, 1)
    const twice = formatNote(await signNote(once, witness, 1_795_000_009_000))
    await assert.rejects(verifyAudit(CLAIM, { ...cosigned, checkpoint: twice, witnesses: 2 }), convicted)
  })
})
