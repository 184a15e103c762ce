/** Every way to spoil a log, and what `ipse audit verify` says of it. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import {
  appendLeaf,
  EMPTY_FRONTIER,
  encodeEntry,
  fromUtf8,
  type Json,
  leafHash,
  parseEntry,
  parseNote,
  rootOf,
  toBase64url,
  utf8,
} from '@ipse/protocol'
import { sha256 } from '@ipse/server'
import { readAnchors } from '../src/audit/anchors.ts'
import { LOG_PROBLEMS } from '../src/audit/problems.ts'
import type { KeptReceipt } from '../src/audit/receipt.ts'
import { splitNotes } from '../src/audit/source.ts'
import { type VerifyOptions, verifyLog } from '../src/audit/verify.ts'
import { anEntry, newSigner, type OpenLog, ORIGIN, openLog } from './audit-log.ts'

const verify = (log: OpenLog, options: Partial<VerifyOptions> = {}) => verifyLog(log, { sha256, ...options })
const signer = await newSigner()
const SIZES = [3, 40, 300, 600]
const fresh = () => openLog(SIZES, signer)

/** The kinds that the tests below have met: in the end, all. */
const met = new Set<string>()
async function kindsOf(log: OpenLog, options: Partial<VerifyOptions> = {}) {
  const report = await verify(log, options)
  const kinds = report.problems.map(({ kind }) => kind)
  for (const kind of kinds) met.add(kind)
  assert.equal(report.ok, kinds.length === 0)
  return { ...report, kinds }
}

/** Puts another entry at a place, in its form or any other, and leaves the tiles alone. */
function replace(log: OpenLog, index: number, change: (text: string) => string): void {
  log.entries[index] = utf8(change(fromUtf8(log.entries[index] as Uint8Array)))
}

suite('a log that nobody touched', () => {
  test('verifies, at any size, with every checkpoint on the way', async () => {
    for (const sizes of [[1], [2, 3], [255, 256], [256, 257], SIZES]) {
      const { ok, size, checkpoints, firstBad, problems } = await verify(await openLog(sizes, signer))
      assert.deepEqual(
        [ok, size, checkpoints, firstBad, problems],
        [true, sizes.at(-1), sizes.length, undefined, []],
      )
    }
  })

  test('an empty log with its checkpoint is a log', async () => {
    assert.ok((await verify(await openLog([0], signer))).ok)
  })

  test('says whose keys were believed', async () => {
    const log = await fresh()
    assert.equal((await verify(log)).keysFrom, 'log')
    assert.equal((await verify(log, { keys: log.keyTexts })).keysFrom, 'given')
  })
})

suite('an entry that was changed is named', () => {
  const whole = { ...anEntry(0), v: 1, index: 0 }
  for (const member of Object.keys(whole)) {
    test(`in its member ${member}`, async () => {
      for (const index of [0, 299, 300, 599]) {
        const log = await fresh()
        replace(log, index, (text) => {
          const entry = JSON.parse(text) as Record<string, Json>
          const before = entry[member]
          entry[member] =
            typeof before === 'number'
              ? before + 1
              : Array.isArray(before)
                ? before.toReversed()
                : `${before}x`
          return JSON.stringify(entry)
        })
        const { firstBad, firstBadUpTo, kinds } = await kindsOf(log)
        assert.equal(firstBad, index)
        assert.equal(firstBadUpTo, undefined)
        assert.deepEqual(kinds, [member === 'index' ? 'moved' : 'changed'])
      }
    })
  }

  test('by a member that was taken out, or added', async () => {
    for (const change of [
      (text: string) => text.replace('"decision":"reject",', ''),
      (text: string) => text.replace('"decision"', '"approved":true,"decision"'),
      (text: string) => text.replace('"reject"', '"accept"'),
      () => '',
      () => '{}',
    ]) {
      const log = await fresh()
      replace(log, 77, change)
      const { firstBad, kinds } = await kindsOf(log)
      assert.equal(firstBad, 77)
      assert.deepEqual(kinds, ['changed'])
    }
  })

  test('the first of several is the first', async () => {
    const log = await fresh()
    for (const index of [500, 42, 300]) replace(log, index, (text) => text.replace('shop', 'shoq'))
    const { firstBad, problems } = await kindsOf(log)
    assert.equal(firstBad, 42)
    assert.deepEqual(
      problems.map(({ index }) => index),
      [42, 300, 500],
      'the tiles tell all of them',
    )
  })

  test('with its tile made to fit: then the checkpoints around it tell, and the tile above', async () => {
    const log = await openLog([3, 40, 1000], signer)
    replace(log, 30, (text) => text.replace('reject', 'accept'))
    log.rows[0]![30] = leafHash(log.entries[30] as Uint8Array, sha256)
    const small = await kindsOf(log)
    assert.deepEqual([small.firstBad, small.firstBadUpTo, small.kinds], [3, 39, ['root']])

    const other = await openLog([3, 40, 1000], signer)
    replace(other, 700, (text) => text.replace('reject', 'accept'))
    other.rows[0]![700] = leafHash(other.entries[700] as Uint8Array, sha256)
    const large = await kindsOf(other)
    assert.deepEqual([large.firstBad, large.firstBadUpTo], [512, 767])
  })
})

