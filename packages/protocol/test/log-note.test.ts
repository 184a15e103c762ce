/** Signed notes, checkpoints, tiles and entries: others' examples are read, and nothing but the one form of each. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import {
  type Bytes,
  createVerifier,
  decodeBundle,
  decodeTile,
  encodeBundle,
  encodeEntry,
  formatCheckpoint,
  formatNote,
  IpseError,
  levelsOf,
  logOrigin,
  type Note,
  type NoteKeyType,
  type NoteSigner,
  openCheckpoint,
  parseCheckpoint,
  parseEntry,
  parseNote,
  parseTilePath,
  parseVerifier,
  runOf,
  signNote,
  tilePath,
  tilesOf,
  toVerifierText,
  utf8,
  verifyNote,
} from '../src/index.ts'

const invalid = (error: unknown) => error instanceof IpseError && error.code === 'log_invalid'
const ORIGIN = 'ipse.example/log/acme'
const ROOT = new Uint8Array(32).fill(7)
const NOW = 1_795_000_000_500

/** The example of Go's documentation of golang.org/x/mod/sumdb/note. */
const NEUMANN = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'
const SAYING = `If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
`

async function signer(name: string, type: NoteKeyType = 'note'): Promise<NoteSigner> {
  const pair = (await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as CryptoKeyPair
  const key = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey))
  return {
    verifier: await createVerifier(name, key, type),
    sign: async (message) =>
      new Uint8Array(await crypto.subtle.sign('Ed25519', pair.privateKey, message as Bytes)),
  }
}

const unsigned = (size = 17): Note => ({
  text: formatCheckpoint({ origin: ORIGIN, size, root: ROOT }),
  signatures: [],
})

suite('signed notes', () => {
  test("Go's example holds, and no letter of its text may change", async () => {
    const verifier = await parseVerifier(NEUMANN)
    assert.equal(toVerifierText(verifier), NEUMANN)
    const note = parseNote(SAYING)
    assert.equal(formatNote(note), SAYING)
    assert.equal((await verifyNote(note, [verifier])).length, 1)
    for (let at = 0; at < note.text.length; at++) {
      const text = `${note.text.slice(0, at)}~${note.text.slice(at + 1)}`
      await assert.rejects(verifyNote({ ...note, text }, [verifier]), invalid)
    }
  })

  test('the key of the Go checksum database is a key with the id that it says', async () => {
    const text = 'sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8'
    assert.equal(toVerifierText(await parseVerifier(text)), text)
    await assert.rejects(parseVerifier(text.replace('033de0ae', '033de0af')), invalid)
    await assert.rejects(parseVerifier(text.replace('sum.golang.org', 'sum.golang.com')), invalid)
    await assert.rejects(parseVerifier(`${text}=`), invalid)
  })

  test('a log and a witness sign the same text, each in their own way', async () => {
    const [log, witness, stranger] = [
      await signer(ORIGIN),
      await signer('witness.example', 'cosignature'),
      await signer('stranger'),
    ]
    let note = await signNote(unsigned(), log, NOW)
    for (const by of [witness, stranger]) note = await signNote(note, by, NOW)
    const opened = await openCheckpoint(formatNote(note), [log.verifier, witness.verifier])
    assert.equal(opened.size, 17)
    assert.deepEqual(opened.root, ROOT)
    assert.deepEqual(opened.cosignatures, [{ verifier: witness.verifier, time: 1_795_000_000 }])
    // A witness alone does not make a checkpoint, and the time of a cosignature is signed.
    await assert.rejects(openCheckpoint(formatNote(note), [witness.verifier]), invalid)
    const [own, seen] = note.signatures
    const later = { ...seen!, bytes: seen!.bytes.with(7, seen!.bytes[7]! + 1) }
    await assert.rejects(verifyNote({ ...note, signatures: [own!, later] }, [witness.verifier]), invalid)
  })

  test('a checkpoint signed under another name, or of another log, is refused', async () => {
    const other = await signer('ipse.example/log/other')
    const note = formatNote(await signNote(unsigned(), other, NOW))
    await assert.rejects(openCheckpoint(note, [other.verifier]), invalid)
  })

  test('one signature is one signature, however often it is repeated', async () => {
    const log = await signer(ORIGIN)
    const note = await signNote(unsigned(), log, NOW)
    const twice = { ...note, signatures: [...note.signatures, ...note.signatures] }
    assert.equal((await verifyNote(twice, [log.verifier])).length, 1)
  })

  test('no other spelling of a note is read', () => {
    const bad: Record<string, string> = {
      'without its last newline': SAYING.slice(0, -1),
      'with a line after it': `${SAYING}more\n`,
      'with a carriage return': SAYING.replace('\n', '\r\n'),
      'with a hyphen for the dash': SAYING.replace('—', '-'),
      'without padding': SAYING.replace('AM=', 'AM'),
      'with base64url': SAYING.replace('go/Z', 'go_Z'),
      'with two spaces': SAYING.replace('— ', '—  '),
      'with a plus in the name': SAYING.replace('PeterNeumann x', 'Peter+Neumann x'),
      'without signatures': SAYING.slice(0, SAYING.indexOf('—')),
      'without a text': SAYING.slice(SAYING.indexOf('—')),
      'with nothing but an id': 'text\n\n— name x08gow==\n',
    }
    for (const [how, text] of Object.entries(bad)) assert.throws(() => parseNote(text), invalid, how)
  })
})

