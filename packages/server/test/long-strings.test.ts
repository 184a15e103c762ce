/** Bodies with long strings are read as JSON reads them, whatever else is in them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { parseAroundLongStrings } from '../src/http/long-strings.ts'

const IMAGE = 'QUJD'.repeat(30_000)
const WORDS = JSON.stringify('word '.repeat(20_000))

const TEXTS: Readonly<Record<string, string>> = {
  'no string at all': '[1,2,{}]',
  'short ones': '{"a":"b","c":["",""]}',
  'a long one': `{"image":"${IMAGE}"}`,
  'two, and others between them': ` { "a" : "${IMAGE}" , "b" : [ "${IMAGE}", 1, "x" ], "c": "y" } `,
  'the same by another name': `{"a":{"image":"${IMAGE}"},"image":"${IMAGE}B"}`,
  'a long name': `{"${IMAGE}":1,"b":2}`,
  'nothing but a long one': `"${IMAGE}"`,
  'one that reads like a stand-in': `{"a":"\\u00000","image":"${IMAGE}"}`,
  'a name that reads like a stand-in': `{"\\u00000":1,"image":"${IMAGE}"}`,
  'escaped quotes': `{"a":"\\"","image":"${IMAGE}","b":"\\\\"}`,
  'an escaped quote behind much': `{"image":"${IMAGE}\\"","b":"${IMAGE}\\\\"}`,
  'letters beyond ASCII': `{"image":"${'ű'.repeat(70_000)}","b":"😀"}`,
  'many short ones beside it': `{"image":"${IMAGE}","b":[${'"b",'.repeat(30_000)}1]}`,
  'a prototype by name': `{"__proto__":{"a":"${IMAGE}"},"b":"${IMAGE}"}`,
  'a long one with spaces': `{"a":${WORDS}}`,
}

for (const [what, text] of Object.entries(TEXTS))
  test(`${what}: as JSON.parse gives it`, () => {
    const read = parseAroundLongStrings(text)
    // Equal in words that fit on a screen.
    assert.ok(isDeepStrictEqual(read, JSON.parse(text)))
    assert.ok(JSON.stringify(read) === JSON.stringify(JSON.parse(text)))
  })

test('what is not JSON is not read', () => {
  for (const text of [
    `{"image":"${IMAGE}"`,
    `{"image":"${IMAGE}`,
    `{"image":"${IMAGE}"}"`,
    `{"image":"${IMAGE}""b"}`,
    `{image:"${IMAGE}"}`,
    `"${IMAGE}" "${IMAGE}"`,
    `{"image":"${IMAGE}","b":"\n"}`,
    IMAGE,
    ' '.repeat(100_000),
  ])
    assert.throws(() => parseAroundLongStrings(text), SyntaxError, text.slice(-20))
})

test('in a long string alone control characters are passed on', () => {
  const read = parseAroundLongStrings(`{"image":"${IMAGE}\n"}`)
  assert.ok(isDeepStrictEqual(read, { image: `${IMAGE}\n` }))
})
