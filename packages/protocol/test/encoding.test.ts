import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  canonicalJson,
  equalBytes,
  fromBase64url,
  fromUtf8,
  IpseError,
  type Json,
  toBase64url,
} from '../src/index.ts'

const refused = (error: unknown) => error instanceof IpseError && error.code === 'invalid_request'

test('base64url round-trips and agrees with Node', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const text = toBase64url(bytes)
      assert.equal(text, Buffer.from(bytes).toString('base64url'))
      assert.deepEqual([...fromBase64url(text)], [...bytes])
    }),
  )
})

test('base64url has one encoding only: whatever is accepted encodes back to itself', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), (text) => {
      try {
        assert.equal(toBase64url(fromBase64url(text)), text)
      } catch (error) {
        assert.ok(refused(error))
      }
    }),
  )
})

for (const [text, what] of [
  ['QQ==', 'padding'],
  ['Q Q', 'a space'],
  ['QR', 'stray bits'],
  ['A', 'an impossible length'],
  ['+/', 'the other alphabet'],
  ['Q\nQ', 'a line break'],
] as const) {
  test(`base64url refuses ${what}`, () => assert.throws(() => fromBase64url(text), refused))
}

test('canonical JSON is the same for any order of members and parses back', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const shuffled = Object.fromEntries(Object.entries(value).reverse())
      assert.equal(canonicalJson(value as Json), canonicalJson(shuffled as Json))
      assert.deepEqual(JSON.parse(canonicalJson(value as Json)), JSON.parse(JSON.stringify(value)))
    }),
  )
})

test('canonical JSON sorts by UTF-16 code units, as RFC 8785 asks', () => {
  assert.equal(
    canonicalJson({ '\u20ac': 1, '\r': 2, '1': 3, '\ud83d\ude00': 4, '\ufb33': 5 }),
    '{"\\r":2,"1":3,"\u20ac":1,"\ud83d\ude00":4,"\ufb33":5}',
  )
})

test('canonical JSON refuses numbers that JSON does not have', () => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY])
    assert.throws(() => canonicalJson({ value }), TypeError)
})

test('text that is not UTF-8 is refused', () => {
  assert.throws(() => fromUtf8(new Uint8Array([0xff])), refused)
})

test('equalBytes tells equal from different, in length too', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array(), (a, b) => {
      assert.equal(equalBytes(a, b), Buffer.compare(a, b) === 0)
      assert.ok(equalBytes(a, Uint8Array.from(a)))
    }),
  )
})