suite('entries that were moved, doubled or dropped', () => {
  test('two that changed places', async () => {
    const log = await fresh()
    const [a, b] = [log.entries[10] as Uint8Array, log.entries[20] as Uint8Array]
    ;[log.entries[10], log.entries[20]] = [b, a]
    const { firstBad, kinds, problems } = await kindsOf(log)
    assert.equal(firstBad, 10)
    assert.deepEqual(kinds, ['moved', 'moved'])
    assert.match(problems[0]?.what ?? '', /entry 10 says that it is entry 20/)
  })

  test('two that changed places and were told their new ones', async () => {
    const log = await fresh()
    log.entries[10] = encodeEntry(anEntry(20), 10)
    log.entries[20] = encodeEntry(anEntry(10), 20)
    const { firstBad, kinds } = await kindsOf(log)
    assert.deepEqual([firstBad, kinds], [10, ['changed', 'changed']])
  })

  test('one that was cut out, and one that was slipped in', async () => {
    const cut = await fresh()
    cut.entries.splice(123, 1)
    const { firstBad, kinds } = await kindsOf(cut)
    assert.equal(firstBad, 123)
    assert.equal(kinds[0], 'moved')
    const slipped = await fresh()
    slipped.entries.splice(123, 0, encodeEntry(anEntry(9999), 123))
    assert.equal((await kindsOf(slipped)).firstBad, 123)
  })

  test('a log that was cut off is shorter than its checkpoint', async () => {
    const log = await fresh()
    log.entries.length = 400
    const { firstBad, kinds } = await kindsOf(log)
    assert.equal(firstBad, 256, 'the bundle with what is missing')
    assert.ok(kinds.includes('missing'))
  })

  test('a bundle that is damaged is as good as none', async () => {
    const log = await fresh()
    const { tile } = log
    const spoiled = {
      ...log,
      tile: async (asked: Parameters<typeof tile>[0]) =>
        asked.level === 'entries' && asked.index === 1 ? Uint8Array.of(0, 9, 1) : tile(asked),
    }
    assert.equal((await kindsOf(spoiled)).firstBad, 256)
  })
})

suite('a log that was cut off together with its checkpoints', () => {
  test('is whole by itself, and caught by a checkpoint that was shipped', async () => {
    const shipped = (await fresh()).notes
    const log = await openLog([3, 40], signer)
    assert.ok((await verify(log)).ok)
    const given = shipped.map((note) => ({ note, from: 'shipped.txt' }))
    const { firstBad, kinds, problems } = await kindsOf(log, { notes: given })
    assert.equal(firstBad, 40)
    assert.deepEqual(kinds, ['missing', 'missing'])
    assert.equal(problems[0]?.evidence?.length, 2)
  })

  test('is caught by what was remembered', async () => {
    const log = await openLog([3, 40], signer)
    const { anchors } = await readAnchors(
      [{ note: (await fresh()).notes[2] ?? '', from: 'memory' }],
      [signer.verifier],
      undefined,
    )
    const { kinds, firstBad } = await kindsOf(log, { remembered: anchors[0]! })
    assert.deepEqual([kinds, firstBad], [['rolled-back'], 40])
  })
})

suite('a log with two faces', () => {
  const forked = () =>
    openLog(SIZES, signer, (index) => encodeEntry(anEntry(index < 50 ? index : index + 1), index))

  test('is convicted by two checkpoints of one size', async () => {
    const [one, other] = [await fresh(), await forked()]
    const { kinds, problems } = await kindsOf(one, {
      notes: other.notes.map((note) => ({ note, from: 'somebody else' })),
    })
    assert.deepEqual(kinds, ['forked', 'forked'])
    assert.deepEqual(problems[0]?.evidence, [one.notes[2], other.notes[2]])
  })

  test('is convicted by a checkpoint of a size that it never signed itself', async () => {
    const other = await openLog([450], signer, (index) => encodeEntry(anEntry(index + 1), index))
    const { kinds, firstBad, firstBadUpTo } = await kindsOf(await fresh(), {
      notes: [{ note: other.notes[0] ?? '', from: 'somebody else' }],
    })
    assert.deepEqual([kinds, firstBad, firstBadUpTo], [['root'], 300, 449])
  })

  test('is not what was remembered', async () => {
    const { anchors } = await readAnchors(
      [{ note: (await forked()).notes[2] ?? '', from: 'memory' }],
      [signer.verifier],
      undefined,
    )
    assert.deepEqual((await kindsOf(await fresh(), { remembered: anchors[0]! })).kinds, ['forked', 'root'])
  })
})