suite('checkpoints', () => {
  test('are read as they are written, and in no other way', () => {
    const text = formatCheckpoint({ origin: ORIGIN, size: 2 ** 40, root: ROOT })
    assert.deepEqual(parseCheckpoint(text), { origin: ORIGIN, size: 2 ** 40, root: ROOT })
    const [origin, size, root] = text.split('\n') as [string, string, string]
    for (const lines of [
      [origin, `0${size}`, root, ''],
      [origin, `+${size}`, root, ''],
      [origin, `${size}.0`, root, ''],
      [origin, '9007199254740992', root, ''],
      [origin, '', root, ''],
      ['', size, root, ''],
      [origin, size, root.slice(4), ''],
      [origin, size, root.replace('=', ''), ''],
      [origin, size, root, 'more', ''],
      [origin, size, root],
    ])
      assert.throws(() => parseCheckpoint(lines.join('\n')), invalid, lines.join('|'))
  })

  test('name the log of a tenant by the public address', () => {
    assert.equal(logOrigin('https://ipse.example:8443/', 'acme'), 'ipse.example:8443/log/acme')
    assert.equal(logOrigin('https://example.com/ipse/', 'a b'), 'example.com/ipse/log/a%20b')
    assert.equal(logOrigin('https://ipse.example', ''), 'ipse.example/log')
  })
})

suite('tiles', () => {
  test('have the paths of C2SP tlog-tiles', () => {
    const path = 'tile/3/x001/x234/067'
    assert.deepEqual(parseTilePath(path), { level: 3, index: 1_234_067, width: 256 })
    assert.equal(tilePath({ level: 0, index: 0, width: 256 }), 'tile/0/000')
    assert.equal(tilePath({ level: 'entries', index: 999, width: 5 }), 'tile/entries/999.p/5')
    for (const other of [
      'tile/0/0',
      'tile/0/x000/001',
      'tile/0/001.p/0',
      'tile/0/001.p/256',
      'tile/9/000',
      'tile/0/001.p/05',
      '/tile/0/001',
      'tile/data/000',
      'tile/0/001/',
      'tile/0/../001',
      'tile/-1/000',
    ])
      assert.throws(() => parseTilePath(other), IpseError, other)
    fc.assert(
      fc.property(
        fc.oneof(fc.constant('entries' as const), fc.integer({ min: 0, max: 5 })),
        fc.integer({ min: 0, max: 10 ** 15 - 1 }),
        fc.integer({ min: 1, max: 256 }),
        (level, index, width) => {
          assert.deepEqual(parseTilePath(tilePath({ level, index, width })), { level, index, width })
        },
      ),
    )
  })

  test('cover a log of any size, the last one partly', () => {
    assert.deepEqual(levelsOf(0), [])
    assert.deepEqual(levelsOf(65_536), [0, 1, 2])
    assert.deepEqual([...tilesOf(0, 300)].map(tilePath), ['tile/0/000', 'tile/0/001.p/44'])
    assert.deepEqual([...tilesOf(1, 300)].map(tilePath), ['tile/1/000.p/1'])
    assert.deepEqual([...tilesOf('entries', 256)].map(tilePath), ['tile/entries/000'])
    assert.deepEqual(runOf({ level: 0, index: 700 }), { level: 0, first: 700, count: 1 })
    assert.deepEqual(runOf({ level: 9, index: 3 }), { level: 1, first: 6, count: 2 })
  })

  test('bundles give back their entries, and no shortened bundle does', () => {
    const entries = [utf8('one'), utf8(''), new Uint8Array(65_535).fill(1)]
    const bundle = encodeBundle(entries)
    assert.deepEqual(
      decodeBundle(bundle, 3).map((entry) => Uint8Array.from(entry)),
      entries,
    )
    for (const length of [0, 1, 4, 5, 6, 7, bundle.length - 1])
      assert.throws(() => decodeBundle(bundle.subarray(0, length), 3), invalid)
    assert.throws(() => decodeBundle(bundle, 2), invalid)
    assert.throws(() => encodeBundle([new Uint8Array(65_536)]), RangeError)
    assert.throws(() => decodeTile(new Uint8Array(33), 1), invalid)
    assert.equal(decodeTile(new Uint8Array(64), 2).length, 2)
  })
})

suite('entries', () => {
  const entry = { id: 'aud_1', time: 5, tenant: 'acme', event: 'session.created', reasons: ['b', 'a'] }
  const text = new TextDecoder().decode(encodeEntry(entry, 3))

  test('come back from their bytes, with their place', () => {
    assert.deepEqual(parseEntry(utf8(text)), { ...entry, v: 1, index: 3 })
  })

  test('have one spelling', () => {
    for (const other of [
      ` ${text}`,
      `${text}\n`,
      text.replace('"v":1', '"v":1.0'),
      text.replace('"v":1', '"v":2'),
      text.replace('acme', '\\u0061cme'),
      text.replace('"id"', '"index":3,"id"'),
      text.replace('{', '{"event":"x",'),
      text.replace('"id":"aud_1",', ''),
      text.replace('"tenant":"acme","time":5', '"time":5,"tenant":"acme"'),
      text.replace('["b","a"]', '{"b":1,"a":2}'),
      '[]',
      'null',
      '',
    ])
      assert.throws(() => parseEntry(utf8(other)), invalid, other)
    assert.throws(() => parseEntry(Uint8Array.of(0xff)), invalid)
  })
})
