import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  assertCompactJws,
  concat,
  encodeRecord,
  IpseError,
  parseRecord,
  RECORD_KINDS,
  u32,
  utf8,
} from '../src/index.ts'

const refused = (error: unknown) => error instanceof IpseError && error.code === 'invalid_request'

test('a record parses back to what was encoded', () => {
  fc.assert(
    fc.property(fc.nat(), fc.string(), fc.uint8Array(), (frame, previous, body) => {
      const header = { frame, capturedUs: 5, step: 0, width: 640, height: 480 }
      const parsed = parseRecord(encodeRecord('frame', header, previous, body))
      assert.equal(parsed.kind, 'frame')
      assert.deepEqual(parsed.header, header)
      assert.equal(parsed.previous, previous)
      assert.deepEqual([...parsed.body], [...body])
    }),
  )
})

test('arbitrary bytes are refused with a code and nothing else is thrown', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      try {
        parseRecord(bytes)
      } catch (error) {
        assert.ok(refused(error))
      }
    }),
    { numRuns: 5000 },
  )
})

const record = (json: string, kind = RECORD_KINDS.frame) =>
  concat(new Uint8Array([kind]), u32(utf8(json).length), utf8(json))
for (const [what, bytes] of Object.entries({
  'an empty record': new Uint8Array(0),
  'an unknown kind': record('{"previous":"","header":{}}', 9 as 2),
  'a header that is longer than the record': concat(new Uint8Array([2]), u32(999), utf8('{}')),
  'a header that is not JSON': record('{'),
  'a header that is an array': record('[]'),
  'a header without the chain': record('{"header":{}}'),
  'a header with a member too many': record('{"previous":"","header":{},"extra":1}'),
  'a header beyond the limit': record(JSON.stringify({ previous: '', header: 'x'.repeat(20_000) })),
})) {
  test(`refuses ${what}`, () => assert.throws(() => parseRecord(bytes), refused))
}

for (const token of [
  '',
  'a.b',
  'a.b.c.d',
  'YQ.YQ.',
  'YQ .YQ.YQ',
  'YQ==.YQ.YQ',
  'YR.YQ.YQ',
  ' YQ.YQ.YQ',
  'YQ.YQ.YQ\n',
  `${'YQ'.repeat(9000)}.YQ.YQ`,
]) {
  test(`a compact token must be canonical: refuses ${JSON.stringify(token.slice(0, 12))} (${token.length} characters)`, () => {
    assert.throws(
      () => assertCompactJws(token),
      (error) => error instanceof IpseError && error.code === 'session_token_invalid',
    )
  })
}

test('a canonical compact token is returned unchanged', () => {
  assert.equal(assertCompactJws('YQ.YQ.YQ'), 'YQ.YQ.YQ')
})