suite('signatures', () => {
  test('of another key are none', async () => {
    const log = await fresh()
    const stranger = await newSigner()
    const { toVerifierText } = await import('@ipse/protocol')
    const { kinds, checkpoints } = await kindsOf(log, { keys: [toVerifierText(stranger.verifier)] })
    assert.ok(kinds.every((kind) => kind === 'signature'))
    assert.equal(checkpoints, 0)
  })

  test('do not hold for a checkpoint in which a letter was changed', async () => {
    for (const change of [
      (note: string) => note.replace('\n600\n', '\n599\n'),
      (note: string) => note.replace('ipse.test', 'ipse.best'),
      (note: string) => note.slice(0, -3) + (note.endsWith('A==\n') ? 'B=\n' : 'A=\n'),
      (note: string) => note.replace('— ', '- '),
      () => 'nothing\n',
    ]) {
      const log = await fresh()
      log.notes[3] = change(log.notes[3] ?? '')
      assert.ok((await kindsOf(log)).kinds.includes('signature'))
    }
  })

  test('without a checkpoint nothing is proved', async () => {
    const log = await fresh()
    log.notes.length = 0
    const { ok, kinds } = await kindsOf(log, { size: 600 })
    assert.deepEqual([ok, kinds], [false, ['signature']])
  })
})

suite('tiles and forms', () => {
  test('a wrong tile over right entries is said to be the tile', async () => {
    const log = await fresh()
    log.rows[0]![5] = new Uint8Array(32)
    const leaf = await kindsOf(log)
    assert.deepEqual([leaf.kinds, leaf.firstBad], [['tile'], undefined])
    const above = await fresh()
    above.rows[1]![1] = new Uint8Array(32)
    assert.deepEqual((await kindsOf(above)).kinds, ['tile'])
  })

  test('an entry that was signed in another form is not canonical', async () => {
    const log = await openLog([50], signer, (index) => {
      const entry = encodeEntry(anEntry(index), index)
      return index === 7 ? utf8(` ${fromUtf8(entry)}`) : entry
    })
    const { kinds, firstBad } = await kindsOf(log)
    assert.deepEqual([kinds, firstBad], [['not-canonical'], 7])
  })

  test('a log that was signed with an entry in the wrong place says so', async () => {
    const log = await openLog([50], signer, (index) => encodeEntry(anEntry(index), index === 7 ? 8 : index))
    assert.deepEqual((await kindsOf(log)).kinds, ['moved'])
  })
})

suite('a receipt that was kept', () => {
  const receiptFor = async (log: OpenLog, index: number, change: Partial<KeptReceipt['claims']> = {}) => {
    const entry = parseEntry(log.entries[index] as Uint8Array)
    const tree = log.entries
      .slice(0, index + 1)
      .reduce((frontier, entry) => appendLeaf(frontier, leafHash(entry, sha256), sha256), EMPTY_FRONTIER)
    const root = rootOf(tree, sha256)
    const leaf = toBase64url(leafHash(log.entries[index] as Uint8Array, sha256))
    const audit = { log: ORIGIN, index, size: index + 1, root: toBase64url(root), leaf, proof: [] }
    const claims = {
      jti: entry.receipt as string,
      sid: entry.sessionId as string,
      decision: 'reject' as const,
    }
    const anchor = { origin: ORIGIN, size: index + 1, root, from: 'a receipt', cosignatures: 0 }
    return { claims: { ...claims, audit, ...change }, anchor }
  }

  test('is held against the log that it was signed of', async () => {
    const log = await fresh()
    assert.deepEqual((await kindsOf(log, { receipts: [await receiptFor(log, 123)] })).kinds, [])
  })

  test('convicts a log in which something before it was changed, all hashes and signatures anew', async () => {
    const receipt = await receiptFor(await fresh(), 123)
    const forged = await openLog(SIZES, signer, (index) =>
      encodeEntry(anEntry(index === 50 ? 51 : index), index),
    )
    assert.ok((await verify(forged)).ok)
    assert.ok((await kindsOf(forged, { receipts: [receipt] })).kinds.includes('root'))
  })

  test('is of another decision than the entry at its place, or of a place that is not there', async () => {
    const log = await fresh()
    const other = await receiptFor(log, 123, { jti: 'rcp_other' })
    assert.deepEqual((await kindsOf(log, { receipts: [other] })).kinds, ['receipt'])
    const late = await receiptFor(await openLog([700], signer), 650)
    assert.ok((await kindsOf(log, { receipts: [late] })).kinds.includes('receipt'))
  })
})

test('notes that were shipped to one file are read one by one', async () => {
  const { notes } = await fresh()
  const file = notes.map((note) => `${note}\n`).join('')
  assert.deepEqual(splitNotes(file), notes)
  for (const note of splitNotes(file)) parseNote(note)
})

test('every kind of problem was met', () => {
  assert.deepEqual([...met].toSorted(), Object.keys(LOG_PROBLEMS).toSorted())
})
