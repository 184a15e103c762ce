/** Images in base64: one value, one text. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodeImage } from '../src/routes/images.ts'

function decoded(text: string): string | undefined {
  try {
    return Buffer.from(decodeImage(text)).toString('base64')
  } catch {
    return undefined
  }
}

/** What the rule says, without care for what it costs. */
function wanted(text: string): string | undefined {
  return Buffer.from(text, 'base64').toString('base64') === text ? text : undefined
}

test('what is canonical base64 is decoded, and nothing else', () => {
  const odd = [
    '',
    '=',
    '====',
    'A===',
    'AA=A',
    'AB==',
    'AAB=',
    'AA==AAAA',
    'AAA=\n',
    ' AAAA',
    'AA-_',
    'AAAA====',
  ]
  for (const text of odd) assert.equal(decoded(text), wanted(text), JSON.stringify(text))
  const letters = fc.constantFrom(...'ABZaz019+/-_= \n\0', 'é', 'ű', '😀')
  const near = fc
    .tuple(fc.uint8Array({ maxLength: 30 }), fc.nat(), letters, fc.nat(1))
    .map(([bytes, at, letter, gone]) => {
      const text = Buffer.from(bytes).toString('base64')
      const place = at % (text.length + 1)
      return text.slice(0, place) + letter + text.slice(place + gone)
    })
  const random = fc.array(letters, { maxLength: 12 }).map((some) => some.join(''))
  fc.assert(
    fc.property(fc.oneof(near, random), (text) => assert.equal(decoded(text), wanted(text))),
    { numRuns: 20_000 },
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      const text = Buffer.from(bytes).toString('base64')
      assert.equal(decoded(text), text)
    }),
  )
})

test('an image that is too large is told from one that is not base64', () => {
  assert.throws(() => decodeImage('A'.repeat(13_333_340)), { code: 'payload_too_large' })
  assert.throws(() => decodeImage('A'.repeat(13_333_339)), { code: 'image_unreadable' })
})
