/** What the protocol reads from strangers. */
import {
  assertCompactJws,
  encodeRecord,
  fromBase64url,
  fromUtf8,
  IpseError,
  parseRecord,
  toBase64url,
  utf8,
} from '../src/index.ts'
import type { Parser } from './fuzz.ts'

const HEAD = 'A'.repeat(43)
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
]
