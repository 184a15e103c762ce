/** The audit log held against its checkpoint as the console does it: every way to spoil the part that is read is seen. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import {
  appendLeaf,
  type Bytes,
  concat,
  createVerifier,
  EMPTY_FRONTIER,
  encodeBundle,
  encodeEntry,
  formatCheckpoint,
  formatNote,
  leafHash,
  parseTilePath,
  rootOf,
  signNote,
  TILE_WIDTH,
  toVerifierText,
} from '@ipse/protocol'
import { checkPart, entriesOf, type ReadPath, readPart } from '../src/log-check.ts'

const ORIGIN = 'ipse.test/log/shop'
const NOW = Date.parse('2026-11-21T12:00:00Z')
const sha = (bytes: Uint8Array): Bytes => new Uint8Array(createHash('sha256').update(bytes).digest())

const entry = (index: number, event = 'session.created') =>
  encodeEntry({ id: `aud_${index}`, time: NOW + index, tenant: 'shop', event }, index)

/** A log as the service serves it. */
function createLog(size: number) {
  const entries = Array.from({ length: size }, (_, index) => entry(index))
  const rows: Bytes[][] = [[], []]
  let frontier = EMPTY_FRONTIER
  for (const bytes of entries) {
    const leaf = leafHash(bytes, sha)
    frontier = appendLeaf(frontier, leaf, sha, (level, _index, hash) => {
      if (level === 8) rows[1]!.push(hash)
    })
  }
  const read: ReadPath = async (path) => {
    const { level, index, width } = parseTilePath(path)
    const first = index * TILE_WIDTH
    return level === 'entries'
      ? encodeBundle(entries.slice(first, first + width))
      : concat(...rows[level]!.slice(first, first + width))
  }
  return { entries, row: rows[1]!, read, root: rootOf(frontier, sha) }
}

const pair = await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])
const verifier = await createVerifier(
  ORIGIN,
  new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey)),
)

async function checkpoint(size: number, root: Bytes, origin = ORIGIN): Promise<string> {
  const text = formatCheckpoint({ origin, size, root })
  const sign = async (message: Uint8Array) =>
    new Uint8Array(await crypto.subtle.sign('Ed25519', pair.privateKey, new Uint8Array(message)))
  return formatNote(await signNote({ text, signatures: [] }, { verifier, sign }, NOW))
}

test('the newest entries agree with the checkpoint, however long the log is', async () => {
  for (const size of [1, 2, 3, 255, 256, 257, 700, 2047, 2048, 2049, 2600, 5000]) {
    const log = createLog(size)
    const part = await readPart(size, log.read)
    assert.equal(part.first + part.entries.length, size)
    assert.ok(part.entries.length <= 8 * TILE_WIDTH)
    const { covered } = await checkPart(part, await checkpoint(size, log.root), [verifier], log.read)
    assert.equal(covered, part.entries.length, String(size))
  }
})

test('entries that came after the checkpoint are left out of account, and counted so', async () => {
  const [signed, now] = [createLog(2600), createLog(2611)]
  const part = await readPart(2611, now.read)
  const { covered } = await checkPart(part, await checkpoint(2600, signed.root), [verifier], now.read)
  assert.equal(covered, part.entries.length - 11)
})

test('an entry that was changed, moved, left out or put in is seen, and an older one by its tile', async () => {
  const size = 2600
  const log = createLog(size)
  const note = await checkpoint(size, log.root)
  const part = await readPart(size, log.read)
  const spoiled = (change: (entries: Uint8Array[]) => void) => {
    const entries = [...part.entries]
    change(entries)
    return checkPart({ ...part, entries }, note, [verifier], log.read)
  }
  const refused = (message: RegExp) => ({ code: 'log_invalid', message })
  await assert.rejects(
    spoiled((entries) => {
      entries[5] = entry(part.first + 5, 'session.cancelled')
    }),
    refused(/root that was signed/),
  )
  await assert.rejects(
    spoiled((entries) => {
      ;[entries[5], entries[6]] = [entries[6]!, entries[5]!]
    }),
    refused(/says that it is/),
  )
  await assert.rejects(
    spoiled((entries) => entries.pop()),
    refused(/another part/),
  )
  await assert.rejects(
    spoiled((entries) => {
      entries[7] = new TextEncoder().encode(` ${new TextDecoder().decode(entries[7])}`)
    }),
    refused(/canonical/),
  )
  log.row[0] = sha(new Uint8Array())
  await assert.rejects(checkPart(part, note, [verifier], log.read), refused(/root that was signed/))
})

test('a checkpoint counts only with the signature of a key that is trusted', async () => {
  const log = createLog(40)
  const part = await readPart(40, log.read)
  const note = await checkpoint(40, log.root)
  const other = await createVerifier(ORIGIN, new Uint8Array(32).fill(7))
  await assert.rejects(checkPart(part, note, [other], log.read), { code: 'log_invalid' })
  await assert.rejects(checkPart(part, note.replace('\n40\n', '\n39\n'), [verifier], log.read), {
    code: 'log_invalid',
  })
  assert.match(toVerifierText(verifier), /^ipse\.test\/log\/shop\+/)
  assert.equal(entriesOf(part).length, 40)
})
