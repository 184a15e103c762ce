/** Keys of the audit log: derived alike everywhere, rotated without losing what the old one signed. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { formatNote, parseNote, signNote, utf8, verifyNote } from '@ipse/protocol'
import { createKeyring, openKeys, parseKeyring, serializeKeyring } from '../src/index.ts'
import { createLogKeyEntry } from '../src/keys/log-keys.ts'
import { LEAST_LEAD_MS, rotateLog } from '../src/keys/rotation.ts'

const ORIGIN = 'ipse.test/log/shop'
const bytes = (length: number) => new Uint8Array(randomBytes(length))
const first = await createKeyring(bytes, 0)
const note = { text: 'ipse.test/log/shop\n0\n\n', signatures: [] }

test('a keyring from before the log has a key that every copy of it comes to', async () => {
  const { log: _, ...before } = { ...first, format: 'ipse-keyring/1' }
  const [one, other] = [before, before].map((file) => parseKeyring(utf8(JSON.stringify(file))))
  assert.deepEqual(one, other)
  assert.equal(one?.format, 'ipse-keyring/3')
  assert.equal(one?.log.length, 1)
  assert.notEqual(one?.log[0]?.publicKey, first.log[0]?.publicKey)
  assert.deepEqual(parseKeyring(serializeKeyring(one!)), one)
})

test('a rotated key signs from its time on, and what the old one signed holds for ever', async () => {
  const rotated = rotateLog(first, createLogKeyEntry(bytes), 0, LEAST_LEAD_MS)
  const keys = await openKeys(first)
  const signed = await signNote(note, await keys.logSigner(ORIGIN, 0), 0)
  await keys.take(parseKeyring(serializeKeyring(rotated)))
  const [newer, older] = await keys.logVerifiers(ORIGIN)
  const signer = async (now: number) => (await keys.logSigner(ORIGIN, now)).verifier.publicKey
  assert.deepEqual(await signer(LEAST_LEAD_MS - 1), older?.publicKey)
  assert.deepEqual(await signer(LEAST_LEAD_MS), newer?.publicKey)
  assert.throws(() => rotateLog(rotated, createLogKeyEntry(bytes), 1, LEAST_LEAD_MS), {
    code: 'invalid_request',
  })
  assert.throws(() => rotateLog(first, createLogKeyEntry(bytes), 1, LEAST_LEAD_MS - 1), {
    code: 'invalid_request',
  })

  const again = rotateLog(rotated, createLogKeyEntry(bytes), LEAST_LEAD_MS * 2, LEAST_LEAD_MS)
  assert.deepEqual(
    again.log.map(({ seed }) => seed !== undefined),
    [true, true, false],
    'the private half of a key that no longer signs is gone',
  )
  const later = await openKeys(parseKeyring(serializeKeyring(again)))
  const verifiers = await later.logVerifiers(ORIGIN)
  assert.equal((await verifyNote(parseNote(formatNote(signed)), verifiers)).length, 1)
})
