/** Signing keys rotate with an overlap: nothing that is valid loses its key, and no key signs before it is known. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { acceptOffer, type ReceiptClaims, toBase64url, utf8 } from '@ipse/protocol'
import fc from 'fast-check'
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'
import {
  changeKeyring,
  createKeyring,
  createSigningEntry,
  type Keyring,
  loadKeyring,
  openKeys,
  parseKeyring,
  retireSigning,
  rotateSigning,
  serializeKeyring,
  signingStates,
  watchKeyring,
} from '../src/index.ts'
import { createDayKeys } from '../src/keys/day-keys.ts'
import { LEAST_LEAD_MS } from '../src/keys/rotation.ts'
import { isSealedKeyring, kdfOf, sealKeyring } from '../src/keys/sealed-keyring.ts'
import { signerAt } from '../src/keys/signing.ts'
import { LONGEST_RECEIPT_S } from '../src/settings.ts'
import { createPerson, startFixture, systemRandom } from './fixture.ts'

const bytes = (length: number) => systemRandom.bytes(length)
const MINUTE_MS = 60_000
const first = await createKeyring(bytes, 0)
const [spare, other] = [await createSigningEntry(bytes), await createSigningEntry(bytes)]
const kidsOf = ({ signing }: Keyring) => signing.map(({ kid }) => kid)
const signed = (iat: number) => ({ iat }) as ReceiptClaims
const kidOf = (token: string) => decodeProtectedHeader(token).kid

test('whenever keys rotate: a key is published for the lead before it signs, and while what it signed is valid', () => {
  const minutes = fc.integer({ min: 0, max: 3000 })
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.option(minutes), minutes), { maxLength: 12 }), (steps) => {
      let ring = first
      let now = 0
      const published = new Map<string, number>([[first.signing[0]?.kid ?? '', Number.NEGATIVE_INFINITY]])
      const receipts: { kid: string; exp: number }[] = []
      const look = () => {
        const kid = signerAt(ring.signing, now)?.kid ?? ''
        const since = published.get(kid) ?? Number.POSITIVE_INFINITY
        assert.ok(now - since >= LEAST_LEAD_MS, 'signs before it was published for the lead')
        receipts.push({ kid, exp: now + LONGEST_RECEIPT_S * 1000 })
        for (const receipt of receipts)
          assert.ok(
            receipt.exp < now || kidsOf(ring).includes(receipt.kid),
            'a valid receipt has lost its key',
          )
        assert.deepEqual(parseKeyring(serializeKeyring(ring)), ring)
      }
      for (const [number, [wait, lead]] of steps.entries()) {
        // The last moment before a key takes over, and the first after it, are in between.
        const takeOver = ring.signing[0]?.signsFrom ?? 0
        // Without a wait: until the last receipt of the key before is about to end.
        const lastEnd = Math.max(now, takeOver - 1 + LONGEST_RECEIPT_S * 1000)
        const end = wait === null ? lastEnd : now + wait * MINUTE_MS
        for (const moment of [takeOver - 1, takeOver])
          if (moment > now && moment <= end) {
            now = moment
            look()
          }
        now = end
        look()
        try {
          ring = rotateSigning(ring, { ...spare, kid: `k${number}` }, now, lead * MINUTE_MS)
          published.set(`k${number}`, now)
        } catch (error) {
          assert.equal((error as { code?: string }).code, 'invalid_request')
          assert.ok(lead * MINUTE_MS < LEAST_LEAD_MS || takeOver > now)
        }
        look()
      }
    }),
    { numRuns: 200 },
  )
})

test('keys that nobody needs leave at the next rotation, or at once when that is asked for', () => {
  const rotated = rotateSigning(first, spare, 0, LEAST_LEAD_MS)
  const statesAt = (now: number) => signingStates(rotated.signing, now).map(({ state }) => state)
  assert.deepEqual(statesAt(LEAST_LEAD_MS - 1), ['waiting', 'signing'])
  assert.deepEqual(statesAt(LEAST_LEAD_MS), ['signing', 'retired'])
  assert.deepEqual(retireSigning(rotated, LEAST_LEAD_MS - 1), rotated)
  assert.deepEqual(kidsOf(retireSigning(rotated, LEAST_LEAD_MS)), [spare.kid])
  const end = signingStates(rotated.signing, 0)[1]?.neededUntil ?? 0
  const again = (now: number) => kidsOf(rotateSigning(rotated, other, now, LEAST_LEAD_MS)).length
  assert.deepEqual([again(end - 1), again(end)], [3, 2])
})

test('a running service publishes, signs and verifies across a rotation, and refuses another keyring', async () => {
  const keys = await openKeys(first)
  await using fixture = await startFixture({ more: { keys } })
  const { clock } = fixture
  const seconds = () => Math.floor(clock.now() / 1000)
  const published = async () => {
    const reply = await fixture.app.inject({ url: '/.well-known/jwks.json' })
    return (reply.json() as { keys: { kid: string; d?: string }[] }).keys
  }
  const old = first.signing[0]?.kid
  const before = keys.identityAt(clock.now())
  const rotated = rotateSigning(first, spare, clock.now(), LEAST_LEAD_MS)
  await keys.take(rotated)
  assert.deepEqual(
    (await published()).map(({ kid, d }) => [kid, d]),
    [
      [spare.kid, undefined],
      [old, undefined],
    ],
  )
  assert.equal(kidOf(await keys.signReceipt(signed(seconds()))), old)
  clock.advance(LEAST_LEAD_MS)
  assert.equal(kidOf(await keys.signReceipt(signed(seconds()))), spare.kid)
  assert.equal(kidOf(await keys.signAccessToken({ iat: seconds() })), spare.kid)
  // A capture whose token is from before still finds its service.
  assert.notEqual(keys.identityAt(clock.now()), before)
  const capture = { sessionId: 'ses_1', challengeId: 'chl_1', jkt: 'thumb' }
  const offer = await createDayKeys(keys, clock).offer({ ...capture, kid: 'key_1' }, bytes(65), before)
  await acceptOffer(offer, capture, `e30.${toBase64url(utf8(JSON.stringify({ svc: before })))}.AA`, seconds())
  for (const foreign of [
    await createKeyring(bytes, 0),
    { ...rotated, captureToken: first.pepper },
    { ...rotated, signing: [] },
  ])
    await assert.rejects(keys.take(foreign), { code: 'settings_invalid' })
  assert.equal((await published()).length, 2)
})

test('a capture during which the keys change ends with a receipt of the new key, and its token stays good', async () => {
  const keys = await openKeys(first)
  await using fixture = await startFixture({ more: { keys } })
  const { clock } = fixture
  const session = await fixture.createSession({ purpose: 'liveness' })
  const before = keys.identityAt(clock.now())
  // Published long enough ago to begin in the middle of this capture.
  await keys.take(rotateSigning(first, spare, clock.now() + 1000 - LEAST_LEAD_MS, LEAST_LEAD_MS))
  assert.equal(keys.identityAt(clock.now()), before)
  const { outcome } = await fixture.capture(session, createPerson(clock))
  assert.equal(outcome?.outcome, 'pass')
  const { receipt = '' } = await fixture.readSession(session.id)
  assert.equal(kidOf(receipt), spare.kid)
  const options = { currentDate: new Date(clock.now()) }
  const { payload } = await jwtVerify(receipt, createLocalJWKSet({ keys: [...keys.jwks().keys] }), options)
  assert.equal(payload.sid, session.id)
})

test('a rotated file is taken, a bad one is reported and changes nothing, and a closed one stays closed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ipse-rotation-'))
  const path = join(folder, 'keyring.json')
  const given = 'correct horse battery staple'
  try {
    writeFileSync(path, await sealKeyring(first, given, bytes, 'pbkdf2'), { mode: 0o600 })
    const keys = await openKeys(first)
    const told: string[] = []
    const report = { taken: () => told.push('taken'), refused: () => told.push('refused') }
    const watch = watchKeyring(path, () => loadKeyring(path, { given }), keys, report)
    const rotate = (ring: Keyring) => rotateSigning(ring, spare, 0, LEAST_LEAD_MS)
    const rotated = await changeKeyring(path, { given }, rotate, bytes)
    assert.deepEqual([isSealedKeyring(readFileSync(path)), kdfOf(readFileSync(path))], [true, 'pbkdf2'])
    await watch.reload()
    await assert.rejects(changeKeyring(path, { given }, rotate, bytes), { code: 'invalid_request' })
    assert.deepEqual(await loadKeyring(path, { given }), rotated)
    writeFileSync(path, '{}')
    await watch.reload()
    watch.close()
    assert.deepEqual(told, ['taken', 'refused'])
    assert.equal(keys.jwks().keys.length, 2)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('keyrings whose signing keys do not hold together are refused', () => {
  const rotated = rotateSigning(first, spare, 0, LEAST_LEAD_MS)
  const [newer, older] = rotated.signing
  for (const spoiled of [
    { ...rotated, format: 'ipse-keyring/1' },
    { ...rotated, format: 'ipse-keyring/4' },
    { ...rotated, log: undefined },
    { ...rotated, log: [] },
    { ...rotated, log: [{ publicKey: first.log[0]?.publicKey }] },
    { ...rotated, log: [{ ...first.log[0], publicKey: 'A'.repeat(43) }] },
    { ...rotated, log: [...first.log, ...first.log] },
    { ...rotated, signing: [older, newer] },
    { ...rotated, signing: [newer, newer] },
    { ...rotated, signing: [newer, { ...older, signsFrom: LEAST_LEAD_MS }] },
    { ...rotated, signing: [{ ...newer, signsFrom: '1' }, older] },
    { ...rotated, signing: [{ ...newer, signsFrom: -1 }] },
    { ...rotated, signing: [{ ...newer, kid: '../key' }, older] },
    { ...rotated, signing: [null] },
  ])
    assert.throws(() => parseKeyring(utf8(JSON.stringify(spoiled))), { code: 'settings_invalid' })
})
