/** What the protocol reads from strangers. */
import {
  assertCompactJws,
  type Checkpoint,
  decodeBundle,
  encodeBundle,
  encodeEntry,
  encodeRecord,
  formatCheckpoint,
  formatNote,
  fromBase64url,
  fromUtf8,
  IpseError,
  type Note,
  noteText,
  parseCheckpoint,
  parseEntry,
  parseNote,
  parseRecord,
  parseTilePath,
  type Tile,
  tilePath,
  toBase64,
  toBase64url,
  utf8,
} from '../src/index.ts'
import type { Parser } from './fuzz.ts'

const HEAD = 'A'.repeat(43)
const BASE64 = toBase64(new Uint8Array(68).fill(5))
const CHECKPOINT = formatCheckpoint({
  origin: 'ipse.test/log/shop',
  size: 17,
  root: new Uint8Array(32).fill(7),
})
const isOurs = (error: unknown) => error instanceof IpseError
/** Bytes as text, one character each: whatever a decoder of UTF-8 would refuse gets through to the parser. */
const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')

export const PARSERS: readonly Parser[] = [
  {
    name: 'record',
    samples: [
      encodeRecord(
        'frame',
        { frame: 0, capturedUs: 1, step: 0, width: 640, height: 480 },
        HEAD,
        new Uint8Array(99),
      ),
      encodeRecord('seen', { step: 0, digest: HEAD, shownUs: 1 }, HEAD),
      encodeRecord('facts', { label: 'camera', settings: { width: 640 } }, HEAD),
    ],
    parse: (bytes) => parseRecord(new Uint8Array(bytes)),
    refuses: isOurs,
  },
  {
    name: 'base64url',
    samples: ['', 'AA', 'AAA', 'SXBzZQ', HEAD].map(utf8),
    parse: (bytes) => fromBase64url(latin1(bytes)),
    refuses: isOurs,
    holds: (input, read) => toBase64url(read as Uint8Array) === latin1(input),
  },
  {
    name: 'compact token',
    samples: [utf8(`${toBase64url(utf8('{"alg":"ES256"}'))}.${toBase64url(utf8('{"a":1}'))}.${HEAD}`)],
    parse: (bytes) => assertCompactJws(latin1(bytes)),
    refuses: isOurs,
    holds: (input) =>
      latin1(input)
        .split('.')
        .every((segment) => toBase64url(fromBase64url(segment)) === segment),
  },
  {
    name: 'UTF-8',
    samples: [utf8('Ipse: “in person”'), utf8('\u{10ffff}')],
    parse: fromUtf8,
    refuses: isOurs,
    holds: (input, read) => Buffer.from(utf8(read as string)).equals(input),
  },
  {
    name: 'signed note',
    samples: [`${CHECKPOINT}\n— ipse.test/log/shop ${BASE64}\n— w ${BASE64}\n`].map(utf8),
    parse: (bytes) => parseNote(noteText(bytes)),
    refuses: isOurs,
    holds: (input, read) => formatNote(read as Note) === Buffer.from(input).toString('utf8'),
  },
  {
    name: 'checkpoint',
    samples: [utf8(CHECKPOINT)],
    parse: (bytes) => parseCheckpoint(latin1(bytes)),
    refuses: isOurs,
    holds: (input, read) => formatCheckpoint(read as Checkpoint) === latin1(input),
  },
  {
    name: 'entry of the audit log',
    samples: [encodeEntry({ id: 'aud_1', time: 1, tenant: 'shop', event: 'x', reasons: ['a'] }, 7)],
    parse: parseEntry,
    refuses: isOurs,
    holds: (input, read) => JSON.stringify(read) === Buffer.from(input).toString('utf8'),
  },
  {
    name: 'path of a tile',
    samples: ['tile/entries/x001/067.p/17', 'tile/0/000'].map(utf8),
    parse: (bytes) => parseTilePath(latin1(bytes)),
    refuses: isOurs,
    holds: (input, read) => tilePath(read as Tile) === latin1(input),
  },
  {
    name: 'bundle of entries',
    samples: [encodeBundle([utf8('one'), utf8(''), utf8('three')])],
    parse: (bytes) => decodeBundle(bytes, 3),
    refuses: isOurs,
    holds: (input, read) => Buffer.from(encodeBundle(read as Uint8Array[])).equals(input),
  },
]
